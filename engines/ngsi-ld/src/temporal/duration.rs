//! Durations of ISO 8601 (`P3Y6M4DT12H30M5S`, `P2W`), as clause 4.5.19 takes them.

use crate::datetime::DateTime;
use crate::error::{NgsiError, Result};
use crate::uri::shorten;
use jiff::civil;

/// Longest duration in months: a thousand years.
const MAX_MONTHS: i64 = 12_000;
const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// Longest duration in microseconds: a thousand years.
const MAX_MICROS: i64 = 365_250 * DAY;

/// A duration. Months and years follow the calendar; a day is 24 hours, since instants are in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duration {
    /// Years and months.
    pub months: i64,
    /// All the rest, in microseconds.
    pub micros: i64,
}

impl Duration {
    /// Reads a duration. Only seconds may have a fraction.
    ///
    /// Errors: `BadRequestData` for other forms and beyond a thousand years.
    pub fn parse(text: &str) -> Result<Self> {
        read(text).ok_or_else(|| {
            NgsiError::bad_param(format!(
                "`{}` is not a duration of ISO 8601, such as PT1H or P1M",
                shorten(text)
            ))
        })
    }

    /// `PT0S` and the like: the whole time asked for.
    pub const fn is_zero(self) -> bool {
        self.months == 0 && self.micros == 0
    }

    /// `origin` and `times` durations more, counted from `origin`, so that months keep its day where they have
    /// it. `None` outside the years that a DateTime can hold.
    pub fn after(self, origin: DateTime, times: i64) -> Option<DateTime> {
        let mut micros = origin.micros();
        if self.months != 0 {
            micros = add_months(micros, self.months.checked_mul(times)?)?;
        }
        micros = micros.checked_add(self.micros.checked_mul(times)?)?;
        Some(DateTime::from_micros(micros))
    }
}

fn add_months(micros: i64, months: i64) -> Option<i64> {
    let (days, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let epoch = civil::date(1970, 1, 1);
    let date = epoch
        .checked_add(jiff::Span::new().try_days(days).ok()?)
        .ok()?
        .checked_add(jiff::Span::new().try_months(months).ok()?)
        .ok()?;
    let days = i64::from(date.since(epoch).ok()?.get_days());
    days.checked_mul(DAY)?.checked_add(rest)
}

fn read(text: &str) -> Option<Duration> {
    let rest = text.strip_prefix('P')?;
    // A number longer than this means more than a thousand years of anything but seconds.
    if text.len() > 64 || rest.is_empty() {
        return None;
    }
    let (date, time) = match rest.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (rest, ""),
    };
    let mut duration = Duration { months: 0, micros: 0 };
    if let Some(weeks) = date.strip_suffix('W') {
        duration.micros = digits(weeks)?.checked_mul(7 * DAY)?;
        if !time.is_empty() {
            return None;
        }
    } else {
        let mut left = date;
        duration.months = part(&mut left, 'Y')?
            .checked_mul(12)?
            .checked_add(part(&mut left, 'M')?)?;
        duration.micros = part(&mut left, 'D')?.checked_mul(DAY)?;
        if !left.is_empty() {
            return None;
        }
    }
    let mut left = time;
    for (letter, unit) in [('H', 3_600 * SECOND), ('M', 60 * SECOND)] {
        let more = part(&mut left, letter)?.checked_mul(unit)?;
        duration.micros = duration.micros.checked_add(more)?;
    }
    duration.micros = duration.micros.checked_add(seconds(left)?)?;
    (duration.months <= MAX_MONTHS && duration.micros <= MAX_MICROS).then_some(duration)
}

/// The number before `letter`, and `text` goes on after it; zero when the letter is not there.
fn part(text: &mut &str, letter: char) -> Option<i64> {
    let Some((number, rest)) = text.split_once(letter) else {
        return Some(0);
    };
    let number = digits(number)?;
    *text = rest;
    Some(number)
}

fn digits(text: &str) -> Option<i64> {
    if text.is_empty() || text.len() > 15 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn seconds(text: &str) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let number = text.strip_suffix('S')?;
    let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    let kept = fraction.get(..fraction.len().min(6))?;
    digits(fraction)?;
    let scale = 10_i64.checked_pow(6 - u32::try_from(kept.len()).ok()?)?;
    digits(whole)?
        .checked_mul(SECOND)?
        .checked_add(digits(kept)?.checked_mul(scale)?)
}
