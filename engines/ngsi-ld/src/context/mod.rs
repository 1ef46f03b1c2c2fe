//! JSON-LD @context handling, restricted to what NGSI-LD needs (clauses 4.4, 5.5.7): terms, prefixes and
//! `@vocab`. Type coercion, containers and scoped contexts do not change how NGSI-LD data is read here and
//! are passed over. The core @context always comes last and its terms cannot be redefined.

mod core;
mod resolve;

pub use self::core::{CORE_CONTEXT_URL, DEFAULT_VOCAB, core_context_document, is_core_context_url};
pub use resolve::{MAX_CONTEXT_DEPTH, MAX_TERMS};

use self::core::CoreTerms;
use crate::error::Result;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Supplies remote context documents that the caller has already obtained (and vetted).
pub trait ContextSource {
    /// The whole document at `url` (an object with an `@context` member), or `None` when it is not at hand.
    fn document(&self, url: &str) -> Option<Arc<Value>>;
}

/// A source that knows no remote context at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoContexts;

impl ContextSource for NoContexts {
    fn document(&self, _url: &str) -> Option<Arc<Value>> {
        None
    }
}

impl ContextSource for HashMap<String, Arc<Value>> {
    fn document(&self, url: &str) -> Option<Arc<Value>> {
        self.get(url).cloned()
    }
}

/// A resolved @context: expands names to IRIs and back. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
pub(crate) struct Inner {
    /// User terms, never one that the core defines.
    terms: HashMap<String, String>,
    /// IRI to the shortest user term for it.
    inverse: HashMap<String, String>,
    /// Prefixes fit for compaction, longest namespace first.
    prefixes: Vec<(String, String)>,
    /// The user's own `@vocab`, where there is one.
    vocab: Option<String>,
    /// What the user gave, for echoing in answers; `None` when it was only the core.
    given: Option<Value>,
    /// A document that the user's value refers to includes the core by itself.
    brings_core: bool,
}

impl Default for Context {
    fn default() -> Self {
        Self::core()
    }
}

impl Context {
    /// The core @context alone.
    pub fn core() -> Self {
        Self {
            inner: Arc::new(Inner::default()),
        }
    }

    /// Resolves a user's `@context` value (address, object, or array of both).
    ///
    /// Errors: `LdContextNotAvailable` when `source` lacks a document or it has the wrong form or is nested
    /// too deeply; `BadRequestData` when the value given inline has the wrong form or too many terms.
    pub fn resolve(value: &Value, source: &dyn ContextSource) -> Result<Self> {
        Ok(Self {
            inner: Arc::new(resolve::resolve(value, source)?),
        })
    }

    /// Expands a name (attribute, type, vocabulary term) to an IRI. A name that is already an absolute IRI
    /// stays; an unknown one falls into the user's `@vocab`, else the standard's default vocabulary.
    pub fn expand<'a>(&'a self, name: &'a str) -> Cow<'a, str> {
        let core = CoreTerms::get();
        if let Some(iri) = core.terms.get(name).or_else(|| self.inner.terms.get(name)) {
            return Cow::Borrowed(iri);
        }
        if let Some((prefix, suffix)) = name.split_once(':') {
            if suffix.starts_with("//") {
                return Cow::Borrowed(name);
            }
            return match core.terms.get(prefix).or_else(|| self.inner.terms.get(prefix)) {
                Some(namespace) => Cow::Owned(format!("{namespace}{suffix}")),
                None => Cow::Borrowed(name),
            };
        }
        Cow::Owned(format!("{}{name}", self.vocab()))
    }

    /// Compacts an IRI to the shortest name that [`Context::expand`] turns back into the same IRI.
    pub fn compact<'a>(&'a self, iri: &'a str) -> Cow<'a, str> {
        let core = CoreTerms::get();
        if let Some(term) = core.inverse.get(iri).or_else(|| self.inner.inverse.get(iri)) {
            return Cow::Borrowed(term);
        }
        if let Some(local) = iri.strip_prefix(self.vocab())
            && !local.is_empty()
            && self.expand(local) == iri
        {
            return Cow::Borrowed(local);
        }
        for (namespace, prefix) in self.inner.prefixes.iter().chain(core.prefixes.iter()) {
            if let Some(local) = iri.strip_prefix(namespace.as_str())
                && !local.is_empty()
            {
                let candidate = format!("{prefix}:{local}");
                if self.expand(&candidate) == iri {
                    return Cow::Owned(candidate);
                }
            }
        }
        Cow::Borrowed(iri)
    }

    /// Whether this is the core @context with nothing added.
    pub fn is_core_only(&self) -> bool {
        self.inner.given.is_none()
    }

    /// The `@context` member for an answer: what the user gave, followed by the core where it is not in it
    /// (clause 5.5.7).
    pub fn to_json(&self) -> Value {
        let core = Value::String(CORE_CONTEXT_URL.to_owned());
        let mut all = match &self.inner.given {
            None => return core,
            Some(Value::Array(items)) => items.iter().filter(|v| !is_core_value(v)).cloned().collect(),
            Some(other) => vec![other.clone()],
        };
        if !self.inner.brings_core {
            all.push(core);
        }
        match all.as_slice() {
            [one] => one.clone(),
            _ => Value::Array(all),
        }
    }

    /// The `@context` member for an answer that shows what was stored as it was given: without the core, which is
    /// implied (4.4), where the user gave anything else.
    pub fn as_given(&self) -> Value {
        match &self.inner.given {
            None => Value::String(CORE_CONTEXT_URL.to_owned()),
            Some(Value::Array(items)) => Value::Array(items.clone()),
            Some(other) => Value::Array(vec![other.clone()]),
        }
    }

    /// What the user gave; `None` when it was only the core.
    pub fn given(&self) -> Option<&Value> {
        self.inner.given.as_ref()
    }

    /// Everything that this context says in one inline document: with it [`Context::restore`] makes the same
    /// context again when the documents that it was made of are no longer to be had.
    pub fn flattened(&self) -> Value {
        let prefixes: HashSet<&str> = self.inner.prefixes.iter().map(|(_, p)| p.as_str()).collect();
        let mut terms: Vec<_> = self.inner.terms.iter().collect();
        terms.sort_unstable();
        let mut map: Map<String, Value> = terms
            .into_iter()
            .map(|(term, iri)| {
                let plain = prefixes.contains(term.as_str());
                // Only a plain definition may become a prefix.
                (
                    term.clone(),
                    if plain { json!(iri) } else { json!({ "@id": iri }) },
                )
            })
            .collect();
        if let Some(vocab) = &self.inner.vocab {
            map.insert("@vocab".to_owned(), json!(vocab));
        }
        Value::Object(map)
    }

    /// Makes a context of what [`Context::flattened`] and [`Context::given`] said.
    ///
    /// Errors: `BadRequestData` when it is not what they said.
    pub fn restore(flattened: &Value, given: Option<Value>) -> Result<Self> {
        let mut inner = resolve::resolve(flattened, &NoContexts)?;
        inner.given = given;
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The one address to put into a `Link` header, when the user's context is a single address or only the
    /// core. `None` when it was given inline or as a list: the caller must host it to have an address.
    pub fn link_url(&self) -> Option<&str> {
        match &self.inner.given {
            None => Some(CORE_CONTEXT_URL),
            Some(Value::String(url)) => Some(url),
            Some(Value::Array(items)) => {
                let mut urls = items.iter().filter(|v| !is_core_value(v));
                match (urls.next(), urls.next()) {
                    (Some(Value::String(url)), None) => Some(url),
                    _ => None,
                }
            }
            Some(_) => None,
        }
    }

    /// How many terms the user's context defines: what it takes in memory.
    pub fn terms(&self) -> u32 {
        u32::try_from(self.inner.terms.len()).unwrap_or(u32::MAX)
    }

    fn vocab(&self) -> &str {
        self.inner.vocab.as_deref().unwrap_or(DEFAULT_VOCAB)
    }
}

fn is_core_value(value: &Value) -> bool {
    value.as_str().is_some_and(is_core_context_url)
}

/// Takes the `@context` member out of a body, leaving the rest. `None` when there is none.
pub fn take_context(body: &mut Value) -> Option<Value> {
    body.as_object_mut()?.shift_remove("@context")
}

/// Addresses that a context value needs and `source` does not have, following those it has. Lets a caller
/// fetch them and ask again until the list is empty.
pub fn missing_documents(value: &Value, source: &dyn ContextSource) -> Vec<String> {
    let mut missing = Vec::new();
    let mut seen = HashSet::new();
    collect_missing(value, source, 0, &mut seen, &mut missing);
    missing
}

fn collect_missing(
    value: &Value,
    source: &dyn ContextSource,
    depth: usize,
    seen: &mut HashSet<String>,
    missing: &mut Vec<String>,
) {
    if depth > MAX_CONTEXT_DEPTH {
        return;
    }
    match value {
        Value::Array(items) => {
            for item in items {
                collect_missing(item, source, depth + 1, seen, missing);
            }
        }
        Value::String(url) if !is_core_context_url(url) && seen.insert(url.clone()) => {
            match source.document(url) {
                None => missing.push(url.clone()),
                Some(doc) => {
                    if let Some(inner) = doc.get("@context") {
                        collect_missing(inner, source, depth + 1, seen, missing);
                    }
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
