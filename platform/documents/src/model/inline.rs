//! Running text.

/// A run of text within a paragraph, a cell or a term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Plain text; line ends in it count as spaces.
    Text(String),
    /// Strong importance.
    Strong(String),
    /// Stress emphasis.
    Emphasis(String),
    /// Link: `http`, `https`, `mailto`, `tel`, a path (`/piano`) or an anchor (`#premessa`).
    /// Other addresses leave the text alone.
    Link {
        /// Text of the link; the address when empty.
        text: String,
        /// Address.
        href: String,
    },
    /// Code or identifier.
    Code(String),
    /// Forced line break.
    LineBreak,
}

/// A sequence of runs.
pub type Inlines = Vec<Inline>;

/// Whatever can stand where running text is wanted: a string, one run, or several.
pub trait IntoInlines {
    /// The runs.
    fn into_inlines(self) -> Inlines;
}

impl IntoInlines for &str {
    fn into_inlines(self) -> Inlines {
        vec![Inline::Text(self.to_owned())]
    }
}

impl IntoInlines for String {
    fn into_inlines(self) -> Inlines {
        vec![Inline::Text(self)]
    }
}

impl IntoInlines for &String {
    fn into_inlines(self) -> Inlines {
        self.as_str().into_inlines()
    }
}

impl IntoInlines for Inline {
    fn into_inlines(self) -> Inlines {
        vec![self]
    }
}

impl IntoInlines for Inlines {
    fn into_inlines(self) -> Inlines {
        self
    }
}

impl<const N: usize> IntoInlines for [Inline; N] {
    fn into_inlines(self) -> Inlines {
        self.into()
    }
}

/// Plain text.
pub fn text(text: impl Into<String>) -> Inline {
    Inline::Text(text.into())
}

/// Strong text.
pub fn strong(text: impl Into<String>) -> Inline {
    Inline::Strong(text.into())
}

/// Emphasised text.
pub fn emphasis(text: impl Into<String>) -> Inline {
    Inline::Emphasis(text.into())
}

/// Link with its address.
pub fn link(text: impl Into<String>, href: impl Into<String>) -> Inline {
    Inline::Link {
        text: text.into(),
        href: href.into(),
    }
}

/// Code or identifier.
pub fn code(text: impl Into<String>) -> Inline {
    Inline::Code(text.into())
}

/// Forced line break.
pub fn line_break() -> Inline {
    Inline::LineBreak
}
