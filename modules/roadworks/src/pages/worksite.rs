//! `/cantieri/{code}`: why, until when, how to get round, whom to ask.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use bisenzio_kernel::{Contact, Lang, Problem};
use bisenzio_web::{Ctx, Page, redirect, render};
use qrcode::{EcLevel, QrCode};

use super::story::{Step, steps};
use super::view::{bounds, city_bounds, upper_first};
use crate::model::{
    Before, EndWords, Measure, Place, Precision, Status, Worksite, headline, measure, slug_of_street, wording,
};
use crate::store::worksites;

/// Places that stand open on the page; more of them are folded away.
const SHOWN_SPOTS: usize = 2;

/// A place with its measures.
struct Spot {
    label: String,
    street_href: String,
    /// Where an officer can put it elsewhere; empty for others.
    edit_href: String,
    /// How exactly it is on the map, where that is not plain to see.
    precision: &'static str,
    /// How it was found, for staff; empty for others.
    explanation: String,
    signs: Vec<Sign>,
}

/// A measure as a sign with words.
struct Sign {
    icon: &'static str,
    class: &'static str,
    title: String,
    details: String,
    over: String,
}

struct Note {
    contradiction: bool,
    about: String,
    text: String,
    /// In the words of the record, whatever the page's language.
    as_written: bool,
}

#[derive(Template)]
#[template(path = "cantiere.html")]
struct WorksitePage {
    page: Page,
    code: String,
    headline: String,
    severity: u8,
    severity_words: &'static str,
    status: &'static str,
    badge: &'static str,
    kind: &'static str,
    facts: Vec<(&'static str, String)>,
    /// The places to know first, and those that are folded away.
    spots: Vec<Spot>,
    more_spots: Vec<Spot>,
    detours: Vec<String>,
    bus: Vec<String>,
    steps: Vec<Step>,
    notices: Vec<(String, String, String, bool)>,
    notes: Vec<Note>,
    contact: Contact,
    /// The number as `tel:` takes it.
    tel: String,
    organisation: String,
    permalink: String,
    short_link: String,
    qr: String,
    geojson: String,
    bounds: String,
    drawn: bool,
}

/// `/c/{short}`: from the sign on site to the page.
pub async fn short(ctx: Ctx, Path(short): Path<String>) -> Result<Response, Problem> {
    let tenant = ctx.tenant_id().clone();
    let wanted = short.to_lowercase();
    let code = ctx
        .store()
        .read(move |tx| worksites::code_of_short(tx, &tenant, &wanted).map_err(Problem::from))
        .await?
        .ok_or_else(|| Problem::not_found("There is no such worksite"))?;
    Ok(redirect(&format!("/cantieri/{code}")))
}

pub async fn page(ctx: Ctx, Path(code): Path<String>) -> Result<Response, Problem> {
    let tenant = ctx.tenant_id().clone();
    let wanted = code.clone();
    let (found, alias) = ctx
        .store()
        .read(move |tx| {
            let found = worksites::one(tx, &tenant, &wanted)?;
            let alias = if found.is_none() {
                worksites::alias(tx, &tenant, &wanted)?
            } else {
                None
            };
            Ok::<_, Problem>((found, alias))
        })
        .await?;
    if let Some(now) = alias {
        return Ok(redirect(&format!("/cantieri/{now}")));
    }
    let (listed, work) = found.ok_or_else(|| Problem::not_found("There is no such worksite"))?;
    let (lang, day) = (ctx.lang, ctx.today());
    let status = listed.status(day);
    let sentence = headline::headline(&work, status, lang);
    let permalink = format!("{}/cantieri/{}", ctx.base_url, listed.code);
    let short_link = format!("{}/c/{}", ctx.base_url, listed.short);
    let drawn = work.places.iter().any(|p| !p.spot.lines.is_empty());
    let area = bounds(work.places.iter().flat_map(|p| &p.spot.lines).map(Vec::as_slice));
    let may_place = ctx.may(crate::service::PLACE);
    let page = ctx
        .page(listed.heading(lang))
        .crumb(ctx.t("Cantieri", "Roadworks"), "/cantieri")
        .crumb(listed.code.clone(), "")
        .describe(sentence.clone())
        .feed(
            "iCalendar",
            "text/calendar",
            format!("/cantieri.ics?codice={}", listed.code),
        )
        .with_map();
    let mut first = spots(
        &work,
        &listed.code,
        may_place,
        ctx.may(crate::service::VIEW_ROOM),
        lang,
    );
    let more_spots = if first.len() > SHOWN_SPOTS + 1 {
        first.split_off(SHOWN_SPOTS)
    } else {
        Vec::new()
    };
    let template = WorksitePage {
        page,
        headline: sentence,
        severity: listed.severity,
        severity_words: measure::severity_words(listed.severity, lang),
        status: status.label(lang),
        badge: status.badge(),
        kind: listed.kind.label(lang),
        facts: facts(&work, &listed.company, status, lang),
        spots: first,
        more_spots,
        detours: work.detours.iter().map(|d| upper_first(d)).collect(),
        bus: work
            .bus
            .iter()
            .map(|b| match &b.via {
                Some(via) => format!("{} {}: {via}", lang.t("Linea", "Line"), b.line),
                None => format!("{} {}", lang.t("Linea", "Line"), b.line),
            })
            .collect(),
        steps: steps(&work, lang),
        notices: work
            .notices
            .iter()
            .map(|n| {
                let when = n
                    .published
                    .map(|d| {
                        format!(
                            "{} {}",
                            lang.t("comunicato", "notice"),
                            Before::Of.date(d.date, lang)
                        )
                    })
                    .unwrap_or_default();
                (wording::title(&n.title), n.url.clone(), when, n.inferred)
            })
            .collect(),
        notes: work
            .remarks
            .iter()
            .map(|r| Note {
                contradiction: r.is_contradiction(),
                about: r.about.clone(),
                text: r.text(lang).to_owned(),
                as_written: r.it == r.en && lang != Lang::It,
            })
            .collect(),
        tel: ctx
            .tenant
            .contact
            .phone
            .iter()
            .flat_map(|number| number.chars())
            .filter(|c| c.is_ascii_digit() || *c == '+')
            .collect(),
        contact: ctx.tenant.contact.clone(),
        organisation: ctx.tenant.organisation.clone(),
        qr: qr(
            &short_link,
            ctx.t(
                "Codice QR con il link a questa pagina",
                "QR code with the link to this page",
            ),
        )?,
        permalink,
        short_link,
        geojson: format!("/cantieri.geojson?codice={}", listed.code),
        bounds: if area.is_empty() {
            city_bounds(&ctx.tenant)
        } else {
            area
        },
        drawn,
        code: listed.code,
    };
    render(&template)
}

fn facts(work: &Worksite, company: &str, status: Status, lang: Lang) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    let when = headline::when(&work.period, status, lang);
    if !when.is_empty() {
        out.push((lang.t("Quando", "When"), upper_first(&when)));
    }
    if let (Some(start), Some(minute)) = (work.period.start, work.period.start.and_then(|s| s.minute))
        && minute > 0
    {
        out.push((lang.t("Inizio", "Start"), start.display(lang)));
    }
    // A plain day is told by "Quando" already.
    let hour = work
        .period
        .end
        .and_then(|e| e.minute)
        .is_some_and(|minute| !matches!(minute, 0 | 1439 | 1440));
    if hour || work.period.open_end || work.period.end_words != EndWords::Plain {
        out.push((
            lang.t("Fine", "End"),
            upper_first(&headline::end_words(work.period.end, work.period.end_words, lang)),
        ));
    }
    if let Some((on, by)) = &work.period.revoked {
        out.push((
            lang.t("Revocato", "Revoked"),
            format!("{} ({by})", on.display(lang)),
        ));
    }
    for (from, to) in &work.period.suspended {
        out.push((
            lang.t("Sospeso", "Suspended"),
            format!("{} – {}", from.display(lang), to.display(lang)),
        ));
    }
    if let Some(works) = &work.works {
        out.push((lang.t("Che cosa", "What"), upper_first(works)));
    }
    // Where only who asked is told, the line below tells it whole.
    let told = work.companies.applicant.is_some() || work.companies.contractor.is_some();
    if !company.is_empty() && (told || work.companies.requester.is_none()) {
        out.push((lang.t("Per conto di", "For"), company.to_owned()));
    }
    if let Some(contractor) = &work.companies.contractor {
        out.push((lang.t("Impresa", "Contractor"), wording::title(contractor)));
    }
    if let Some(requester) = work
        .companies
        .requester
        .as_ref()
        .filter(|r| Some(*r) != work.companies.contractor.as_ref())
    {
        out.push((lang.t("Richiesto da", "Asked for by"), wording::title(requester)));
    }
    out
}

fn spots(work: &Worksite, code: &str, may_place: bool, staff: bool, lang: Lang) -> Vec<Spot> {
    let mut order: Vec<usize> = (0..work.places.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(work.places[i].severity), i));
    order
        .into_iter()
        .map(|i| {
            let place = &work.places[i];
            Spot {
                label: place.label().unwrap_or_else(|| {
                    lang.t(
                        "Strada non riportata nel testo conservato",
                        "Street not in the stored text",
                    )
                    .to_owned()
                }),
                street_href: street_href(place),
                edit_href: if may_place {
                    format!("/situation-room/da-collocare/{code}/{i}")
                } else {
                    String::new()
                },
                precision: for_readers(place.spot.precision, lang),
                explanation: if staff {
                    lang.t(&place.spot.it, &place.spot.en).to_owned()
                } else {
                    String::new()
                },
                signs: signs(work, i, lang),
            }
        })
        .collect()
}

fn street_href(place: &Place) -> String {
    let name = place.spot.streets.first().or(place.street.as_ref());
    match name {
        Some(name) if !place.spot.links.is_empty() => {
            format!("/strade/{}", slug_of_street(name))
        }
        _ => String::new(),
    }
}

/// What a reader has to know of how exactly a place is drawn; nothing where it is exact.
fn for_readers(precision: Precision, lang: Lang) -> &'static str {
    match precision {
        Precision::Stretch => "",
        Precision::WholeStreet => lang.t(
            "Posizione approssimata: è indicata tutta la strada.",
            "Approximate position: the whole street is marked.",
        ),
        Precision::PlacedByHand => lang.t("Collocato dall'ufficio.", "Placed by the office."),
        Precision::NotAStreet => lang.t(
            "Vale per un'area, non per una sola strada.",
            "Holds for an area, not for one street.",
        ),
        Precision::Unmatched => lang.t("Non ancora sulla mappa.", "Not on the map yet."),
    }
}

pub fn precision_words(precision: Precision, lang: Lang) -> &'static str {
    match precision {
        Precision::Stretch => lang.t("Tratto individuato", "Stretch found"),
        Precision::WholeStreet => lang.t("Segnata tutta la strada", "Whole street marked"),
        Precision::PlacedByHand => lang.t("Collocato dall'ufficio", "Placed by the office"),
        Precision::NotAStreet => lang.t("Vale per un'area", "Holds for an area"),
        Precision::Unmatched => lang.t("Non ancora sulla mappa", "Not on the map yet"),
    }
}

fn signs(work: &Worksite, place: usize, lang: Lang) -> Vec<Sign> {
    let once = same_days(work);
    work.measures
        .iter()
        .filter(|m| m.place == place)
        .map(|m| {
            let kind = measure::kind_of(&m.code);
            Sign {
                icon: kind.icon,
                class: kind.sign,
                title: measure::words(&m.code, lang),
                details: details(m, !once, lang),
                over: m
                    .ended_by
                    .as_ref()
                    .map(|by| {
                        format!(
                            "{} {by}",
                            lang.t("Non più in vigore: ordinanza", "No longer in force: ordinance")
                        )
                    })
                    .unwrap_or_default(),
            }
        })
        .collect()
}

/// All measures hold for the same time: the page says it once, above them.
fn same_days(work: &Worksite) -> bool {
    let days = |m: &Measure| (m.from, m.to, m.end_words);
    work.measures
        .windows(2)
        .all(|pair| days(&pair[0]) == days(&pair[1]))
        && work.measures.first().is_none_or(|m| {
            m.from == work.period.start && m.to == work.period.end && m.end_words == work.period.end_words
        })
}

fn details(m: &Measure, with_days: bool, lang: Lang) -> String {
    let mut parts = Vec::new();
    if let Some(phase) = m.phase {
        parts.push(format!("{} {phase}", lang.t("fase", "phase")));
    }
    match (m.from, m.to) {
        _ if !with_days => {}
        // Whole days without further words read best as one range.
        (Some(from), Some(to))
            if from.minute.is_none()
                && to.minute.is_none()
                && m.end_words == EndWords::Plain
                && from.date < to.date =>
        {
            parts.push(headline::range(from.date, to.date, lang));
        }
        (from, to) => {
            if let Some(from) = from {
                parts.push(Before::From.moment(from, lang));
            }
            if to.is_some() || m.end_words != EndWords::Plain {
                parts.push(headline::end_words(to, m.end_words, lang));
            }
        }
    }
    let told = [
        (lang.t("orario", "hours"), &m.hours),
        (lang.t("eccetto", "except"), &m.exceptions),
        (lang.t("lato", "side"), &m.side),
        (lang.t("direzione", "direction"), &m.direction),
    ];
    for (word, value) in told {
        if let Some(value) = value {
            parts.push(format!("{word} {value}"));
        }
    }
    if let Some(note) = &m.note {
        parts.push(note.clone());
    }
    upper_first(&parts.join("; "))
}

/// An SVG of the link, as an element of the page.
fn qr(link: &str, label: &str) -> Result<String, Problem> {
    let code = QrCode::with_error_correction_level(link, EcLevel::M).map_err(|error| {
        tracing::error!(%error, "QR code");
        Problem::internal()
    })?;
    let svg = code
        .render::<qrcode::render::svg::Color<'_>>()
        .min_dimensions(160, 160)
        .build();
    let start = svg.find("<svg").unwrap_or(0);
    Ok(svg[start..].replacen("<svg", &format!("<svg role=\"img\" aria-label=\"{label}\""), 1))
}
