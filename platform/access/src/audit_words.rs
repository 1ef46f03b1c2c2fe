//! What this crate writes into the audit log, in words.

use bisenzio_module::{AuditName, AuditWords};

const fn words(action: AuditName, it: &'static str, en: &'static str) -> AuditWords {
    AuditWords { action, it, en }
}

const fn action(name: &'static str, it: &'static str, en: &'static str) -> AuditWords {
    words(AuditName::Action(name), it, en)
}

const fn subject(prefix: &'static str, href: &'static str) -> AuditName {
    AuditName::Subject {
        prefix,
        href,
        parts: 1,
    }
}

pub(crate) const WORDS: &[AuditWords] = &[
    action("access.sign-in", "Accesso", "Sign-in"),
    action(
        "access.sign-in-refused",
        "Accesso non riuscito",
        "Sign-in refused",
    ),
    action("access.sign-out", "Uscita", "Sign-out"),
    action(
        "access.sign-out-everywhere",
        "Uscita da tutti i dispositivi",
        "Sign-out everywhere",
    ),
    action(
        "access.password-change",
        "Cambio della password",
        "Password changed",
    ),
    action(
        "access.invitation-accept",
        "Prima password scelta",
        "First password chosen",
    ),
    action("access.user-create", "Utente creato", "User created"),
    action("access.user-edit", "Utente modificato", "User changed"),
    action("access.user-disable", "Utente chiuso", "User closed"),
    action("access.user-enable", "Utente riaperto", "User reopened"),
    action(
        "access.user-invite",
        "Collegamento per la password",
        "Password link",
    ),
    action("access.token-create", "Token creato", "Token created"),
    action("access.token-revoke", "Token revocato", "Token revoked"),
    action("access.audit-export", "Registro esportato", "Log exported"),
    words(subject("account/", "/amministrazione/utenti/"), "Utente", "User"),
    words(subject("account", ""), "Utente sconosciuto", "Unknown user"),
    words(subject("token/", ""), "Token", "Token"),
    words(
        subject("audit", "/amministrazione/registro"),
        "Registro",
        "Audit log",
    ),
];
