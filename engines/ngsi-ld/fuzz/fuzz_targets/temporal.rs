//! Temporal queries, aggregation parameters and temporal entities.
#![no_main]

use bisenzio_ngsi_ld::temporal::{Aggregation, Duration, Periods, TemporalQuery, parse_last_n, temporal_entity};
use bisenzio_ngsi_ld::{Context, DateTime};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut parts = text.splitn(2, '\n');
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    let _ = parse_last_n(first);
    let _ = Aggregation::parse(Some(first), second);
    if let Ok(duration) = Duration::parse(first) {
        let origin = DateTime::from_micros(0);
        let _ = duration.after(origin, 1_000);
        if let Ok(periods) = Periods::new(origin, DateTime::from_micros(86_400_000_000), Some(duration)) {
            let _ = periods.index_of(DateTime::from_micros(3_600_000_000));
        }
    }
    if let Ok(value) = bisenzio_ngsi_ld::json::parse_strict(text.as_bytes()) {
        let _ = TemporalQuery::from_json(&value).map(|query| query.window());
        let _ = temporal_entity(&value, &Context::core());
    }
});
