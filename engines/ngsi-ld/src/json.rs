//! Reading JSON strictly: duplicate members and deep nesting are refused, with the place of the fault.

use crate::error::{ErrorKind, NgsiError, Result};
use crate::path::Path;
use crate::uri::shorten;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::RefCell;
use std::fmt;

/// Deepest nesting of objects and arrays accepted in a body.
pub const MAX_DEPTH: usize = 64;

/// Reads one JSON document.
///
/// Errors: [`ErrorKind::InvalidRequest`] for bytes that are not JSON, numbers that no double can hold, nesting
/// beyond [`MAX_DEPTH`] and members given twice (which of the two would count is otherwise a matter of luck).
pub fn parse_strict(bytes: &[u8]) -> Result<Value> {
    let fault = RefCell::new(None);
    let root = Path::root();
    let mut de = serde_json::Deserializer::from_slice(bytes);
    let seed = Strict {
        path: &root,
        depth: 0,
        fault: &fault,
    };
    let value = seed.deserialize(&mut de).and_then(|v| de.end().map(|()| v));
    value.map_err(|e| NgsiError {
        kind: ErrorKind::InvalidRequest,
        detail: format!("the body is not acceptable JSON: {e}"),
        path: fault.into_inner(),
    })
}

struct Strict<'p> {
    path: &'p Path<'p>,
    depth: usize,
    fault: &'p RefCell<Option<String>>,
}

impl Strict<'_> {
    fn fail<E: serde::de::Error>(&self, path: &Path<'_>, message: String) -> E {
        *self.fault.borrow_mut() = Some(path.to_string());
        E::custom(message)
    }

    fn too_deep<E: serde::de::Error>(&self) -> std::result::Result<(), E> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fail(self.path, format!("nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;
    fn deserialize<D: serde::Deserializer<'de>>(self, d: D) -> std::result::Result<Value, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, v: bool) -> std::result::Result<Value, E> {
        Ok(Value::Bool(v))
    }

    fn visit_i64<E>(self, v: i64) -> std::result::Result<Value, E> {
        Ok(Value::Number(v.into()))
    }

    fn visit_u64<E>(self, v: u64) -> std::result::Result<Value, E> {
        Ok(Value::Number(v.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, v: f64) -> std::result::Result<Value, E> {
        Number::from_f64(v)
            .map(Value::Number)
            .ok_or_else(|| E::custom("number is not finite"))
    }

    fn visit_str<E>(self, v: &str) -> std::result::Result<Value, E> {
        Ok(Value::String(v.to_owned()))
    }

    fn visit_string<E>(self, v: String) -> std::result::Result<Value, E> {
        Ok(Value::String(v))
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Value, A::Error> {
        self.too_deep()?;
        let mut items = Vec::new();
        loop {
            let path = self.path.index(items.len());
            let seed = Strict {
                path: &path,
                depth: self.depth + 1,
                fault: self.fault,
            };
            match seq.next_element_seed(seed)? {
                Some(item) => items.push(item),
                None => return Ok(Value::Array(items)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> std::result::Result<Value, A::Error> {
        self.too_deep()?;
        let mut map = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            let path = self.path.member(&key);
            if map.contains_key(&key) {
                return Err(self.fail(&path, format!("member `{}` is given twice", shorten(&key))));
            }
            let seed = Strict {
                path: &path,
                depth: self.depth + 1,
                fault: self.fault,
            };
            let value = access.next_value_seed(seed)?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn duplicate_members_are_refused_with_their_place() {
        let e = parse_strict(br#"{"a":[{"b":1,"b":2}]}"#).unwrap_err();
        assert_eq!(e.kind, ErrorKind::InvalidRequest);
        assert_eq!(e.path.as_deref(), Some("$.a[0].b"));
    }

    #[test]
    fn depth_is_limited() {
        let nested = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
        assert!(parse_strict(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert!(parse_strict(nested(MAX_DEPTH + 1).as_bytes()).is_err());
        assert!(parse_strict(nested(100_000).as_bytes()).is_err());
    }

    #[test]
    fn huge_numbers_and_rubbish_are_refused() {
        for bad in ["1e999", "{", "[1,]", "{} {}", "nul", "\u{feff}{}"] {
            assert_eq!(
                parse_strict(bad.as_bytes()).unwrap_err().kind,
                ErrorKind::InvalidRequest,
                "{bad}"
            );
        }
        assert!(parse_strict(b"\xff\xfe").is_err());
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json(text in "[\\[\\]{}:,\"a-c0-9. ]{0,40}") {
            if let Ok(strict) = parse_strict(text.as_bytes()) {
                prop_assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(strict));
            }
        }
    }
}
