//! The embedded core @context.

use serde_json::Value;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Address of the core @context that answers refer to.
pub const CORE_CONTEXT_URL: &str = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld";

/// Vocabulary of names that no context defines (clause 4.4).
pub const DEFAULT_VOCAB: &str = "https://uri.etsi.org/ngsi-ld/default-context/";

const CORE_CONTEXT_TEXT: &str = include_str!("../../contexts/ngsi-ld-core-context-v1.9.jsonld");

/// The core @context document as published, for hosting and for the context cache.
pub fn core_context_document() -> &'static str {
    CORE_CONTEXT_TEXT
}

/// Whether `url` is the core @context in any of its versions (with or without a version, http or https).
pub fn is_core_context_url(url: &str) -> bool {
    url.strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .and_then(|rest| rest.strip_prefix("uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context"))
        .and_then(|rest| rest.strip_suffix(".jsonld"))
        .is_some_and(|version| {
            version.is_empty()
                || version
                    .strip_prefix("-v")
                    .is_some_and(|v| !v.is_empty() && v.chars().all(|c| c.is_ascii_digit() || c == '.'))
        })
}

/// Terms of the core @context, expanded once.
pub(crate) struct CoreTerms {
    pub terms: HashMap<String, String>,
    pub inverse: HashMap<String, String>,
    /// (namespace, prefix)
    pub prefixes: Vec<(String, String)>,
}

impl CoreTerms {
    pub(crate) fn get() -> &'static CoreTerms {
        static CORE: OnceLock<CoreTerms> = OnceLock::new();
        CORE.get_or_init(build)
    }
}

fn build() -> CoreTerms {
    // The document is part of this source tree; a test reads it, so a broken one never leaves the workshop.
    let document: Value = serde_json::from_str(CORE_CONTEXT_TEXT).unwrap_or_default();
    let entries = document
        .get("@context")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let raw: HashMap<&str, &str> = entries
        .iter()
        .filter(|(name, _)| !name.starts_with('@'))
        .filter_map(|(name, def)| Some((name.as_str(), def.as_str().or_else(|| def.get("@id")?.as_str())?)))
        .filter(|(_, id)| !id.starts_with('@'))
        .collect();
    let mut core = CoreTerms {
        terms: HashMap::new(),
        inverse: HashMap::new(),
        prefixes: Vec::new(),
    };
    for (name, id) in &raw {
        let iri = match id.split_once(':') {
            Some((prefix, local)) if !local.starts_with("//") => raw
                .get(prefix)
                .map_or_else(|| (*id).to_owned(), |namespace| format!("{namespace}{local}")),
            _ => (*id).to_owned(),
        };
        if iri.ends_with(['/', '#']) {
            core.prefixes.push((iri.clone(), (*name).to_owned()));
        }
        core.inverse.insert(iri.clone(), (*name).to_owned());
        core.terms.insert((*name).to_owned(), iri);
    }
    core
}
