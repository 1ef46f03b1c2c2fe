//! Names in a rule as people type them: "Indirizzo" as well as `address`.

use bisenzio_kernel::TenantId;
use bisenzio_ngsi_ld::Context;
use bisenzio_store::Tx;

use super::Words;
use super::words::short;
use crate::GraphError;
use crate::policy::Sight;
use crate::store::discovery::inventory;

/// What there is in the graph, by short name and word.
#[derive(Clone, Default)]
pub(super) struct Names {
    /// By word.
    pub(super) types: Vec<(String, String)>,
    attributes: Vec<(String, String)>,
}

impl Names {
    /// Of everything: who decides the rules has to name also what they hide from him. Entities stay hidden.
    pub(super) fn of(tx: &mut Tx<'_>, tenant: &TenantId, words: &Words) -> Result<Self, GraphError> {
        Sight::whole().put(tx);
        let all = inventory(tx, tenant)?;
        let mut types: Vec<(String, String)> = all
            .types
            .keys()
            .map(|name| (short(name), words.entity_type(name)))
            .collect();
        types.sort_by_cached_key(|(_, word)| word.to_lowercase());
        let attributes = all
            .attributes
            .keys()
            .map(|name| (short(name), words.attribute(name)))
            .collect();
        Ok(Self { types, attributes })
    }

    /// How the attributes are typed, each once, for who looks for one.
    pub(super) fn attribute_words(&self) -> Vec<String> {
        let mut all: Vec<String> = self
            .attributes
            .iter()
            .map(|(name, word)| self.told(name, word))
            .collect();
        all.sort_by_cached_key(|word| word.to_lowercase());
        all.dedup();
        all
    }

    /// The attribute names that a list with commas means.
    ///
    /// # Errors
    /// The part that means none.
    pub(super) fn attributes(&self, typed: &str) -> Result<Vec<String>, String> {
        let mut all: Vec<String> = Vec::new();
        for part in parts(typed) {
            let known = self.meant(part);
            if known.is_empty() && part.contains(char::is_whitespace) {
                return Err(part.to_owned());
            }
            if known.is_empty() {
                all.push(part.to_owned());
            } else {
                all.extend(known.into_iter().map(str::to_owned));
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|name| seen.insert(name.clone()));
        Ok(all)
    }

    /// All attributes that a word or a name means: where two are called alike a rule is for both.
    fn meant<'a>(&'a self, part: &'a str) -> Vec<&'a str> {
        if let Some((name, _)) = self.attributes.iter().find(|(name, _)| name == part) {
            return vec![name];
        }
        let folded = part.to_lowercase();
        let alike: Vec<&str> = self
            .attributes
            .iter()
            .filter(|(_, word)| word.to_lowercase() == folded)
            .map(|(name, _)| name.as_str())
            .collect();
        if alike.is_empty() {
            in_brackets(part).into_iter().collect()
        } else {
            alike
        }
    }

    /// An attribute as text that [`Names::attributes`] reads back: its word, and its name where others are called so.
    fn told(&self, name: &str, word: &str) -> String {
        match self.meant(word)[..] {
            [only] if only == name && !word.contains(',') => word.to_owned(),
            [] => name.to_owned(),
            _ => format!("{} ({name})", word.replace(',', "")),
        }
    }

    /// The same list as text that [`Names::attributes`] reads back.
    pub(super) fn typed(&self, attributes: &[String], words: &Words) -> String {
        let context = Context::core();
        let all: Vec<String> = attributes
            .iter()
            .map(|name| {
                self.told(
                    &short(&context.expand(name)),
                    &words.attribute(&context.expand(name)),
                )
            })
            .collect();
        all.join(", ")
    }

    /// Of these types and attributes of a rule, those that nothing in the graph has.
    pub(super) fn unknown(&self, types: &[String], attributes: &[String]) -> Vec<String> {
        let missing = |known: &[(String, String)], name: &String| {
            let name = short(&Context::core().expand(name));
            known.iter().all(|(other, _)| *other != name)
        };
        let types = types.iter().filter(|name| missing(&self.types, name));
        types
            .chain(attributes.iter().filter(|name| missing(&self.attributes, name)))
            .cloned()
            .collect()
    }
}

/// `status` of "Stato (status)".
fn in_brackets(part: &str) -> Option<&str> {
    let (_, name) = part.strip_suffix(')')?.rsplit_once(" (")?;
    (!name.is_empty() && !name.contains(char::is_whitespace)).then_some(name)
}

/// Parts of a list with commas or lines.
pub(super) fn parts(typed: &str) -> impl Iterator<Item = &str> {
    typed
        .split([',', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::testing::words;

    fn names() -> Names {
        let known = |list: &[&str]| {
            list.iter()
                .map(|name| {
                    (
                        (*name).to_owned(),
                        words().attribute(&Context::core().expand(name)),
                    )
                })
                .collect()
        };
        Names {
            types: vec![("WaterMeter".into(), "Water meter".into())],
            attributes: known(&["address", "batteryLevel", "endDate", "dateStart"]),
        }
    }

    #[test]
    fn words_and_names_mean_attributes() {
        let names = names();
        assert_eq!(
            names
                .attributes("Indirizzo, batteryLevel,  batteria\nuser")
                .unwrap(),
            ["address", "batteryLevel", "user"]
        );
        assert_eq!(names.attributes(" , ").unwrap(), Vec::<String>::new());
        assert_eq!(names.attributes("Indirizzo, il nome").unwrap_err(), "il nome");
    }

    #[test]
    fn what_is_shown_is_read_back() {
        let mut names = names();
        names.attributes.push(("finish".into(), "Fine".into()));
        let stored: Vec<String> = ["address", "endDate", "user"].map(str::to_owned).to_vec();
        let typed = names.typed(&stored, &words());
        assert_eq!(typed, "Indirizzo, Fine (endDate), user", "two are called «Fine»");
        assert_eq!(names.attributes(&typed).unwrap(), stored);
        assert_eq!(names.attributes("fine").unwrap(), ["endDate", "finish"]);
        assert!(names.attribute_words().contains(&"Fine (finish)".to_owned()));
    }

    #[test]
    fn names_that_nothing_has_are_told() {
        let unknown = names().unknown(&["WaterMeter".into(), "Tree".into()], &["adress".into()]);
        assert_eq!(unknown, ["Tree", "adress"]);
    }
}
