//! The abstract document: what it says, not how it looks.

mod build;
mod inline;
mod table;

pub use inline::{Inline, Inlines, IntoInlines, code, emphasis, line_break, link, strong, text};
pub use table::{Alignment, Table};

/// Language of a document; decides hyphenation, the writers' own words and the language metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// Italian.
    #[default]
    Italian,
    /// English.
    English,
}

impl Language {
    /// BCP 47 code: `it` or `en`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Italian => "it",
            Self::English => "en",
        }
    }

    /// The language of a BCP 47 code such as `it`, `it-IT` or `en`; `None` for others.
    pub fn from_code(code: &str) -> Option<Self> {
        match code.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "it" => Some(Self::Italian),
            "en" => Some(Self::English),
            _ => None,
        }
    }
}

/// A whole document. Build it with [`Document::new`], the `with_*` methods and the block methods.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Title; an empty one is replaced by "Documento", since PDF/UA-1 §7.1 asks for a title.
    pub title: String,
    /// Subtitle under the title; empty for none.
    pub subtitle: String,
    /// Short title in the running header; the title itself when empty.
    pub running_title: String,
    /// Organisation that publishes it, such as "Comune di Prato".
    pub organisation: String,
    /// Author for the metadata; the organisation when empty.
    pub author: String,
    /// Language of the text.
    pub language: Language,
    /// Date as readers see it, such as "11 marzo 2026"; empty for none.
    pub date: String,
    /// Date for the metadata of the file.
    pub issued: Option<jiff::civil::Date>,
    /// One-sentence description for the metadata and under the title; empty for none.
    pub description: String,
    /// Whether a table of contents stands before the text.
    pub toc: bool,
    /// Deepest heading level (1 to 4) that the table of contents lists.
    pub toc_depth: u8,
    /// Whether heading numbers are shown.
    pub numbered: bool,
    /// Address such as `https://smart.comune.prato.it` put before links that begin with `/`; without it
    /// such links are plain text in PDF and ODT.
    pub base_url: Option<String>,
    /// The text.
    pub blocks: Vec<Block>,
    counters: [u32; 4],
}

/// A block of text. Headings and page breaks count only at the outermost level: within lists and
/// callouts a heading becomes a strong paragraph and a page break vanishes.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Section heading.
    Heading(Heading),
    /// Paragraph.
    Paragraph(Inlines),
    /// Bulleted or numbered list; each item holds blocks.
    List {
        /// Numbered when true.
        ordered: bool,
        /// The items.
        items: Vec<Vec<Block>>,
    },
    /// Data table.
    Table(Table),
    /// Terms with their descriptions.
    DefinitionList(Vec<(Inlines, Inlines)>),
    /// Set-apart remark.
    Callout(Callout),
    /// Picture with alternative text.
    Figure(Figure),
    /// New page (PDF and ODT).
    PageBreak,
}

/// Heading of a section. Levels that skip (1 then 3) are closed up, as PDF/UA-1 §7.4 asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heading {
    /// Level from 1 to 4.
    pub level: u8,
    /// Number such as "1.1", shown when the document is numbered.
    pub number: Option<String>,
    /// Text without number.
    pub text: String,
    /// Identifier for links (`#anchor`); made from number and text when absent, made unique when taken.
    pub anchor: Option<String>,
}

/// Kind of a callout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalloutKind {
    /// Something good to know.
    Note,
    /// Something to be careful with.
    Warning,
}

/// Remark set apart from the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Callout {
    /// Kind.
    pub kind: CalloutKind,
    /// Title; the word for the kind when empty.
    pub title: String,
    /// Content.
    pub blocks: Vec<Block>,
}

/// Bytes of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picture {
    /// Scalable Vector Graphics, UTF-8.
    Svg(Vec<u8>),
    /// Portable Network Graphics.
    Png(Vec<u8>),
}

/// Picture with caption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The picture.
    pub picture: Picture,
    /// Alternative text; the caption when empty.
    pub alt: String,
    /// Caption; `None` for none. The writers put "Figura N." before it.
    pub caption: Option<String>,
}
