//! A worksite with its places looked up and everything that lists and search need of it.

use std::collections::BTreeMap;

use bisenzio_kernel::{Lang, Organisation, slug};
use sha2::{Digest, Sha256};

use crate::model::{Moment, Occupation, Precision, Worksite, company, headline};
use crate::placing::{Ground, place};
use crate::store::worksites::Listed;

/// Looks up every place; what an officer placed stays where it was put.
pub(super) fn look_up(
    work: &mut Worksite,
    ground: &Ground,
    locator: &bisenzio_streets::Locator<'_>,
    by_hand: &BTreeMap<String, Vec<String>>,
) {
    for one in &mut work.places {
        let hand = by_hand.get(&one.key()).and_then(|links| ground.by_hand(links));
        one.spot = hand.unwrap_or_else(|| {
            let mut spot = place(
                locator,
                &ground.network,
                one.street.as_deref(),
                one.stretch.as_deref(),
            );
            if spot.precision == Precision::Unmatched
                && one.street.as_deref().is_some_and(|n| !may_be_street(n))
            {
                spot.precision = Precision::NotAStreet;
                spot.it = "Il testo indica un'area e non una strada.".into();
                spot.en = "The text tells an area and not a street.".into();
            }
            spot
        });
    }
}

/// Streets it touches by slug: the network's names where matched, the act's words where not.
pub(super) fn streets(work: &Worksite) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for place in &work.places {
        for name in &place.spot.streets {
            out.insert(slug(name), name.clone());
        }
        // "tutto il territorio comunale" or "ZTL A" is no street: only names with a street's type count.
        if place.spot.precision == Precision::Unmatched
            && let Some(name) = place.street.as_deref().filter(|n| is_street(n))
        {
            out.insert(slug(name), name.to_owned());
        }
    }
    out.remove("");
    out
}

/// "tutto il territorio comunale" and "ZTL A" are no street; "Via A / Via B" is a junction of two.
fn may_be_street(name: &str) -> bool {
    name.split('/').any(|part| is_street(part.trim()))
}

fn is_street(name: &str) -> bool {
    !name.contains('/')
        && name
            .split_once(' ')
            .is_some_and(|(kind, _)| bisenzio_streets::names::StreetType::read(kind).is_some())
}

/// The company that is shown for it, and the city's organisation behind it.
pub(super) fn company_of<'a>(
    work: &Worksite,
    organisations: &'a [Organisation],
) -> (String, Option<&'a Organisation>) {
    let names = [
        &work.companies.applicant,
        &work.companies.contractor,
        &work.companies.requester,
    ];
    let told = names
        .into_iter()
        .flatten()
        .find(|name| !company::short_name(name).is_empty())
        .map(String::as_str)
        .unwrap_or_default();
    match company::find(told, organisations) {
        Some(organisation) => (organisation.name.clone(), Some(organisation)),
        None => (company::short_name(told), None),
    }
}

pub(super) fn listed(work: &Worksite, code: &str, short: &str, company: &str) -> Listed {
    let unmatched = |p: &&crate::model::Place| p.spot.precision == Precision::Unmatched && p.street.is_some();
    Listed {
        code: code.to_owned(),
        short: short.to_owned(),
        kind: work.kind,
        heading_it: headline::heading(work, Lang::It),
        heading_en: headline::heading(work, Lang::En),
        works: work.works.clone().unwrap_or_else(|| work.title.clone()),
        severity: work.severity(),
        company: company.to_owned(),
        company_slug: slug(company),
        days: Occupation::of(&work.period),
        told_end: work.period.end.map(Moment::last_day),
        contradictions: i64::try_from(work.contradictions()).unwrap_or(0),
        unplaced: i64::try_from(work.places.iter().filter(unmatched).count()).unwrap_or(0),
    }
}

/// Words that find it: `-via-pistoiese-publiacqua-...-`.
pub(super) fn words(work: &Worksite, listed: &Listed) -> String {
    let mut text = format!(
        "{} {} {} {} {}",
        listed.code, listed.heading_it, listed.works, listed.company, work.title
    );
    for place in &work.places {
        text.push(' ');
        text.push_str(&place.label().unwrap_or_default());
    }
    for step in &work.chain {
        text.push(' ');
        text.push_str(&step.label);
    }
    for notice in &work.notices {
        text.push(' ');
        text.push_str(&notice.title);
    }
    format!("-{}-", slug(&text))
}

/// Six letters and digits that cannot be mistaken for one another, from a code.
pub(super) fn short_code(tenant: &str, code: &str, taken: impl Fn(&str) -> bool) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut attempt = 0_u32;
    loop {
        let digest = Sha256::digest(format!("{tenant}/{code}/{attempt}"));
        let short: String = digest
            .iter()
            .take(6)
            .map(|b| char::from(ALPHABET[usize::from(b % 32)]))
            .collect();
        if !taken(&short) {
            return short;
        }
        attempt += 1;
    }
}

pub(super) fn fingerprint(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\u{1f}"));
    digest.iter().map(|b| format!("{b:02x}")).collect()
}
