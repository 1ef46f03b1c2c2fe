//! Which sources a request concerns, and what each of them gets.

use std::sync::Arc;

use bisenzio_kernel::{Problem, TenantId};
use bisenzio_ngsi_ld::registration::{
    Asked, AttributeSet, Claim, Mode, Operation, Registration, Share, split,
};
use bisenzio_ngsi_ld::{DateTime, Entity, NgsiError, Uri};
use bisenzio_store::Tx;
use bisenzio_web::Ctx;

use super::MAX_SOURCES;
use super::hop::{Hop, loop_detected};
use crate::GraphError;
use crate::api::problem;
use crate::registrations::{self, Known};

/// A request that other brokers have a part in.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(super) sources: Vec<Source>,
    /// Attributes that this broker holds itself.
    pub(super) local: AttributeSet,
    /// The entities in question are held elsewhere altogether (redirected), whatever their attributes.
    pub(super) is_elsewhere: bool,
}

/// One source's part in a request.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(super) registration: Arc<Registration>,
    /// What it is asked to do, of what would do.
    pub(super) operation: Operation,
    pub(super) share: Share,
    /// Attributes that are its business.
    pub(super) attributes: AttributeSet,
    /// It alone holds them and may not be asked.
    pub(super) is_refused: bool,
}

impl Source {
    /// The source adds to what others have, and no more (auxiliary).
    pub(super) fn fills_gaps(&self) -> bool {
        self.registration.mode == Mode::Auxiliary
    }
}

/// What somebody wants to do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Intent<'a> {
    /// Any of these operations would do, the best first.
    pub(super) operations: &'a [Operation],
    pub(super) is_writing: bool,
}

impl Intent<'static> {
    pub(super) const fn read(operations: &'static [Operation]) -> Self {
        Self {
            operations,
            is_writing: false,
        }
    }
}

/// The city's registrations, when a request may go to others at all.
///
/// # Errors
/// 508 when the request has come through this broker already.
pub(super) fn relevant(
    tx: &mut Tx<'_>,
    tenant: &TenantId,
    hop: &Hop,
) -> Result<Option<Arc<Known>>, GraphError> {
    if hop.is_local {
        return Ok(None);
    }
    let known = registrations::known(tx, tenant)?;
    let alias = known.as_ref().and_then(|known| known.alias.as_deref());
    match alias.is_some_and(|alias| hop.came_through(alias)) {
        true => Err(loop_detected().into()),
        false => Ok(known),
    }
}

/// The same, in a transaction of its own.
///
/// # Errors
/// As [`relevant`].
pub(super) async fn look(ctx: &Ctx, hop: &Hop) -> Result<Option<Arc<Known>>, Problem> {
    if hop.is_local {
        return Ok(None);
    }
    let (store, tenant) = (ctx.store(), ctx.tenant_id());
    let moment = registrations::moment(store);
    if moment.is_some_and(|now| registrations::has_none(store, tenant, now)) {
        return Ok(None);
    }
    let known = {
        let (tenant, hop) = (tenant.clone(), hop.clone());
        store.read(move |tx| relevant(tx, &tenant, &hop)).await?
    };
    if let (None, Some(then)) = (&known, moment) {
        registrations::note_none(store, tenant, then);
    }
    Ok(known)
}

/// How this broker calls itself on behalf of the city.
pub(super) async fn alias(ctx: &Ctx, known: &Known) -> Result<String, Problem> {
    match &known.alias {
        Some(alias) => Ok(alias.clone()),
        None => own_alias(ctx).await,
    }
}

pub(crate) async fn own_alias(ctx: &Ctx) -> Result<String, Problem> {
    let (env, tenant) = (ctx.app.env.clone(), ctx.tenant_id().clone());
    let alias = ctx
        .store()
        .write(move |tx| registrations::alias(tx, &env, &tenant))
        .await?;
    Ok(alias)
}

/// Who has a part in a request; `None` when nobody but this broker has.
///
/// # Errors
/// 403 for a request that concerns too many sources.
pub(super) fn plan(
    hop: &Hop,
    known: &Known,
    asked: &Asked<'_>,
    intent: Intent<'_>,
    now: DateTime,
) -> Result<Option<Plan>, Problem> {
    let (claims, candidates) = claims(known, hop, asked, intent, now);
    if claims.is_empty() {
        return Ok(None);
    }
    let is_elsewhere = is_elsewhere(&claims, asked);
    let split = split(&claims, intent.is_writing);
    if split.parts.is_empty() && split.local.is_all() {
        return Ok(None);
    }
    if split.parts.len() > MAX_SOURCES {
        let detail = format!("the request concerns more than {MAX_SOURCES} context sources: narrow it");
        return Err(problem(NgsiError::too_complex(detail)));
    }
    let sources = split
        .parts
        .into_iter()
        .map(|part| {
            let (registration, share, operation) = &candidates[part.claim];
            Source {
                registration: registration.clone(),
                operation: operation.unwrap_or(intent.operations[0]),
                share: share.clone(),
                attributes: part.attributes,
                is_refused: part.is_refused,
            }
        })
        .collect();
    Ok(Some(Plan {
        sources,
        local: split.local,
        is_elsewhere,
    }))
}

type Candidate = (Arc<Registration>, Share, Option<Operation>);

fn claims(
    known: &Known,
    hop: &Hop,
    asked: &Asked<'_>,
    intent: Intent<'_>,
    now: DateTime,
) -> (Vec<Claim>, Vec<Candidate>) {
    let (mut claims, mut candidates) = (Vec::new(), Vec::new());
    for registration in &known.registrations {
        let came_from_there = registration
            .alias
            .as_deref()
            .is_some_and(|alias| hop.came_through(alias));
        if registration.is_expired(now) || !registration.is_current() || came_from_there {
            continue;
        }
        let Some(share) = registration.share(asked) else {
            continue;
        };
        let operation = registration.operations.first_of(intent.operations);
        claims.push(Claim {
            mode: registration.mode,
            attributes: share.attributes.clone(),
            is_supported: operation.is_some(),
            is_whole: share.is_whole,
        });
        candidates.push((registration.clone(), share, operation));
    }
    (claims, candidates)
}

/// What of one entity is held where, as far as reading goes: the attributes that this broker has of its own, and
/// those of each registration by its identifier.
pub(super) struct Whereabouts {
    pub(super) local: AttributeSet,
    pub(super) is_elsewhere: bool,
    sources: Vec<(Uri, AttributeSet)>,
}

impl Whereabouts {
    pub(super) fn of(entity: &Entity, known: &Known, hop: &Hop, intent: Intent<'_>, now: DateTime) -> Self {
        let ids = [entity.id.clone()];
        let asked = Asked {
            ids: Some(&ids),
            types: Some(entity.types.iter().map(String::as_str).collect()),
            ..Asked::default()
        };
        let (claims, candidates) = claims(known, hop, &asked, intent, now);
        let split = split(&claims, false);
        Self {
            local: split.local,
            is_elsewhere: is_elsewhere(&claims, &asked),
            sources: split
                .parts
                .into_iter()
                .map(|part| (candidates[part.claim].0.id.clone(), part.attributes))
                .collect(),
        }
    }

    /// What counts of a source's answer; `None` when it has no business with the entity.
    pub(super) fn of_source(&self, registration: &Uri) -> Option<&AttributeSet> {
        self.sources
            .iter()
            .find(|(id, _)| id == registration)
            .map(|(_, set)| set)
    }
}

fn is_elsewhere(claims: &[Claim], asked: &Asked<'_>) -> bool {
    claims
        .iter()
        .any(|claim| claim.mode == Mode::Redirect && claim.attributes == asked.attributes)
}
