//! Words for what the store keeps as names.

use std::collections::BTreeMap;

use bisenzio_kernel::{Lang, Micros, PermissionSpec, Role, format};
use bisenzio_module::AuditDictionary;
use bisenzio_web::Ctx;

use crate::tokens::Token;

pub fn roles(roles: &[Role], lang: Lang) -> String {
    roles
        .iter()
        .map(|role| role.label(lang))
        .collect::<Vec<_>>()
        .join(", ")
}

pub fn instant(ctx: &Ctx, at: Micros) -> String {
    format::instant(at, &ctx.tenant.timezone, ctx.lang)
}

/// Name of an organisation; its identifier when the city no longer lists it.
pub fn organisation(ctx: &Ctx, id: Option<&str>) -> String {
    let Some(id) = id else { return String::new() };
    let known = ctx.tenant.organisations.iter().find(|o| o.id == id);
    known.map_or_else(|| id.to_owned(), |o| o.name.clone())
}

pub fn permission(specs: &[PermissionSpec], name: &str, lang: Lang) -> String {
    if name == crate::tokens::EVERYTHING {
        return lang
            .t("Tutto (solo dimostrazione)", "Everything (demonstration only)")
            .to_owned();
    }
    let spec = specs.iter().find(|spec| spec.permission.0 == name);
    spec.map_or_else(|| name.to_owned(), |spec| lang.t(spec.it, spec.en).to_owned())
}

/// Who acted, in words.
pub fn actor(label: &str, names: &BTreeMap<String, String>, lang: Lang) -> String {
    if label == "anonymous" {
        return lang.t("Senza accesso", "Not signed in").to_owned();
    }
    if let Some(system) = label.strip_prefix("system:") {
        return format!("{} ({system})", lang.t("Sistema", "System"));
    }
    if let Some(token) = label.strip_prefix("token:") {
        return format!("Token «{token}»");
    }
    names
        .get(label)
        .map_or_else(|| label.to_owned(), |name| format!("{name} ({label})"))
}

/// The remark of an entry: names of roles, permissions and fields in words.
pub fn detail(
    words: &AuditDictionary,
    action: &str,
    text: &str,
    specs: &[PermissionSpec],
    lang: Lang,
) -> String {
    let each = |label: &dyn Fn(&str) -> String| text.split(", ").map(label).collect::<Vec<_>>().join(", ");
    match (action, text) {
        ("access.user-create" | "access.user-edit", _) => {
            each(&|name| Role::parse(name).map_or(name, |role| role.label(lang)).to_owned())
        }
        ("access.token-create", _) => each(&|name| permission(specs, name, lang)),
        ("access.sign-in", "demo") => lang.t("Dimostrazione", "Demonstration").to_owned(),
        ("access.sign-in-refused", "wait") => lang
            .t("Da qui in poi occorre attendere", "Further attempts must wait")
            .to_owned(),
        ("access.sign-out-everywhere", count) => format!("{}: {count}", lang.t("Sessioni", "Sessions")),
        ("access.audit-export", count) => format!("{}: {count}", lang.t("Righe", "Entries")),
        _ => words.detail(action, text, lang),
    }
}

/// A token as tables show it.
pub struct TokenRow {
    pub id: String,
    pub name: String,
    pub owner: String,
    pub scopes: String,
    pub created: String,
    pub expires: String,
    pub used: String,
    /// In use: neither revoked nor expired.
    pub live: bool,
    pub state: &'static str,
    pub kind: &'static str,
}

pub fn token_row(ctx: &Ctx, token: Token) -> TokenRow {
    let lang = ctx.lang;
    let expired = token.expires_at <= ctx.app.env.now();
    let (state, kind) = match token.revoked_at {
        Some(_) => (lang.t("Revocato", "Revoked"), "neutral"),
        None if expired => (lang.t("Scaduto", "Expired"), "warning"),
        None => (lang.t("Attivo", "Active"), "success"),
    };
    let scopes = token
        .scopes
        .iter()
        .map(|scope| permission(&ctx.app.permissions, scope, lang));
    let never = || lang.t("mai", "never").to_owned();
    TokenRow {
        live: token.revoked_at.is_none() && !expired,
        state,
        kind,
        scopes: scopes.collect::<Vec<_>>().join("; "),
        created: instant(ctx, token.created_at),
        expires: instant(ctx, token.expires_at),
        used: token.used_at.map_or_else(never, |at| instant(ctx, at)),
        owner: token
            .owner
            .unwrap_or_else(|| lang.t("riga di comando", "command line").to_owned()),
        name: token.name,
        id: token.id,
    }
}
