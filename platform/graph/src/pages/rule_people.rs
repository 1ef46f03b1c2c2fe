//! Whom a rule names, in its form: everybody, some roles and bodies, or nobody but administrators.

use bisenzio_kernel::Role;
use bisenzio_web::{Ctx, Errors, Form};

use super::Words;
use super::rule_words::{Bodies, person};

/// An option of a select or of radio buttons.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
}

pub(super) fn body_choices(bodies: &Bodies) -> Vec<Choice> {
    let mut all: Vec<Choice> = bodies
        .iter()
        .map(|(id, name)| Choice {
            value: id.clone(),
            label: name.clone(),
        })
        .collect();
    all.sort_by_cached_key(|choice| choice.label.to_lowercase());
    all
}

/// A checkbox of a group.
pub(super) struct Tick {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) checked: bool,
}

/// Whom a list of a rule names, in a form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Everybody,
    Some,
    Administrators,
}

impl Mode {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Everybody => "tutti",
            Self::Some => "alcuni",
            Self::Administrators => "amministratori",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "alcuni" => Self::Some,
            "amministratori" => Self::Administrators,
            _ => Self::Everybody,
        }
    }
}

/// One list of people as typed.
pub(super) struct People {
    pub(super) mode: Mode,
    names: Vec<String>,
}

impl People {
    pub(super) fn of(list: Option<&Vec<String>>) -> Self {
        Self {
            mode: match list {
                None => Mode::Everybody,
                Some(list) if list.is_empty() => Mode::Administrators,
                Some(_) => Mode::Some,
            },
            names: list.cloned().unwrap_or_default(),
        }
    }

    /// `field` and what its name begins: `readers`, `readers_who`, `readers_role`, `readers_body`.
    pub(super) fn read(form: &Form, field: &str) -> Self {
        let mut names: Vec<String> = form
            .all(&format!("{field}_who"))
            .into_iter()
            .map(str::to_owned)
            .collect();
        let (role, body) = (
            form.get(&format!("{field}_role")),
            form.get(&format!("{field}_body")),
        );
        let more = match (role, body) {
            ("", "") => None,
            (role, "") => Some(role.to_owned()),
            (role, body) => Some(format!("{role}@{body}")),
        };
        names.extend(
            more.filter(|name| !names.contains(name))
                .into_iter()
                .collect::<Vec<_>>(),
        );
        Self {
            mode: Mode::parse(form.get(field)),
            names,
        }
    }

    /// The list of the rule; what is contradictory is told and not guessed.
    pub(super) fn list(&self, ctx: &Ctx, field: &str, errors: &mut Errors) -> Option<Vec<String>> {
        match (self.mode, self.names.is_empty()) {
            (Mode::Some, true) => errors.add(
                field,
                ctx.t(
                    "Indicare almeno un ruolo o un'organizzazione, oppure «Solo gli amministratori».",
                    "Name a role or an organisation at least, or choose \"Administrators only\".",
                ),
            ),
            (Mode::Everybody | Mode::Administrators, false) => errors.add(
                field,
                ctx.t(
                    "Qui sotto sono indicate delle persone: scegliere «Solo chi è indicato», oppure toglierle.",
                    "People are named below: choose \"Only who is named\", or untick them.",
                ),
            ),
            _ => {}
        }
        match self.mode {
            Mode::Everybody => None,
            Mode::Some => Some(self.names.clone()),
            Mode::Administrators => Some(Vec::new()),
        }
    }

    /// Roles to choose one of, for a part of a body.
    pub(super) fn roles(words: &Words) -> Vec<Choice> {
        let roles = Role::ALL.into_iter().filter(|role| *role != Role::Administrator);
        roles
            .map(|role| Choice {
                value: role.as_str().to_owned(),
                label: role.label(words.lang).to_owned(),
            })
            .collect()
    }

    pub(super) fn ticks(&self, words: &Words, bodies: &Bodies) -> Vec<Tick> {
        let mut offered = vec!["signed-in".to_owned()];
        // Administrators see and write everything: naming them would promise something.
        let roles = Role::ALL.into_iter().filter(|role| *role != Role::Administrator);
        offered.extend(roles.map(|role| role.as_str().to_owned()));
        offered.extend(
            body_choices(bodies)
                .into_iter()
                .map(|body| format!("@{}", body.value)),
        );
        let others: Vec<String> = self
            .names
            .iter()
            .filter(|name| !offered.contains(name))
            .cloned()
            .collect();
        offered.extend(others);
        offered
            .into_iter()
            .map(|value| Tick {
                label: person(words, bodies, &value),
                checked: self.names.contains(&value),
                value,
            })
            .collect()
    }
}

pub(super) fn modes(words: &Words, everybody: &str) -> Vec<Choice> {
    let choice = |mode: Mode, label: &str| Choice {
        value: mode.as_str().to_owned(),
        label: label.to_owned(),
    };
    vec![
        choice(Mode::Everybody, everybody),
        choice(
            Mode::Some,
            words.t("Solo chi è indicato qui sotto", "Only who is named below"),
        ),
        choice(
            Mode::Administrators,
            words.t("Solo gli amministratori", "Administrators only"),
        ),
    ]
}
