//! Turning a `@context` value into term tables.

use super::core::{CoreTerms, DEFAULT_VOCAB, is_core_context_url};
use super::{ContextSource, Inner};
use crate::error::{ErrorKind, NgsiError, Result};
use crate::path::Path;
use crate::uri::{MAX_URI_BYTES, is_absolute_uri, shorten};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};

/// Deepest nesting of contexts within contexts.
pub const MAX_CONTEXT_DEPTH: usize = 16;
/// Most terms in one resolved context.
pub const MAX_TERMS: usize = 100_000;
/// Most remote documents loaded for one context.
const MAX_DOCUMENTS: usize = 64;

pub(super) fn resolve(value: &Value, source: &dyn ContextSource) -> Result<Inner> {
    let mut builder = Builder {
        source,
        terms: HashMap::new(),
        simple: HashSet::new(),
        vocab: None,
        documents: 0,
        brings_core: false,
    };
    let root = Path::root();
    builder.load(value, &root.member("@context"), None, 0)?;
    let given = (!only_core(value)).then(|| value.clone());
    Ok(builder.finish(given))
}

fn only_core(value: &Value) -> bool {
    match value {
        Value::String(url) => is_core_context_url(url),
        Value::Array(items) => items.iter().all(only_core),
        Value::Object(map) => map.is_empty(),
        _ => value.is_null(),
    }
}

struct Builder<'s> {
    source: &'s dyn ContextSource,
    terms: HashMap<String, String>,
    /// Terms defined by a plain string or with `@prefix`, which compaction may use as prefixes.
    simple: HashSet<String>,
    vocab: Option<String>,
    documents: usize,
    brings_core: bool,
}

impl Builder<'_> {
    /// `remote` is the address of the document being read, `None` for the request's own body.
    fn load(&mut self, value: &Value, path: &Path<'_>, remote: Option<&str>, depth: usize) -> Result<()> {
        if depth > MAX_CONTEXT_DEPTH {
            return Err(fault(
                path,
                remote,
                "contexts are nested too deeply or include themselves",
            ));
        }
        match value {
            Value::Null => {
                self.terms.clear();
                self.simple.clear();
                self.vocab = None;
                Ok(())
            }
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    self.load(item, &path.index(i), remote, depth + 1)?;
                }
                Ok(())
            }
            Value::String(url) => self.load_remote(url, path, remote, depth),
            Value::Object(map) => self.load_terms(map, path, remote),
            _ => Err(fault(
                path,
                remote,
                "@context must be an address, an object or an array of those",
            )),
        }
    }

    fn load_remote(&mut self, url: &str, path: &Path<'_>, remote: Option<&str>, depth: usize) -> Result<()> {
        if is_core_context_url(url) {
            self.brings_core |= remote.is_some();
            return Ok(());
        }
        if !is_absolute_uri(url) {
            return Err(fault(
                path,
                remote,
                &format!("`{}` is not an absolute address", shorten(url)),
            ));
        }
        self.documents += 1;
        if self.documents > MAX_DOCUMENTS {
            return Err(fault(path, Some(url), "too many remote contexts"));
        }
        let unavailable = |why: &str| {
            NgsiError::at(
                ErrorKind::LdContextNotAvailable,
                path,
                format!("{why}: {}", shorten(url)),
            )
        };
        let document = self
            .source
            .document(url)
            .ok_or_else(|| unavailable("@context not available"))?;
        let inner = document
            .get("@context")
            .ok_or_else(|| unavailable("the document has no @context member"))?;
        self.load(inner, path, Some(url), depth + 1)
    }

    fn load_terms(&mut self, map: &Map<String, Value>, path: &Path<'_>, remote: Option<&str>) -> Result<()> {
        match map.get("@vocab") {
            None => {}
            Some(Value::Null) => self.vocab = None,
            Some(Value::String(vocab)) => {
                let expanded = self.expand_prefixed(vocab);
                if !is_absolute_uri(&expanded) {
                    return Err(fault(
                        &path.member("@vocab"),
                        remote,
                        "@vocab must be an absolute IRI",
                    ));
                }
                // A user who writes the default vocabulary out has added nothing.
                self.vocab = (expanded != DEFAULT_VOCAB).then_some(expanded);
            }
            Some(_) => {
                return Err(fault(
                    &path.member("@vocab"),
                    remote,
                    "@vocab must be a string or null",
                ));
            }
        }
        let mut state = HashMap::new();
        for name in map.keys() {
            self.define(name, map, &mut state, path, remote, 0)?;
        }
        if self.terms.len() > MAX_TERMS {
            return Err(fault(path, remote, &format!("more than {MAX_TERMS} terms")));
        }
        Ok(())
    }

    /// Defines one term of `map`, first defining the prefix it is written with. `state` is false while a
    /// term is being defined and true afterwards.
    fn define<'m>(
        &mut self,
        name: &'m str,
        map: &'m Map<String, Value>,
        state: &mut HashMap<&'m str, bool>,
        path: &Path<'_>,
        remote: Option<&str>,
        depth: usize,
    ) -> Result<()> {
        match state.get(name) {
            Some(true) => return Ok(()),
            Some(false) => return Err(fault(&path.member(name), remote, "terms defined in a circle")),
            None => {}
        }
        if name.starts_with('@') || name.is_empty() || CoreTerms::get().terms.contains_key(name) {
            state.insert(name, true);
            return Ok(());
        }
        if depth > MAX_CONTEXT_DEPTH || name.len() > MAX_URI_BYTES {
            return Err(fault(
                &path.member(name),
                remote,
                "term too long or defined through too many others",
            ));
        }
        state.insert(name, false);
        let (id, simple) = match map.get(name) {
            Some(Value::String(id)) => (Some(id.as_str()), true),
            Some(Value::Object(def)) if def.contains_key("@reverse") => (None, false),
            Some(Value::Object(def)) => match def.get("@id") {
                None => (Some(name), false),
                Some(Value::String(id)) => {
                    (Some(id.as_str()), def.get("@prefix") == Some(&Value::Bool(true)))
                }
                Some(Value::Null) => (None, false),
                Some(_) => {
                    return Err(fault(
                        &path.member(name),
                        remote,
                        "@id of a term must be a string",
                    ));
                }
            },
            Some(Value::Null) | None => (None, false),
            Some(_) => {
                let why = "a term is defined by a string, an object or null";
                return Err(fault(&path.member(name), remote, why));
            }
        };
        match id {
            Some(id) if !id.starts_with('@') => {
                // A prefix that is written with itself is a circle; a plain word equal to the term is not.
                let (dependency, prefixed) = id
                    .split_once(':')
                    .map_or((id, false), |(prefix, local)| (prefix, !local.starts_with("//")));
                if (dependency != name || prefixed)
                    && let Some((key, _)) = map.get_key_value(dependency)
                {
                    self.define(key, map, state, path, remote, depth + 1)?;
                }
                let iri = self.expand_id(id, name);
                if !is_absolute_uri(&iri) {
                    let why = format!("`{}` does not lead to an absolute IRI", shorten(id));
                    return Err(fault(&path.member(name), remote, &why));
                }
                if simple {
                    self.simple.insert(name.to_owned());
                } else {
                    self.simple.remove(name);
                }
                self.terms.insert(name.to_owned(), iri);
            }
            // An alias of a keyword or a term switched off: nothing that NGSI-LD names can use.
            _ => {
                self.terms.remove(name);
                self.simple.remove(name);
            }
        }
        state.insert(name, true);
        Ok(())
    }

    fn expand_id(&self, id: &str, term: &str) -> String {
        if id.contains(':') {
            return self.expand_prefixed(id);
        }
        let known = CoreTerms::get().terms.get(id).or_else(|| self.terms.get(id));
        match known {
            Some(iri) if id != term => iri.clone(),
            _ => format!("{}{id}", self.vocab.as_deref().unwrap_or(DEFAULT_VOCAB)),
        }
    }

    fn expand_prefixed(&self, id: &str) -> String {
        match id.split_once(':') {
            Some((prefix, local)) if !local.starts_with("//") => {
                match CoreTerms::get()
                    .terms
                    .get(prefix)
                    .or_else(|| self.terms.get(prefix))
                {
                    Some(namespace) => format!("{namespace}{local}"),
                    None => id.to_owned(),
                }
            }
            _ => id.to_owned(),
        }
    }

    fn finish(self, given: Option<Value>) -> Inner {
        let mut inverse: HashMap<String, String> = HashMap::with_capacity(self.terms.len());
        let mut prefixes = Vec::new();
        for (term, iri) in &self.terms {
            // Shortest term wins, then the alphabet: the same context always compacts the same way.
            let better = inverse
                .get(iri)
                .is_none_or(|old| (term.len(), term) < (old.len(), old));
            // A term that another term's IRI shadows is never wrong here: `expand` looks terms up first.
            if better {
                inverse.insert(iri.clone(), term.clone());
            }
            let fit = iri.ends_with([':', '/', '?', '#', '[', ']', '@']) && !term.contains(':');
            if fit && self.simple.contains(term) {
                prefixes.push((iri.clone(), term.clone()));
            }
        }
        prefixes.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.1.cmp(&b.1)));
        Inner {
            terms: self.terms,
            inverse,
            prefixes,
            vocab: self.vocab,
            given,
            brings_core: self.brings_core,
        }
    }
}

fn fault(path: &Path<'_>, remote: Option<&str>, why: &str) -> NgsiError {
    match remote {
        None => NgsiError::bad(path, why),
        Some(url) => NgsiError::at(
            ErrorKind::LdContextNotAvailable,
            path,
            format!("the remote @context {} cannot be used: {why}", shorten(url)),
        ),
    }
}
