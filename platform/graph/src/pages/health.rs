//! How deliveries and sources fare, in sentences.

use bisenzio_kernel::Micros;
use bisenzio_ngsi_ld::DateTime;
use serde_json::Value;

use super::Words;
use crate::subscriptions::{Health, SubscriptionHealth};

/// A state as a badge, and what it means.
pub(crate) struct State {
    pub(crate) label: String,
    /// Kind of badge.
    pub(crate) kind: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) sentence: String,
}

/// How a subscription fares.
pub(crate) fn of_subscription(words: &Words, one: &SubscriptionHealth) -> State {
    let health = &one.health;
    let state = |label: &str, kind, icon, sentence: String| State {
        label: label.to_owned(),
        kind,
        icon,
        sentence,
    };
    match one.status {
        "paused" => state(
            words.t("In pausa", "Paused"),
            "neutral",
            "it-clock",
            words
                .t(
                    "Non parte nessuna notifica finché non si riprende.",
                    "No notification leaves until it is resumed.",
                )
                .to_owned(),
        ),
        "expired" => {
            let until = one.subscription.get("expiresAt").and_then(Value::as_str);
            let until = until
                .and_then(DateTime::parse)
                .map(|at| words.instant(at.micros()));
            let sentence = format!(
                "{} {}",
                words.t("Il periodo è finito:", "Its time is over:"),
                until.unwrap_or_default()
            );
            state(words.t("Scaduta", "Expired"), "neutral", "it-calendar", sentence)
        }
        _ if health.failures > 0 => state(
            words.t("Non consegna", "Not delivering"),
            "danger",
            "it-error",
            failing(words, health),
        ),
        _ => match health.last_success {
            Some(at) => state(
                words.t("Attiva", "Active"),
                "success",
                "it-check-circle",
                format!(
                    "{} {}",
                    words.t("Ultima consegna:", "Last delivery:"),
                    words.instant(at)
                ),
            ),
            None => state(
                words.t("Attiva", "Active"),
                "info",
                "it-info-circle",
                words
                    .t("Ancora nessuna notifica inviata.", "No notification sent yet.")
                    .to_owned(),
            ),
        },
    }
}

fn failing(words: &Words, health: &Health) -> String {
    let mut out = match health.last_failure {
        Some(at) => format!(
            "{} {}",
            words.t("L'ultimo tentativo non è riuscito:", "The last attempt failed:"),
            words.instant(at)
        ),
        None => words
            .t("L'ultimo tentativo non è riuscito", "The last attempt failed")
            .to_owned(),
    };
    if let Some(error) = &health.last_error {
        out.push_str(&format!(", {}", reason(words, error)));
    }
    if let Some(at) = health.retry_at {
        out.push_str(&format!(
            ". {} {}",
            words.t("Si riprova:", "Next attempt:"),
            words.instant(at)
        ));
    }
    out
}

/// What waits, in words; empty when nothing does.
pub(crate) fn waiting(words: &Words, health: &Health) -> String {
    match (health.pending, health.oldest_pending) {
        (0, _) => String::new(),
        (count, oldest) => {
            let number = bisenzio_kernel::format::integer(count, words.lang);
            let since = oldest.map(|at| {
                format!(
                    ", {} {}",
                    words.t("la prima dal", "the first since"),
                    words.instant(at)
                )
            });
            format!("{number}{}", since.unwrap_or_default())
        }
    }
}

/// Why a delivery failed: the store keeps what the network said, in English.
pub(crate) fn reason(words: &Words, error: &str) -> String {
    let known = [
        (
            "the endpoint answered ",
            "il destinatario ha risposto con l'errore",
        ),
        ("no answer within ", "il destinatario non ha risposto in tempo"),
        ("more than ", "troppe notifiche in attesa"),
    ];
    for (beginning, italian) in known {
        if let Some(rest) = error.strip_prefix(beginning) {
            let code = if rest.len() == 3 && rest.bytes().all(|b| b.is_ascii_digit()) {
                format!(" {rest}")
            } else {
                String::new()
            };
            return match words.t("it", "en") {
                "it" => format!("{italian}{code}"),
                _ => error.to_owned(),
            };
        }
    }
    let italian = if error.contains("is in a network") {
        "l'indirizzo è in una rete che questo server non può chiamare"
    } else if error.contains("is not an address") {
        "l'indirizzo non si può chiamare"
    } else {
        "il destinatario non è raggiungibile"
    };
    words.t(italian, error).to_owned()
}

/// How a source of the graph fares, from what the broker adds to its registration.
pub(crate) fn of_source(
    words: &Words,
    seen: &serde_json::Map<String, Value>,
    expires: Option<Micros>,
    now: Micros,
) -> State {
    let time = |name: &str| {
        let text = seen.get(name).and_then(Value::as_str)?;
        DateTime::parse(text).map(|at| words.instant(at.micros()))
    };
    let state = |label: &str, kind, icon, sentence: String| State {
        label: label.to_owned(),
        kind,
        icon,
        sentence,
    };
    if let Some(at) = expires.filter(|at| *at <= now) {
        let sentence = format!(
            "{} {}",
            words.t("Il periodo è finito:", "Its time is over:"),
            words.instant(at)
        );
        return state(words.t("Scaduta", "Expired"), "neutral", "it-calendar", sentence);
    }
    match seen.get("status").and_then(Value::as_str) {
        Some("ok") => state(
            words.t("Risponde", "Answering"),
            "success",
            "it-check-circle",
            format!(
                "{} {}",
                words.t("Ultima risposta:", "Last answer:"),
                time("lastSuccess").unwrap_or_default()
            ),
        ),
        Some(_) => {
            let last = match time("lastSuccess") {
                Some(at) => format!(
                    ". {} {at}",
                    words.t("L'ultima risposta è del", "It last answered on")
                ),
                None => String::new(),
            };
            let failed = time("lastFailure").unwrap_or_default();
            let sentence = format!("{} {failed}{last}", words.t("Senza risposta:", "No answer:"));
            state(
                words.t("Non risponde", "Not answering"),
                "danger",
                "it-error",
                sentence,
            )
        }
        None => state(
            words.t("Mai chiamata", "Never called"),
            "info",
            "it-info-circle",
            words
                .t(
                    "Da quando il server è acceso nessuno ha chiesto i suoi dati.",
                    "Nobody has asked for its data since the server started.",
                )
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::testing::words;

    #[test]
    fn reasons_are_said_in_italian() {
        for (error, italian) in [
            (
                "the endpoint answered 503",
                "il destinatario ha risposto con l'errore 503",
            ),
            ("no answer within 10s", "il destinatario non ha risposto in tempo"),
            (
                "more than 10000 notifications were waiting",
                "troppe notifiche in attesa",
            ),
            (
                "10.0.0.1 is in a network that this server may not call",
                "l'indirizzo è in una rete che questo server non può chiamare",
            ),
            ("connection refused", "il destinatario non è raggiungibile"),
        ] {
            assert_eq!(reason(&words(), error), italian);
        }
    }

    #[test]
    fn what_waits_is_counted() {
        let mut health = Health::default();
        assert_eq!(waiting(&words(), &health), "");
        health.pending = 1_200;
        health.oldest_pending = Some(1_773_216_000_000_000);
        assert_eq!(
            waiting(&words(), &health),
            "1.200, la prima dal 11 marzo 2026, ore 9:00"
        );
    }
}
