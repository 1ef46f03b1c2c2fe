//! `/grafo`: what is in the city graph, for people. One page per file.
#![allow(
    clippy::cmp_owned,
    reason = "the select macro compares values of any type by their text"
)]

mod exports;
mod health;
mod index;
mod links;
mod missing;
mod reading;
mod relations;
mod rule_form;
mod rule_names;
mod rule_people;
mod rule_trial;
mod rule_words;
mod rules;
mod shapes;
mod sources;
mod story;
mod subscription_forms;
mod subscriptions;
#[cfg(test)]
mod testing;
mod thing;
mod types;
mod values;
mod words;

use bisenzio_web::{Access, NavEntry, NavPlace, Routes};
use http::Method;

use crate::module::{ADMINISTER, OVERSEE, REGISTER, SUBSCRIBE};
use words::Words;

pub(crate) const NAV: &[NavEntry] = &[
    NavEntry {
        place: NavPlace::Main,
        position: 60,
        it: "Grafo della città",
        en: "City graph",
        href: links::HOME,
        permission: None,
    },
    NavEntry {
        place: NavPlace::Staff,
        position: 60,
        it: "Iscrizioni",
        en: "Subscriptions",
        href: links::SUBSCRIPTIONS,
        permission: Some(SUBSCRIBE),
    },
    NavEntry {
        place: NavPlace::Staff,
        position: 61,
        it: "Fonti",
        en: "Sources",
        href: links::SOURCES,
        permission: Some(REGISTER),
    },
    NavEntry {
        place: NavPlace::Staff,
        position: 62,
        it: "Regole di accesso",
        en: "Access rules",
        href: links::RULES,
        permission: Some(ADMINISTER),
    },
];

pub(crate) fn routes() -> Routes {
    let everybody = Access::Public;
    let subscribe = Access::Permission(SUBSCRIBE);
    let oversee = Access::Permission(OVERSEE);
    let administer = Access::Permission(ADMINISTER);
    let rule = format!("{}/{{id}}", links::RULES);
    let new_rule = format!("{}/nuova", links::RULES);
    let one = "/grafo/iscrizioni/{id}";
    let letter = format!("{one}/notifiche/{{letter}}");
    Routes::new()
        .page(links::HOME, everybody, index::page)
        .page("/grafo/tipi/{type}", everybody, types::page)
        .page("/grafo/cose/{id}", everybody, thing::page)
        .api(
            Method::GET,
            "/grafo/tipi/{type}/mappa.geojson",
            everybody,
            exports::map,
        )
        .api(
            Method::GET,
            "/grafo/tipi/{type}/elenco.geojson",
            everybody,
            exports::geojson,
        )
        .api(
            Method::GET,
            "/grafo/tipi/{type}/elenco.csv",
            everybody,
            exports::csv,
        )
        .api(
            Method::GET,
            "/grafo/cose/{id}/mappa.geojson",
            everybody,
            exports::map_of_one,
        )
        .page(links::SUBSCRIPTIONS, subscribe, subscriptions::list)
        .page(one, subscribe, subscriptions::one)
        .form(&format!("{one}/pausa"), subscribe, subscription_forms::pause)
        .form(&format!("{one}/riprendi"), subscribe, subscription_forms::resume)
        .page(&format!("{one}/elimina"), subscribe, subscription_forms::ask)
        .form(&format!("{one}/elimina"), subscribe, subscription_forms::delete)
        .form(
            &format!("{one}/riconsegna"),
            oversee,
            subscription_forms::replay_all,
        )
        .form(
            &format!("{letter}/riconsegna"),
            oversee,
            subscription_forms::replay,
        )
        .form(&format!("{letter}/elimina"), oversee, subscription_forms::discard)
        .page(links::SOURCES, Access::Permission(REGISTER), sources::page)
        .page(links::RULES, administer, rules::list)
        .page(&new_rule, administer, rule_form::new)
        .form(&new_rule, administer, rule_form::create)
        .page(&format!("{rule}/modifica"), administer, rule_form::edit)
        .form(&format!("{rule}/modifica"), administer, rule_form::update)
        .page(&format!("{rule}/elimina"), administer, rules::ask)
        .form(&format!("{rule}/elimina"), administer, rules::delete)
}
