//! The few words that the writers themselves put into a document.

use crate::model::Language;

/// Words of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words {
    pub contents: &'static str,
    pub page: &'static str,
    pub of: &'static str,
    pub table: &'static str,
    pub figure: &'static str,
    pub note: &'static str,
    pub warning: &'static str,
    pub document: &'static str,
    /// ISO 3166 region, needed by OpenDocument beside the language.
    pub region: &'static str,
}

/// The words for `language`.
pub(crate) fn words(language: Language) -> Words {
    match language {
        Language::Italian => Words {
            contents: "Sommario",
            page: "Pagina",
            of: "di",
            table: "Tabella",
            figure: "Figura",
            note: "Nota",
            warning: "Attenzione",
            document: "Documento",
            region: "IT",
        },
        Language::English => Words {
            contents: "Contents",
            page: "Page",
            of: "of",
            table: "Table",
            figure: "Figure",
            note: "Note",
            warning: "Warning",
            document: "Document",
            region: "GB",
        },
    }
}
