//! Use cases: one function, one transaction, one decision who may.

use bisenzio_access::audit;
use bisenzio_kernel::{Actor, ActorKind, Env, FieldError, Permission, Problem, Tenant};
use bisenzio_store::Tx;

use crate::import::{self, ImportError, Report, rebuild};
use crate::placing::Ground;
use crate::store::places::{self, Placement};
use crate::store::worksites;

pub const VIEW_ROOM: Permission = Permission("roadworks.view-room");
pub const PLACE: Permission = Permission("roadworks.place");
pub const IMPORT: Permission = Permission("roadworks.import");

/// Most links one place may be made of.
const MAX_LINKS: usize = 500;

/// What an import call brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Ordinances,
    Notices,
}

/// Imports records for somebody.
///
/// # Errors
/// 401 or 403; line and field of what is wrong.
pub fn import(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &Tenant,
    actor: &Actor,
    ground: &Ground,
    source: Source,
    text: &str,
) -> Result<Report, ImportError> {
    actor.require(IMPORT)?;
    let (name, report) = match source {
        Source::Ordinances => ("ordinances", import::ordinances(tx, env, tenant, ground, text)?),
        Source::Notices => ("notices", import::notices(tx, env, tenant, ground, text)?),
    };
    let detail = format!(
        "{} added, {} changed, {} unchanged",
        report.added, report.changed, report.unchanged
    );
    audit::record(tx, env, actor, "roadworks.import", name, &detail)?;
    Ok(report)
}

/// Puts a place of a worksite on the links an officer chose. Returns the placement.
///
/// # Errors
/// 401 or 403, 404 for an unknown place, 422 when no link of the network is named.
#[allow(clippy::too_many_arguments, reason = "who, where and what of one decision")]
pub fn place_by_hand(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &Tenant,
    actor: &Actor,
    ground: &Ground,
    code: &str,
    seq: usize,
    links: &[String],
) -> Result<Placement, Problem> {
    actor.require(PLACE)?;
    let (_, work) = worksites::one(tx, &tenant.id, code)?.ok_or_else(|| unknown(code))?;
    let place = work.places.get(seq).ok_or_else(|| unknown(code))?;
    let wrong = |detail: &str| {
        Problem::invalid(vec![FieldError {
            field: "links".into(),
            detail: detail.into(),
        }])
    };
    if links.len() > MAX_LINKS {
        return Err(wrong("at most 500 stretches can be chosen"));
    }
    let Some(spot) = ground.by_hand(links) else {
        return Err(wrong("choose at least one stretch of the street network"));
    };
    let placement = Placement {
        id: env.ulid(),
        place: place.key(),
        links: spot.links,
        placed_by: author(actor),
        placed_at: env.now(),
        undone: None,
    };
    places::add_placement(tx, &tenant.id, code, &placement)?;
    let detail = format!(
        "{}: {}",
        place.label().unwrap_or_default(),
        spot.streets.join(", ")
    );
    audit::record(
        tx,
        env,
        actor,
        "roadworks.place",
        &format!("worksite/{code}"),
        &detail,
    )?;
    rebuild(tx, env, tenant, ground)?;
    Ok(placement)
}

/// Takes the last placement of a place back; the one before it, or the automatic one, holds again.
///
/// # Errors
/// 401 or 403, 404 when there is nothing to take back.
pub fn undo_placement(
    tx: &mut Tx<'_>,
    env: &Env,
    tenant: &Tenant,
    actor: &Actor,
    ground: &Ground,
    code: &str,
    seq: usize,
) -> Result<(), Problem> {
    actor.require(PLACE)?;
    let (_, work) = worksites::one(tx, &tenant.id, code)?.ok_or_else(|| unknown(code))?;
    let place = work.places.get(seq).ok_or_else(|| unknown(code))?;
    let last = places::placements(tx, &tenant.id, code)?
        .into_iter()
        .map(|(_, p)| p)
        .rfind(|p| p.place == place.key() && p.undone.is_none())
        .ok_or_else(|| Problem::not_found("There is no placement to take back"))?;
    places::undo_placement(tx, &tenant.id, &last.id, &author(actor), env.now())?;
    let detail = place.label().unwrap_or_default();
    audit::record(
        tx,
        env,
        actor,
        "roadworks.place-undo",
        &format!("worksite/{code}"),
        &detail,
    )?;
    rebuild(tx, env, tenant, ground)?;
    Ok(())
}

/// Who decided, as colleagues know them; the audit log keeps the user name.
fn author(actor: &Actor) -> String {
    match &actor.kind {
        ActorKind::Person { name, .. } if !name.trim().is_empty() => name.clone(),
        _ => actor.label(),
    }
}

fn unknown(code: &str) -> Problem {
    Problem::not_found(format!("There is no such place in worksite {code}"))
}
