//! `scopeQ` against a few scopes.
#![no_main]

use bisenzio_ngsi_ld::query::ScopeQuery;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(query) = ScopeQuery::parse(text) {
        for scopes in [&[][..], &["/a".to_owned()], &["/a/b".to_owned(), "/c/d/e".to_owned()]] {
            let _ = query.matches(scopes);
        }
    }
});
