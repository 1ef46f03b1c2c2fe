//! What a reader should know of how a worksite's facts were read.

use bisenzio_kernel::Lang;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemarkKind {
    /// The source contradicts itself or another act; both sides are kept.
    Contradiction,
    /// Worked out, not read.
    Inferred,
    /// Something is missing.
    Missing,
    /// A note of who read the source, in its own words.
    Note,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remark {
    pub kind: RemarkKind,
    pub it: String,
    pub en: String,
    /// The act or notice it is about, as people name it; empty for the worksite as a whole.
    #[serde(default)]
    pub about: String,
}

impl Remark {
    pub fn new(kind: RemarkKind, about: &str, it: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            kind,
            it: it.into(),
            en: en.into(),
            about: about.to_owned(),
        }
    }

    pub fn text(&self, lang: Lang) -> &str {
        lang.t(&self.it, &self.en)
    }

    pub fn is_contradiction(&self) -> bool {
        self.kind == RemarkKind::Contradiction
    }
}
