//! How a worksite appears in the city graph: a `CityWork` (Smart Data Models, dataModel.CivicWorkManagement).

use bisenzio_kernel::{Lang, TenantId};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::model::{Kind, Moment, Worksite, measure};
use crate::placing::geojson;
use crate::store::worksites::Listed;

/// `urn:ngsi-ld:CityWork:prato:2026-0143`
pub fn urn(tenant: &TenantId, code: &str) -> String {
    format!("urn:ngsi-ld:CityWork:{tenant}:{code}")
}

/// The entity in normalized JSON, default context. Members that are not known are left out.
pub fn entity(
    tenant: &TenantId,
    work: &Worksite,
    listed: &Listed,
    organisation: Option<&str>,
    timezone: &str,
) -> Value {
    let mut out = Map::new();
    let property = |value: Value| json!({ "type": "Property", "value": value });
    out.insert("id".into(), urn(tenant, &listed.code).into());
    out.insert("type".into(), "CityWork".into());
    out.insert("name".into(), property(listed.heading_it.clone().into()));
    out.insert("alternateName".into(), property(listed.code.clone().into()));
    out.insert("description".into(), property(listed.works.clone().into()));
    out.insert("workType".into(), property(work.kind.as_str().into()));
    if let Some(start) = work.period.start.and_then(|m| instant(m, 0, timezone)) {
        out.insert(
            "dateStart".into(),
            property(json!({ "@type": "DateTime", "@value": start })),
        );
    }
    if let Some(end) = work.period.end.and_then(|m| instant(m, 1440, timezone)) {
        out.insert(
            "dateEnd".into(),
            property(json!({ "@type": "DateTime", "@value": end })),
        );
    }
    // What holds whatever the day: readers work out planned, running and ended from the dates.
    let status = if work.period.revoked.is_some() {
        "revoked"
    } else if work.period.permanent {
        "permanent"
    } else {
        "authorised"
    };
    out.insert("status".into(), property(status.into()));
    out.insert("severity".into(), property(listed.severity.into()));
    let mut restrictions: Vec<Value> = Vec::new();
    for one in &work.measures {
        let members = [
            ("measure", Some(one.code.clone())),
            ("name", Some(measure::words(&one.code, Lang::It))),
            (
                "place",
                work.places.get(one.place).and_then(crate::model::Place::label),
            ),
            ("exceptions", one.exceptions.clone()),
            ("from", one.from.map(|m| m.to_string())),
            ("to", one.to.map(|m| m.to_string())),
        ];
        // NGSI-LD gives null a meaning of its own (delete): what is not known is left out.
        let known = members
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), Value::from(value?))));
        let restriction = Value::Object(known.collect());
        if !restrictions.contains(&restriction) {
            restrictions.push(restriction);
        }
    }
    if !restrictions.is_empty() {
        out.insert("restrictions".into(), property(Value::Array(restrictions)));
    }
    let lines: Vec<Vec<[f64; 2]>> = work.places.iter().flat_map(|p| p.spot.lines.clone()).collect();
    if let Some(geometry) = geojson(&lines) {
        out.insert(
            "location".into(),
            json!({ "type": "GeoProperty", "value": geometry }),
        );
    }
    if !listed.company.is_empty() {
        out.insert(
            "contractingCompany".into(),
            property(listed.company.clone().into()),
        );
    }
    if let Some(organisation) = organisation {
        let target = format!("urn:ngsi-ld:Organization:{tenant}:{organisation}");
        out.insert(
            "responsible".into(),
            json!({ "type": "Relationship", "object": target }),
        );
    }
    let sources: Vec<Value> = work
        .chain
        .iter()
        .filter_map(|s| s.url.clone())
        .chain(work.notices.iter().map(|n| n.url.clone()))
        .map(Value::from)
        .collect();
    if !sources.is_empty() {
        out.insert("seeAlso".into(), property(Value::Array(sources)));
    }
    Value::Object(out)
}

/// Codes of an entity in words.
pub fn value_words(attribute: &str, value: &str, lang: Lang) -> Option<String> {
    let words = match (attribute, value) {
        ("severity", level) => measure::severity_words(level.parse().ok()?, lang),
        ("workType", code) => Kind::parse(code)?.label(lang),
        ("status", "authorised") => lang.t("Autorizzato", "Authorised"),
        ("status", "permanent") => lang.t("Permanente", "Permanent"),
        ("status", "revoked") => lang.t("Revocato", "Revoked"),
        _ => return None,
    };
    Some(words.to_owned())
}

/// The instant in UTC (RFC 3339) of a civil time in the city's zone.
pub fn instant(moment: Moment, default_minute: u16, timezone: &str) -> Option<String> {
    let civil: DateTime = moment.civil(default_minute).parse().ok()?;
    let zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
    Some(civil.to_zoned(zone).ok()?.timestamp().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn civil_times_become_instants_of_the_citys_zone() {
        let at = |text: &str| instant(text.parse().unwrap(), 1440, "Europe/Rome").unwrap();
        assert_eq!(at("2026-03-11T09:00"), "2026-03-11T08:00:00Z");
        assert_eq!(at("2013-07-19"), "2013-07-19T22:00:00Z");
    }
}
