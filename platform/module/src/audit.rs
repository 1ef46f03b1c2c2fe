//! Words for what modules write into the audit log, so that an officer reads sentences and not names.

use std::sync::Arc;

use bisenzio_kernel::Lang;

use crate::Registry;

/// What a text of the audit log stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditName {
    /// An action as it is recorded: "plan.project.edit".
    Action(&'static str),
    /// A field named in the remarks of the module's actions: "state".
    Field(&'static str),
    /// A value of such a field: "state", "completed".
    Value(&'static str, &'static str),
    /// Subjects that begin with `prefix`. Their page is `href` and what follows the prefix, of which `parts`
    /// segments; `href` is empty where there is no page.
    Subject {
        prefix: &'static str,
        href: &'static str,
        parts: usize,
    },
}

/// A name in the audit log and its words.
#[derive(Clone, Copy, Debug)]
pub struct AuditWords {
    pub action: AuditName,
    pub it: &'static str,
    pub en: &'static str,
}

/// The words of all modules; the wiring makes it a service.
#[derive(Clone, Default)]
pub struct AuditDictionary(Arc<Vec<(&'static str, &'static [AuditWords])>>);

impl AuditDictionary {
    pub fn new(registry: &Registry) -> Self {
        Self::of(registry.modules().iter().map(|m| (m.name(), m.audit_words())))
    }

    /// From pairs of a module's name and its words.
    pub fn of(words: impl IntoIterator<Item = (&'static str, &'static [AuditWords])>) -> Self {
        Self(Arc::new(words.into_iter().collect()))
    }

    /// The words of the module that recorded an action.
    fn of_action(&self, action: &str) -> &'static [AuditWords] {
        let module = action.split('.').next().unwrap_or_default();
        let found = self.0.iter().find(|(name, _)| *name == module);
        found.map_or(&[], |(_, words)| words)
    }

    /// What was done; the recorded name for an action without words.
    pub fn action(&self, action: &str, lang: Lang) -> String {
        self.of_action(action)
            .iter()
            .find(|words| matches!(words.action, AuditName::Action(name) if name == action))
            .map_or_else(
                || action.to_owned(),
                |words| lang.t(words.it, words.en).to_owned(),
            )
    }

    /// To what it was done, and the path of its page (empty where there is none).
    pub fn subject(&self, action: &str, subject: &str, lang: Lang) -> Option<(String, String)> {
        self.of_action(action).iter().find_map(|words| {
            let AuditName::Subject { prefix, href, parts } = words.action else {
                return None;
            };
            let rest = subject.strip_prefix(prefix)?;
            let segments: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
            let label = format!("{} {}", lang.t(words.it, words.en), segments.join(", "));
            let page = match href {
                "" => String::new(),
                href => {
                    let kept = &segments[..segments.len().min(parts)];
                    format!("{href}{}", kept.join("/"))
                }
            };
            Some((label.trim_end().to_owned(), page))
        })
    }

    /// A remark of the form `field: «old» → «new»; ...` with fields and values in words; others as they are.
    pub fn detail(&self, action: &str, detail: &str, lang: Lang) -> String {
        let words = self.of_action(action);
        let mut out = Vec::new();
        let mut rest = detail;
        while !rest.is_empty() {
            // A remark that was cut to fit ends in the middle of a value.
            let Some((name, after)) = rest.split_once(": «") else {
                out.push(rest.to_owned());
                break;
            };
            let (Some(field), Some((old, after))) = (field(words, name, lang), after.split_once("» → «"))
            else {
                out.push(rest.to_owned());
                break;
            };
            let (new, next) = match after.split_once("»; ") {
                Some((new, next)) => (new, next),
                None => (after.strip_suffix('»').unwrap_or(after), ""),
            };
            let [old, new] = [old, new].map(|text| value(words, name, text, lang));
            out.push(if old.is_empty() {
                format!("{field}: {new}")
            } else {
                format!("{field}: «{old}» → «{new}»")
            });
            rest = next;
        }
        out.join("; ")
    }
}

fn field(words: &[AuditWords], name: &str, lang: Lang) -> Option<&'static str> {
    words
        .iter()
        .find(|words| matches!(words.action, AuditName::Field(field) if field == name))
        .map(|words| lang.t(words.it, words.en))
}

fn value(words: &[AuditWords], name: &str, text: &str, lang: Lang) -> String {
    words
        .iter()
        .find(
            |words| matches!(words.action, AuditName::Value(field, value) if field == name && value == text),
        )
        .map_or_else(|| text.to_owned(), |words| lang.t(words.it, words.en).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &[AuditWords] = &[
        AuditWords {
            action: AuditName::Action("plan.project.edit"),
            it: "Progetto modificato",
            en: "Project changed",
        },
        AuditWords {
            action: AuditName::Field("state"),
            it: "Stato",
            en: "State",
        },
        AuditWords {
            action: AuditName::Value("state", "completed"),
            it: "Concluso",
            en: "Completed",
        },
        AuditWords {
            action: AuditName::Subject {
                prefix: "",
                href: "/piano/",
                parts: 2,
            },
            it: "Piano",
            en: "Plan",
        },
    ];

    #[test]
    fn names_become_words_and_subjects_links() {
        let dictionary = AuditDictionary::of([("plan", WORDS)]);
        let it = Lang::It;
        assert_eq!(dictionary.action("plan.project.edit", it), "Progetto modificato");
        assert_eq!(dictionary.action("plan.other", it), "plan.other");
        assert_eq!(
            dictionary.subject("plan.event.add", "2021/pr-v9/festa", it),
            Some(("Piano 2021, pr-v9, festa".into(), "/piano/2021/pr-v9".into()))
        );
        assert_eq!(dictionary.subject("other.do", "2021", it), None);
    }

    #[test]
    fn remarks_name_fields_and_values() {
        let dictionary = AuditDictionary::of([("plan", WORDS)]);
        let read = |text: &str| dictionary.detail("plan.project.edit", text, Lang::It);
        assert_eq!(
            read("state: «ongoing» → «completed»; state: «» → «completed»"),
            "Stato: «ongoing» → «Concluso»; Stato: Concluso"
        );
        assert_eq!(read("state: «a» → «cut o"), "Stato: «a» → «cut o»");
        for same in ["", "free remark", "other: «a» → «b»", "state: «a"] {
            assert_eq!(read(same), same);
        }
    }
}
