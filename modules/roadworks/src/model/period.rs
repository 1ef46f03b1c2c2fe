//! The period really in force, from measures after every act has been applied.

use super::Moment;
use super::resolve::Draft;
use super::worksite::{EndWords, Measure, Period, StartBasis};

impl Draft {
    /// Never inverted: a start worked out from other dates gives way to a stated end, and an end that is
    /// before a stated start (remarked in `slips.rs`) is taken as not known.
    pub(super) fn period(&self) -> Period {
        let in_force: Vec<&Measure> = self.measures.iter().filter(|m| m.ended_by.is_none()).collect();
        // What was revoked tells when it would have been.
        let measures: Vec<&Measure> = if in_force.is_empty() {
            self.measures.iter().collect()
        } else {
            in_force
        };
        let stated = measures
            .iter()
            .filter_map(|m| m.from)
            .min_by_key(|m| m.as_start());
        let end = measures.iter().filter_map(|m| m.to).max_by_key(|m| m.as_end());
        let (start, start_basis) = match (stated, self.event, self.known) {
            (Some(start), _, _) => (Some(start), StartBasis::Stated),
            (None, Some((event, _)), _) => (Some(event), StartBasis::Event),
            (None, None, Some((known, basis))) => (Some(known), basis),
            (None, None, None) => (None, StartBasis::Unknown),
        };
        let end = end.or(match (stated, self.event) {
            (None, Some((_, to))) => to,
            (Some(start), Some((_, Some(to)))) if start.as_start() <= to.as_end() => Some(to),
            _ => None,
        });
        // A start worked out from other dates gives way to a stated end before it.
        let start = match (start, end) {
            (Some(s), Some(e)) if s.as_start() > e.as_end() => {
                if start_basis == StartBasis::Stated {
                    Some(s)
                } else {
                    Some(Moment::day(e.date))
                }
            }
            _ => start,
        };
        let end = match (start, end) {
            (Some(s), Some(e)) if s.as_start() > e.as_end() => None,
            _ => end,
        };
        let last_phase = measures.iter().filter_map(|m| m.phase).max();
        let endless = measures
            .iter()
            .any(|m| m.from.is_some() && m.to.is_none() && (m.phase.is_none() || m.phase == last_phase));
        let open_end = !self.permanent && start.is_some() && (end.is_none() || endless);
        let end_words = measures
            .iter()
            .filter(|m| m.to == end || open_end)
            .map(|m| m.end_words)
            .find(|w| *w != EndWords::Plain)
            .unwrap_or_default();
        Period {
            start,
            start_basis,
            end: if open_end && endless { None } else { end },
            end_words,
            open_end,
            permanent: self.permanent,
            revoked: self.revoked.clone().or_else(|| {
                let source = self.revoked_undated.clone()?;
                start.map(|start| (start, source))
            }),
            suspended: self.suspended.clone(),
        }
    }
}
