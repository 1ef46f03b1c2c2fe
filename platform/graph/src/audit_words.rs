//! What the graph records in the audit log, in words.

use bisenzio_module::{AuditName, AuditWords};

pub(crate) const WORDS: &[AuditWords] = &[
    AuditWords {
        action: AuditName::Action("graph.history-policy.set"),
        it: "Conservazione della storia decisa",
        en: "Keeping of history decided",
    },
    AuditWords {
        action: AuditName::Action("graph.history-policy.remove"),
        it: "Regola di conservazione tolta",
        en: "Rule of keeping removed",
    },
    AuditWords {
        action: AuditName::Field("policy"),
        it: "Regola",
        en: "Rule",
    },
    AuditWords {
        action: AuditName::Action("graph.rule.save"),
        it: "Regola di accesso salvata",
        en: "Access rule saved",
    },
    AuditWords {
        action: AuditName::Action("graph.rule.delete"),
        it: "Regola di accesso tolta",
        en: "Access rule removed",
    },
    AuditWords {
        action: AuditName::Field("readers"),
        it: "Può vedere",
        en: "May see",
    },
    AuditWords {
        action: AuditName::Value("readers", "everybody"),
        it: "tutti",
        en: "everybody",
    },
    AuditWords {
        action: AuditName::Value("readers", "administrators"),
        it: "solo gli amministratori",
        en: "administrators only",
    },
    AuditWords {
        action: AuditName::Field("writers"),
        it: "Può scrivere",
        en: "May write",
    },
    AuditWords {
        action: AuditName::Value("writers", "everybody"),
        it: "chi ha il permesso",
        en: "who has the permission",
    },
    AuditWords {
        action: AuditName::Value("writers", "administrators"),
        it: "solo gli amministratori",
        en: "administrators only",
    },
    AuditWords {
        action: AuditName::Field("types"),
        it: "Tipi",
        en: "Types",
    },
    AuditWords {
        action: AuditName::Field("attributes"),
        it: "Dati",
        en: "Data",
    },
    AuditWords {
        action: AuditName::Field("scopeQ"),
        it: "Ambito",
        en: "Scope",
    },
    AuditWords {
        action: AuditName::Field("description"),
        it: "A che cosa serve",
        en: "What it is for",
    },
    AuditWords {
        action: AuditName::Action("graph.subscription.pause"),
        it: "Iscrizione messa in pausa",
        en: "Subscription paused",
    },
    AuditWords {
        action: AuditName::Action("graph.subscription.resume"),
        it: "Iscrizione ripresa",
        en: "Subscription resumed",
    },
    AuditWords {
        action: AuditName::Action("graph.subscription.delete"),
        it: "Iscrizione eliminata",
        en: "Subscription deleted",
    },
    AuditWords {
        action: AuditName::Action("graph.notification.replay"),
        it: "Notifica rimessa in consegna",
        en: "Notification queued again",
    },
    AuditWords {
        action: AuditName::Action("graph.notification.discard"),
        it: "Notifica non consegnata eliminata",
        en: "Undelivered notification removed",
    },
    AuditWords {
        action: AuditName::Subject {
            prefix: "graph/rule/",
            href: "/grafo/regole#regola-",
            parts: 1,
        },
        it: "Regola",
        en: "Rule",
    },
    // The beginning that all such identifiers share says nothing to a reader.
    AuditWords {
        action: AuditName::Subject {
            prefix: "graph/subscription/urn:ngsi-ld:Subscription:",
            href: "/grafo/iscrizioni/urn:ngsi-ld:Subscription:",
            parts: 1,
        },
        it: "Iscrizione",
        en: "Subscription",
    },
    AuditWords {
        action: AuditName::Subject {
            prefix: "graph/subscription/",
            href: "/grafo/iscrizioni/",
            parts: 1,
        },
        it: "Iscrizione",
        en: "Subscription",
    },
    AuditWords {
        action: AuditName::Subject {
            prefix: "",
            href: "",
            parts: 0,
        },
        it: "Tipo di entità",
        en: "Type of entity",
    },
];
