//! What this module writes into the audit log, in words.

use bisenzio_module::{AuditName, AuditWords};

const fn words(action: AuditName, it: &'static str, en: &'static str) -> AuditWords {
    AuditWords { action, it, en }
}

const fn subject(prefix: &'static str, href: &'static str) -> AuditName {
    AuditName::Subject {
        prefix,
        href,
        parts: 1,
    }
}

pub const WORDS: &[AuditWords] = &[
    words(
        AuditName::Action("roadworks.import"),
        "Ordinanze e comunicati importati",
        "Ordinances and notices imported",
    ),
    words(
        AuditName::Action("roadworks.place"),
        "Cantiere collocato sulla mappa",
        "Worksite placed on the map",
    ),
    words(
        AuditName::Action("roadworks.place-undo"),
        "Collocazione annullata",
        "Placement taken back",
    ),
    words(subject("worksite/", "/cantieri/"), "Cantiere", "Worksite"),
    words(subject("ordinances", ""), "Ordinanze", "Ordinances"),
    words(subject("notices", ""), "Comunicati", "Notices"),
];
