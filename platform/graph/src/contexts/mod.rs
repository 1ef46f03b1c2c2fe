//! The @contexts that a city's clients use (clauses 4.4, 5.5.7, 5.13): documents hosted here, documents fetched
//! from elsewhere and kept, and what they come to once resolved.
//!
//! A client sends the same @context with every request, so the resolved form is remembered by the value given;
//! documents behind it are remembered by address, in memory and, across restarts, in the store. A remote
//! document that has grown old is fetched again, and used on when its server does not answer.

mod fetch;
mod memory;

use std::collections::HashMap;
use std::sync::Arc;

use bisenzio_kernel::{Env, Tenant, TenantId};
use bisenzio_ngsi_ld::context::{is_core_context_url, missing_documents};
use bisenzio_ngsi_ld::uri::is_absolute_uri;
use bisenzio_ngsi_ld::{Context, ErrorKind, NgsiError};
use bisenzio_outbound::Outbound;
use bisenzio_store::Store;
use bisenzio_web::Ctx;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::GraphError;
use crate::store::contexts::{self as rows, Kind, Stored};
pub(crate) use memory::Usage;
use memory::{Memory, Remembered, Resolved};

/// Where contexts are hosted.
pub(crate) const PATH: &str = "/ngsi-ld/v1/jsonldContexts";
/// Remote documents behind one @context, nested ones included.
const MAX_DOCUMENTS: usize = 16;
/// Contexts that a city hosts because somebody put them there.
pub(crate) const MAX_HOSTED: i64 = 1_000;
/// Remote documents kept for a city; the oldest go first.
const MAX_CACHED: i64 = 500;
/// Contexts created implicitly, those that stay included; the oldest go first.
const MAX_IMPLICIT: i64 = 10_000;
/// Of them those kept for who asked a question with an inline @context.
const MAX_PASSING: i64 = 500;
/// Microseconds for which such a context can be looked up.
const PASSING: i64 = 24 * 3_600 * 1_000_000;

/// How long an implicitly created context is hosted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// A day: the answer of a query refers to it.
    Passing,
    /// Until it is deleted: something stored (a subscription) refers to it.
    Always,
}

/// The @contexts of one city, as one caller sees them. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Contexts {
    store: Store,
    env: Env,
    tenant: Arc<Tenant>,
    /// Without one (a test, a command) remote documents are not available.
    outbound: Option<Outbound>,
    /// Scheme and host under which the caller reaches this city.
    base_url: String,
    memory: Arc<Memory>,
}

impl Contexts {
    pub(crate) fn of(ctx: &Ctx) -> Self {
        Self::new(
            ctx.store().clone(),
            ctx.app.env.clone(),
            ctx.tenant.clone(),
            ctx.app.services.get::<Outbound>().cloned(),
            ctx.base_url.clone(),
        )
    }

    pub(crate) fn new(
        store: Store,
        env: Env,
        tenant: Arc<Tenant>,
        outbound: Option<Outbound>,
        base_url: String,
    ) -> Self {
        let memory = store.memory::<Memory>();
        Self {
            store,
            env,
            tenant,
            outbound,
            base_url,
            memory,
        }
    }

    fn tenant_id(&self) -> &TenantId {
        &self.tenant.id
    }

    /// Resolves an `@context` value, fetching what it refers to.
    ///
    /// # Errors
    /// `BadRequestData` for a value that is no @context, `LdContextNotAvailable` for a document that cannot be
    /// had or used.
    pub(crate) async fn resolve(&self, given: &Value) -> Result<Context, GraphError> {
        if given.as_str().is_some_and(is_core_context_url) {
            return Ok(Context::core());
        }
        let text = match given {
            Value::String(url) => url.clone(),
            other => other.to_string(),
        };
        let key = (self.tenant_id().clone(), text);
        if let Some(known) = self.memory.resolved.get(&key).await {
            known.note(self.env.now());
            return Ok(known.context);
        }
        let documents = self.documents(given).await?;
        let uses: Vec<_> = documents.keys().map(|url| self.usage(url)).collect();
        let resolved = Resolved {
            context: Context::resolve(given, &documents)?,
            uses: uses.into(),
        };
        resolved.note(self.env.now());
        self.memory.resolved.insert(key, resolved.clone()).await;
        Ok(resolved.context)
    }

    /// Every document that the value leads to, by address. Stops at one that cannot be an address: resolving
    /// then says so.
    async fn documents(&self, given: &Value) -> Result<HashMap<String, Arc<Value>>, GraphError> {
        let mut documents = HashMap::new();
        loop {
            let missing = missing_documents(given, &documents);
            if missing.is_empty() || missing.iter().any(|url| !is_absolute_uri(url)) {
                return Ok(documents);
            }
            if documents.len() + missing.len() > MAX_DOCUMENTS {
                let detail = format!("the @context leads to more than {MAX_DOCUMENTS} documents");
                return Err(NgsiError::new(ErrorKind::LdContextNotAvailable, detail).into());
            }
            for url in missing {
                let document = self.document(&url).await?;
                documents.insert(url, document);
            }
        }
    }

    /// One document, from memory, the store or its server; many who want it at once wait for one fetch.
    async fn document(&self, url: &str) -> Result<Arc<Value>, GraphError> {
        let key = (self.tenant_id().clone(), url.to_owned());
        let remembered = self.memory.documents.try_get_with(key, self.look_up(url)).await;
        match remembered {
            Ok(Remembered::Document { body, .. }) => Ok(body),
            Ok(Remembered::Missing(error)) => Err(error.into()),
            Err(error) => Err(match &*error {
                GraphError::Ngsi(error) => error.clone().into(),
                error => {
                    tracing::error!(%error, "an @context could not be looked up");
                    NgsiError::new(ErrorKind::InternalError, "the @context could not be looked up").into()
                }
            }),
        }
    }

    async fn look_up(&self, url: &str) -> Result<Remembered, GraphError> {
        let hosted = self.local_id(url);
        let id = hosted.clone().unwrap_or_else(|| digest(url));
        let stored = self.load(&id).await?;
        if hosted.is_some() {
            return Ok(match stored {
                Some(stored) => Remembered::document(&stored.body),
                None => Remembered::Missing(unavailable(url, "no such context is hosted here")),
            });
        }
        let fresh = |s: &Stored| s.expires_at.is_some_and(|at| at > self.env.now());
        match stored {
            Some(stored) if fresh(&stored) => Ok(Remembered::document(&stored.body)),
            stored => match (self.fetch(url).await?, stored) {
                (Ok(text), _) => Ok(Remembered::document(&text)),
                // Better old than none: what was written with it must stay readable.
                (Err(error), Some(old)) => {
                    tracing::warn!(url, error = error.detail, "an old copy of an @context is used on");
                    Ok(Remembered::document(&old.body))
                }
                (Err(error), None) => Ok(Remembered::Missing(error)),
            },
        }
    }

    /// Fetches a document and keeps it; the inner result says why it cannot be had.
    async fn fetch(&self, url: &str) -> Result<Result<String, NgsiError>, GraphError> {
        let Some(outbound) = &self.outbound else {
            return Ok(Err(unavailable(url, "remote contexts are not fetched here")));
        };
        let fetched = {
            let _place = self.memory.fetches.acquire().await;
            fetch::fetch(outbound, url).await
        };
        let fetched = match fetched {
            Ok(fetched) => fetched,
            Err(error) => return Ok(Err(error)),
        };
        let now = self.env.now();
        let row = Stored {
            id: digest(url),
            kind: Kind::Cached,
            url: Some(url.to_owned()),
            body: fetched.text.clone(),
            created_at: now,
            expires_at: Some(now.saturating_add(fetched.life)),
        };
        let tenant = self.tenant_id().clone();
        self.store
            .write(move |tx| {
                rows::save(tx, &tenant, &row)?;
                rows::keep_newest(tx, &tenant, Kind::Cached, MAX_CACHED)
            })
            .await
            .map_err(GraphError::Store)?;
        Ok(Ok(fetched.text))
    }

    /// The address of a context for a `Link` header or a `jsonldContext` member: its own where it has one;
    /// otherwise it is hosted here from now on, the same context always under the same address.
    pub(crate) async fn address(&self, context: &Context, keep: Keep) -> Result<String, GraphError> {
        if let Some(url) = context.link_url() {
            return Ok(url.to_owned());
        }
        let body = json!({ "@context": context.to_json() }).to_string();
        let now = self.env.now();
        let row = Stored {
            id: digest(&body),
            kind: Kind::ImplicitlyCreated,
            url: None,
            body,
            created_at: now,
            expires_at: (keep == Keep::Passing).then(|| now.saturating_add(PASSING)),
        };
        let id = row.id.clone();
        // Asked a thousand times with the same @context, it is written once.
        if self
            .load(&id)
            .await?
            .is_none_or(|known| known.expires_at.is_some())
        {
            let tenant = self.tenant_id().clone();
            self.store
                .write(move |tx| {
                    rows::save(tx, &tenant, &row)?;
                    rows::remove_passed(tx, &tenant, now, MAX_PASSING)?;
                    rows::keep_newest(tx, &tenant, Kind::ImplicitlyCreated, MAX_IMPLICIT)
                })
                .await
                .map_err(GraphError::Store)?;
        }
        Ok(self.hosted_url(&id))
    }

    /// Fetches a cached document anew, whatever its age.
    ///
    /// # Errors
    /// `LdContextNotAvailable`: the old copy stays.
    pub(crate) async fn reload(&self, url: &str) -> Result<(), GraphError> {
        self.fetch(url).await?.map_err(GraphError::Ngsi)?;
        self.forget(url).await;
        Ok(())
    }

    /// Drops what is remembered of an address and of everything resolved with it.
    pub(crate) async fn forget(&self, url: &str) {
        let key = (self.tenant_id().clone(), url.to_owned());
        self.memory.documents.invalidate(&key).await;
        self.memory.resolved.invalidate_all();
    }

    /// Drops all that is remembered of an address, how often it was used too: it is deleted.
    pub(crate) async fn forget_wholly(&self, url: &str) {
        self.forget(url).await;
        self.memory
            .uses
            .invalidate(&(self.tenant_id().clone(), url.to_owned()));
    }

    /// How often the document at an address has been used since this process began.
    pub(crate) fn usage(&self, url: &str) -> Arc<Usage> {
        let key = (self.tenant_id().clone(), url.to_owned());
        self.memory.uses.get_with(key, Arc::default)
    }

    pub(crate) async fn load(&self, id: &str) -> Result<Option<Stored>, GraphError> {
        let (tenant, id) = (self.tenant_id().clone(), id.to_owned());
        self.store
            .read(move |tx| rows::load(tx, &tenant, &id))
            .await
            .map_err(GraphError::Store)
    }

    /// Under which address a stored context is known.
    pub(crate) fn url_of(&self, stored: &Stored) -> String {
        stored.url.clone().unwrap_or_else(|| self.hosted_url(&stored.id))
    }

    pub(crate) fn hosted_url(&self, id: &str) -> String {
        format!("{}{PATH}/{id}", self.base_url)
    }

    /// The local identifier in an address of this city, under the host name of this request or another of it.
    pub(crate) fn local_id(&self, url: &str) -> Option<String> {
        let rest = url
            .strip_prefix("https://")
            .or_else(|| url.strip_prefix("http://"))?;
        let (authority, path) = rest.split_at(rest.find('/')?);
        let here = self.base_url.split_once("://").map_or("", |(_, host)| host);
        let name = authority.rsplit_once(':').map_or(authority, |(name, _)| name);
        let ours = authority.eq_ignore_ascii_case(here)
            || self
                .tenant
                .hosts
                .iter()
                .any(|host| host.eq_ignore_ascii_case(name));
        let id = path.strip_prefix(PATH)?.strip_prefix('/')?;
        let plain = !id.is_empty() && !id.contains(['/', '?', '#']);
        (ours && plain).then(|| percent_decode_str(id).decode_utf8_lossy().into_owned())
    }
}

/// The local identifier of a document that is known by its address or, where it has none, by its text.
pub(crate) fn digest(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn unavailable(url: &str, why: &str) -> NgsiError {
    let short: String = url.chars().take(200).collect();
    NgsiError::new(ErrorKind::LdContextNotAvailable, format!("{short}: {why}"))
}
