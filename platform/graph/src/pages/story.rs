//! What an entity's attributes were: measures as series, other changes as a story.

use bisenzio_kernel::{Micros, format};
use bisenzio_ngsi_ld::{AttributeInstance, AttributeValue, DateTime, Entity, storage};
use serde_json::Value;

use super::Words;
use super::words::tail;
use crate::store::history::Recorded;

/// Records that a page reads.
pub(crate) const MOST_RECORDS: i64 = 500;
/// Points of one series on a page.
const MOST_POINTS: usize = 60;
/// Moments of the story on a page, and changes told of each.
const MOST_STEPS: usize = 40;
const MOST_CHANGES: usize = 20;

/// The values of one numeric attribute, oldest first.
pub(crate) struct Series {
    /// Distinct on the page.
    pub(crate) id: usize,
    pub(crate) label: String,
    pub(crate) unit: String,
    pub(crate) points: Vec<Point>,
}

pub(crate) struct Point {
    pub(crate) when: String,
    /// The same for the axis of a chart.
    pub(crate) short: String,
    pub(crate) value: String,
    /// As a program reads it, for the chart.
    pub(crate) raw: String,
}

/// What changed at one moment.
pub(crate) struct Step {
    pub(crate) when: String,
    pub(crate) datetime: String,
    pub(crate) title: String,
    pub(crate) changes: Vec<String>,
    /// Changes that are not told.
    pub(crate) more: usize,
}

/// A record that could be read.
struct Entry {
    attribute: String,
    created: bool,
    instance: Option<AttributeInstance>,
    at: Micros,
}

impl Entry {
    fn key(&self) -> (&str, Option<&str>) {
        let dataset = self.instance.as_ref().and_then(|i| i.dataset_id.as_deref());
        (&self.attribute, dataset)
    }

    fn number(&self) -> Option<f64> {
        match &self.instance.as_ref()?.value {
            AttributeValue::Property(value) => value.as_f64(),
            _ => None,
        }
    }

    /// When the value held.
    fn held_at(&self) -> Micros {
        let observed = self.instance.as_ref().and_then(|i| i.observed_at);
        observed.map_or(self.at, DateTime::micros)
    }
}

/// Series and story of an entity's records, which come newest first.
pub(crate) fn tell(words: &Words, entity: &Entity, records: &[Recorded]) -> (Vec<Series>, Vec<Step>) {
    let entries: Vec<Entry> = records.iter().filter_map(read).collect();
    (series(words, &entries), steps(words, entity, &entries))
}

fn read(record: &Recorded) -> Option<Entry> {
    let instance = match &record.value {
        Some(text) => {
            let stored: Value = serde_json::from_str(text).ok()?;
            Some(storage::instance_from_storage_json(stored).ok()?)
        }
        None => None,
    };
    Some(Entry {
        attribute: record.attribute.clone(),
        created: record.change == "created",
        instance,
        at: record.recorded_at,
    })
}

/// Whether an attribute has values enough for a chart.
fn is_series(entries: &[Entry], key: (&str, Option<&str>)) -> bool {
    let numbers = entries.iter().filter(|e| e.key() == key && e.number().is_some());
    numbers.take(2).count() == 2
}

fn series(words: &Words, entries: &[Entry]) -> Vec<Series> {
    let mut keys: Vec<(&str, Option<&str>)> = Vec::new();
    for entry in entries {
        if entry.number().is_some() && !keys.contains(&entry.key()) && is_series(entries, entry.key()) {
            keys.push(entry.key());
        }
    }
    keys.sort_unstable();
    keys.iter()
        .enumerate()
        .map(|(id, key)| one_series(words, entries, *key, id))
        .collect()
}

fn one_series(words: &Words, entries: &[Entry], key: (&str, Option<&str>), id: usize) -> Series {
    let of_key = || entries.iter().filter(|e| e.key() == key);
    let unit = of_key().find_map(|e| e.instance.as_ref()?.unit_code.as_deref());
    let mut points: Vec<(Micros, f64)> = of_key()
        .filter_map(|e| Some((e.held_at(), e.number()?)))
        .collect();
    points.sort_by_key(|(at, _)| *at);
    let newest = points.len().saturating_sub(MOST_POINTS);
    let label = words.attribute(key.0);
    Series {
        id,
        label: match key.1 {
            Some(dataset) => format!("{label} ({})", tail(dataset)),
            None => label,
        },
        unit: unit.map(|code| words.unit(code)).unwrap_or_default(),
        points: points[newest..]
            .iter()
            .map(|(at, value)| Point {
                when: words.instant(*at),
                short: words.short_moment(*at),
                value: format::number(*value, 6, words.lang),
                raw: value.to_string(),
            })
            .collect(),
    }
}

fn steps(words: &Words, entity: &Entity, entries: &[Entry]) -> Vec<Step> {
    let mut moments: Vec<(Micros, Vec<String>)> = Vec::new();
    for entry in entries.iter().filter(|entry| is_told(entity, entries, entry)) {
        let change = change(words, entry);
        match moments.last_mut() {
            Some((at, changes)) if *at == entry.at => changes.push(change),
            _ => moments.push((entry.at, vec![change])),
        }
    }
    let first = entity.created_at.map(|at| Step {
        when: words.instant(at.micros()),
        datetime: at.to_string(),
        title: words.t("Registrata nel grafo", "Entered in the graph").to_owned(),
        changes: Vec::new(),
        more: 0,
    });
    let changed = moments.into_iter().take(MOST_STEPS).map(|(at, mut changes)| {
        let more = changes.len().saturating_sub(MOST_CHANGES);
        changes.truncate(MOST_CHANGES);
        Step {
            when: words.instant(at),
            datetime: DateTime::from_micros(at).to_string(),
            title: words.t("Aggiornata", "Changed").to_owned(),
            changes,
            more,
        }
    });
    changed.chain(first).collect()
}

/// Whether a record is worth a line: not what was there from the beginning, what was only written again, or what
/// a chart shows.
fn is_told(entity: &Entity, entries: &[Entry], entry: &Entry) -> bool {
    if entry.number().is_some() && is_series(entries, entry.key()) {
        return false;
    }
    let since = entry.instance.as_ref().and_then(|shown| {
        let current = entity.instance(&entry.attribute, shown.dataset_id.as_ref())?;
        current.created_at
    });
    let from_the_beginning = entity.created_at.is_some_and(|at| at.micros() == entry.at);
    let again = since.is_some_and(|at| at.micros() < entry.at);
    !(entry.created && (from_the_beginning || again))
}

fn change(words: &Words, entry: &Entry) -> String {
    let label = words.attribute(&entry.attribute);
    match &entry.instance {
        Some(instance) => format!("{label}: {}", words.instance(&entry.attribute, instance).line()),
        None => format!("{label}: {}", words.t("dato tolto", "removed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::testing::{entity, words};
    use bisenzio_ngsi_ld::Context;
    use serde_json::json;

    fn record(attribute: &str, change: &str, value: Option<&str>, at: i64) -> Recorded {
        Recorded {
            attribute: Context::core().expand(attribute).into_owned(),
            change: change.to_owned(),
            value: value.map(str::to_owned),
            observed_at: None,
            recorded_at: at * 1_000_000,
        }
    }

    #[test]
    fn measures_become_series_and_the_rest_a_story() {
        let temperature = |value: f64| format!("{{\"k\":\"P\",\"v\":{value},\"u\":\"CEL\"}}");
        let records = [
            record("note", "deleted", None, 40),
            record("temperature", "updated", Some(&temperature(22.5)), 30),
            record("status", "updated", Some("{\"k\":\"P\",\"v\":\"chiuso\"}"), 20),
            record("status", "created", Some("{\"k\":\"P\",\"v\":\"aperto\"}"), 10),
            record("temperature", "created", Some(&temperature(21.0)), 10),
            record("damaged", "created", Some("{"), 10),
        ];
        let mut thing =
            entity(&json!({ "id": "urn:a:1", "type": "A", "status": "chiuso", "temperature": 22.5 }));
        thing.created_at = Some(DateTime::from_micros(10_000_000));
        let (series, steps) = tell(&words(), &thing, &records);
        let [only] = series.as_slice() else {
            panic!("one series")
        };
        assert_eq!((only.label.as_str(), only.unit.as_str()), ("Temperatura", "°C"));
        let points: Vec<&str> = only.points.iter().map(|p| p.raw.as_str()).collect();
        assert_eq!(points, ["21", "22.5"]);
        let told: Vec<(&str, &[String])> = steps
            .iter()
            .map(|s| (s.title.as_str(), s.changes.as_slice()))
            .collect();
        assert_eq!(
            told,
            [
                ("Aggiornata", ["Note: dato tolto".to_owned()].as_slice()),
                ("Aggiornata", ["Stato: chiuso".to_owned()].as_slice()),
                ("Registrata nel grafo", [].as_slice()),
            ]
        );
    }
}
