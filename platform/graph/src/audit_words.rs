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
            href: "",
            parts: 0,
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
