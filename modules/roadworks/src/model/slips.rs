//! Contradictions that a source carries in itself. They are shown, never corrected.

use bisenzio_kernel::{Lang, format};

use super::record::{Notice, Ordinance};
use super::{Before, Moment, Remark, RemarkKind};

/// Words by which who read a source says that it contradicts itself or errs, in Italian and English.
const ALARMS: [&str; 13] = [
    "si contraddice",
    "svista",
    "refuso",
    "il titolo dice",
    "il sottotitolo dice",
    "benché il titolo",
    ", ma l'atto",
    "è chiamata",
    "contradicts",
    "slip",
    "typo",
    "title says",
    "wrong",
];

pub fn slips_of_act(act: &Ordinance) -> Vec<Remark> {
    let about = act.label(Lang::It);
    let mut out = Vec::new();
    if let Some((number, false)) = act.number()
        && number.year != act.archive_year
    {
        out.push(Remark::new(
            RemarkKind::Contradiction,
            &about,
            format!(
                "L'archivio colloca l'atto nel {}, il suo numero è del {}.",
                act.archive_year, number.year
            ),
            format!(
                "The archive files the act under {}, its number is of {}.",
                act.archive_year, number.year
            ),
        ));
    }
    if let Some(previous) = act.previous_end
        && let Some(new) = act.measures.iter().filter_map(|m| m.to).max()
        && new.last_day() <= previous.last_day()
    {
        let (it, en) = (Before::On.date(previous.date, Lang::It), day(previous, Lang::En));
        out.push(Remark::new(
            RemarkKind::Contradiction,
            &about,
            format!(
                "La proroga indica come nuovo termine {}, ma il termine precedente era già {it}.",
                Before::On.date(new.date, Lang::It)
            ),
            format!(
                "The extension sets the end to {}, but the previous end was already {en}.",
                day(new, Lang::En)
            ),
        ));
    }
    for protocol in &act.protocols {
        if let (Some(number), Some(date)) = (&protocol.number, protocol.date)
            && protocol.kind.contains("City Works")
            && let Some(coded) = city_works_day(number)
            // A later stage of a file (/p) keeps the number of the first request, which is earlier.
            && coded > date.date
        {
            let (it, en) = (format::date(coded, Lang::It), format::date(coded, Lang::En));
            out.push(Remark::new(
                RemarkKind::Contradiction,
                &about,
                format!(
                    "La pratica {number} porta la data {it}, l'atto la cita con la data {}.",
                    day(date, Lang::It)
                ),
                format!(
                    "File {number} carries the date {en}, the act cites it as of {}.",
                    day(date, Lang::En)
                ),
            ));
        }
    }
    out.extend(inverted(act.measures.iter().map(|m| (m.from, m.to)), &about));
    out.extend(note(act.notes.as_deref(), &about));
    out
}

pub fn slips_of_notice(notice: &Notice) -> Vec<Remark> {
    let mut out: Vec<Remark> =
        inverted(notice.measures.iter().map(|m| (m.from, m.to)), &notice.title).collect();
    out.extend(note(notice.notes.as_deref(), &notice.title));
    out
}

/// The day in the last group of a file number of the municipality's works register ("13.000.1995.180920").
fn city_works_day(number: &str) -> Option<jiff::civil::Date> {
    let group = number.split('/').next()?.rsplit(['.', '-']).next()?;
    if group.len() != 6 || !group.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| group.get(range).and_then(|digits| digits.parse::<i8>().ok());
    jiff::civil::Date::new(2000 + i16::from(part(0..2)?), part(2..4)?, part(4..6)?).ok()
}

fn inverted(
    periods: impl Iterator<Item = (Option<Moment>, Option<Moment>)>,
    about: &str,
) -> impl Iterator<Item = Remark> {
    let mut seen = Vec::new();
    for (from, to) in periods {
        if let (Some(from), Some(to)) = (from, to)
            && from.as_start() > to.as_end()
            && !seen.contains(&(from, to))
        {
            seen.push((from, to));
        }
    }
    seen.into_iter().map(move |(from, to)| {
        Remark::new(
            RemarkKind::Contradiction,
            about,
            format!(
                "La fine indicata ({}) precede l'inizio ({}): la fine è considerata non nota.",
                to.display(Lang::It),
                from.display(Lang::It)
            ),
            format!(
                "The end told ({}) is before the start ({}): the end is taken as not known.",
                to.display(Lang::En),
                from.display(Lang::En)
            ),
        )
    })
}

fn note(text: Option<&str>, about: &str) -> Option<Remark> {
    let text = text?.trim();
    if text.is_empty() {
        return None;
    }
    let lower = text.to_lowercase();
    let alarm = ALARMS.iter().any(|word| lower.contains(word));
    let kind = if alarm {
        RemarkKind::Contradiction
    } else {
        RemarkKind::Note
    };
    Some(Remark::new(kind, about, text, text))
}

fn day(moment: Moment, lang: Lang) -> String {
    format::date(moment.date, lang)
}
