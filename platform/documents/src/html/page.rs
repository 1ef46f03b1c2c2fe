//! The fragment as a page on its own.

use super::markup::Markup;
use super::{HtmlOptions, fragment};
use crate::prepare::Prepared;

const STYLE: &str = include_str!("page.css");

pub(super) fn page(document: &Prepared) -> String {
    let mut out = Markup::new();
    out.trusted("<!DOCTYPE html>\n");
    out.open("html", &[("lang", document.language.code())]);
    out.open("head", &[]);
    out.empty("meta", &[("charset", "utf-8")]);
    out.empty(
        "meta",
        &[
            ("name", "viewport"),
            ("content", "width=device-width, initial-scale=1"),
        ],
    );
    for (name, content) in [
        ("description", &document.description),
        ("author", &document.author),
    ] {
        if !content.is_empty() {
            out.empty("meta", &[("name", name), ("content", content)]);
        }
    }
    out.element("title", &[], &document.title);
    out.open("style", &[]);
    out.trusted(STYLE);
    out.close("style");
    out.close("head");
    out.open("body", &[]);
    out.open("main", &[]);
    out.open("header", &[]);
    if !document.organisation.is_empty() {
        out.element("p", &[("class", "organisation")], &document.organisation);
    }
    out.element("h1", &[], &document.title);
    for (class, text) in [
        ("subtitle", &document.subtitle),
        ("date", &document.date),
        ("description", &document.description),
    ] {
        if !text.is_empty() {
            out.element("p", &[("class", class)], text);
        }
    }
    out.close("header");
    out.trusted(&fragment(document, &HtmlOptions::default()));
    out.close("main");
    out.close("body");
    out.close("html");
    out.finish()
}
