//! From a chain of acts to the period really in force.
//!
//! Acts are applied in order: new ones add measures, extensions move ends, integrations add or replace,
//! revocations end, suspensions pause. Nothing is corrected silently: what does not fit becomes a remark.

use bisenzio_kernel::{Lang, slug};

use super::group::Group;
use super::measure::kind_of;
use super::record::{MeasureRecord, Notice, Ordinance, Relation};
use super::slips::{slips_of_act, slips_of_notice};
use super::worksite::{Companies, EndWords, Measure, NoticeLink, Place, Spot, StartBasis, Worksite};
use super::{ActType, Before, Kind, Moment, Remark, RemarkKind};

const PROROGA: &str = "proroga";
const REVOCA: &str = "revoca";

/// Works out one worksite. Never fails: what is missing is left open and remarked.
pub fn resolve(group: &Group<'_>) -> Worksite {
    let mut work = Draft::default();
    for act in &group.acts {
        work.remarks.extend(slips_of_act(act));
        work.apply(act);
    }
    for (notice, inferred) in &group.notices {
        work.remarks.extend(slips_of_notice(notice));
        work.tell(notice, *inferred);
    }
    work.finish(group)
}

/// What is known while acts are being applied.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) places: Vec<Place>,
    pub(super) measures: Vec<Measure>,
    pub(super) remarks: Vec<Remark>,
    pub(super) notices: Vec<NoticeLink>,
    /// Start of those measures that tell none, by the act that orders them.
    pub(super) event: Option<(Moment, Option<Moment>)>,
    /// A day on which it was surely in force, and how that is known.
    pub(super) known: Option<(Moment, StartBasis)>,
    pub(super) revoked: Option<(Moment, String)>,
    pub(super) revoked_undated: Option<String>,
    pub(super) suspended: Vec<(Moment, Moment)>,
    pub(super) permanent: bool,
}

impl Draft {
    fn apply(&mut self, act: &Ordinance) {
        let source = act.label(Lang::It);
        self.note_dates(act);
        match act.act_type {
            ActType::Extension => self.extend(act, &source),
            ActType::Integration | ActType::Amendment => self.integrate(act, &source),
            ActType::Revocation => self.revoke(act, &source),
            ActType::RevocationAndNew => {
                self.end_all(&source);
                // The new regime is in force: what was revoked is only the old one.
                self.revoked = None;
                self.revoked_undated = None;
                self.add_all(act, &source);
            }
            ActType::Suspension => self.suspend(act, &source),
            ActType::New | ActType::Derogation | ActType::GeneralRule => self.add_all(act, &source),
        }
        self.permanent |= act.permanent;
        if act.lines_stripped {
            self.remarks.push(Remark::new(
                RemarkKind::Missing,
                &source,
                "Nel testo conservato mancano le righe con le strade: quelle mostrate vengono dalla premessa, dove la premessa le nomina.",
                "The stored text lacks the lines that name the streets: those shown come from the premise, where it names them.",
            ));
        }
        if !act.complete && !act.lines_stripped {
            self.remarks.push(Remark::new(
                RemarkKind::Missing,
                &source,
                "Dell'atto è conservato solo un estratto.",
                "Only an excerpt of the act is stored.",
            ));
        }
    }

    fn note_dates(&mut self, act: &Ordinance) {
        if let Some((from, to)) = act.event_window {
            self.event = Some((from, Some(to)));
        } else if let Some(day) = act.event_date {
            self.event = Some((day, Some(day)));
        }
        let request = act
            .protocols
            .iter()
            .filter(|p| {
                let kind = p.kind.to_lowercase();
                ["p.g.", "richiesta", "istanza", "comunicazione"]
                    .iter()
                    .any(|word| kind.contains(word))
                    && !["delega", "autorizzazione", "ordinanza"]
                        .iter()
                        .any(|word| kind.starts_with(word))
            })
            .filter_map(|p| p.date)
            .max()
            .map(|day| (day, StartBasis::Request));
        if act.act_type == ActType::Extension && self.known.is_none() {
            self.known = act
                .previous_end
                .map(|end| (end, StartBasis::PreviousEnd))
                .or(request);
        }
    }

    fn add_all(&mut self, act: &Ordinance, source: &str) {
        for record in &act.measures {
            self.add(record, source);
        }
    }

    fn add(&mut self, record: &MeasureRecord, source: &str) {
        let code = record.measure.clone().unwrap_or_default();
        let place = self.place(record.street.as_deref(), record.stretch.as_deref(), &code);
        // An inverted period has its remark (slips.rs); its end is not believed.
        let to = match (record.from, record.to) {
            (Some(from), Some(to)) if from.as_start() > to.as_end() => None,
            (_, to) => to,
        };
        let note = [
            record.area.as_deref(),
            record.regulated_by.as_deref(),
            record.note.as_deref(),
        ];
        let note = note.into_iter().flatten().collect::<Vec<_>>().join("; ");
        self.measures.push(Measure {
            code,
            place,
            exceptions: record.exceptions.clone(),
            side: record.sides.clone(),
            direction: record.direction.clone(),
            hours: record.daily_hours.clone(),
            from: record.from,
            to,
            end_words: end_words(record),
            phase: record.phase,
            note: (!note.is_empty()).then_some(note),
            source: source.to_owned(),
            ended_by: None,
        });
    }

    fn place(&mut self, street: Option<&str>, stretch: Option<&str>, code: &str) -> usize {
        let severity = kind_of(code).severity;
        let street = street.map(tidy).filter(|s| !s.is_empty());
        let stretch = stretch.map(tidy).filter(|s| !s.is_empty());
        let new = Place {
            street,
            stretch,
            severity,
            spot: Spot::default(),
        };
        let key = new.key();
        if let Some(at) = self.places.iter().position(|p| p.key() == key) {
            self.places[at].severity = self.places[at].severity.max(severity);
            return at;
        }
        self.places.push(new);
        self.places.len() - 1
    }

    /// Moves ends. A line that says only "extended" moves all measures of its street; one that repeats a
    /// measure moves that one. Lines about something no act in store has ordered are added as they are.
    fn extend(&mut self, act: &Ordinance, source: &str) {
        if let (Some(told), Some(stored)) = (act.previous_end, self.current_end())
            && told.last_day() != stored.last_day()
        {
            self.remarks.push(Remark::new(
                RemarkKind::Contradiction,
                source,
                format!(
                    "La proroga indica come termine precedente {}; l'atto prorogato termina {}.",
                    Before::On.moment(told, Lang::It),
                    Before::On.moment(stored, Lang::It)
                ),
                format!(
                    "The extension tells the previous end as {}; the act that it extends ends on {}.",
                    told.display(Lang::En),
                    stored.display(Lang::En)
                ),
            ));
        }
        let before = self.measures.len();
        for record in &act.measures {
            let code = record.measure.as_deref().unwrap_or_default();
            let street = record.street.as_deref().map(slug);
            let fits: Vec<usize> = (0..before)
                .filter(|&i| self.measures[i].ended_by.is_none())
                .filter(|&i| code == PROROGA || self.measures[i].code == code)
                .filter(|&i| {
                    let theirs = self.places[self.measures[i].place].street.as_deref().map(slug);
                    street.is_none() || theirs.is_none() || street == theirs
                })
                .collect();
            if fits.is_empty() {
                self.add(record, source);
                continue;
            }
            for i in fits {
                self.move_end(i, record, source);
            }
        }
    }

    fn move_end(&mut self, i: usize, record: &MeasureRecord, source: &str) {
        let Some(to) = record.to else { return };
        let measure = &mut self.measures[i];
        let invalid = measure.from.is_some_and(|from| from.as_start() > to.as_end());
        let shorter = measure.to.is_some_and(|old| to.as_end() < old.as_end());
        if invalid || shorter {
            let old = measure.to.or(measure.from).unwrap_or(to);
            self.remarks.push(Remark::new(
                RemarkKind::Contradiction,
                source,
                format!(
                    "La proroga finirebbe {}, prima di quanto già stabilito ({}): vale la data più lontana.",
                    Before::On.moment(to, Lang::It),
                    old.display(Lang::It)
                ),
                format!(
                    "The extension would end on {}, before what was already set ({}): the later date is kept.",
                    to.display(Lang::En),
                    old.display(Lang::En)
                ),
            ));
            return;
        }
        measure.to = Some(to);
        measure.end_words = end_words(record);
        if record.daily_hours.is_some() {
            measure.hours.clone_from(&record.daily_hours);
        }
        source.clone_into(&mut measure.source);
    }

    /// Adds; where the act says that it replaces a point, measures of the same street and kind give way.
    fn integrate(&mut self, act: &Ordinance, source: &str) {
        let replaces = act
            .refers_to
            .iter()
            .any(|r| matches!(r.relation(), Relation::Replaces | Relation::Amends));
        let before = self.measures.len();
        for record in &act.measures {
            let street = record.street.as_deref().map(slug);
            let code = record.measure.as_deref().unwrap_or_default();
            for i in 0..before {
                let same_place = self.places[self.measures[i].place].street.as_deref().map(slug) == street;
                if replaces
                    && same_place
                    && self.measures[i].code == code
                    && self.measures[i].ended_by.is_none()
                {
                    self.measures[i].ended_by = Some(source.to_owned());
                }
            }
            self.add(record, source);
        }
    }

    fn revoke(&mut self, act: &Ordinance, source: &str) {
        let told = act
            .measures
            .iter()
            .filter_map(|m| m.from)
            .min()
            .or(act.event_date);
        self.end_all(source);
        match told {
            Some(on) => self.revoked = Some((on, source.to_owned())),
            None => {
                self.revoked_undated = Some(source.to_owned());
                self.remarks.push(Remark::new(
                    RemarkKind::Missing,
                    source,
                    "L'atto di revoca non indica da quale giorno: i provvedimenti sono considerati mai entrati in vigore.",
                    "The revocation tells no day: the measures are taken as never in force.",
                ));
            }
        }
        // Streets that the revocation itself names (its measure is "revoca") belong to the story.
        for record in act.measures.iter().filter(|m| m.street.is_some()) {
            self.add(record, source);
        }
        for measure in self.measures.iter_mut().filter(|m| m.code == REVOCA) {
            measure.ended_by = Some(source.to_owned());
        }
    }

    fn end_all(&mut self, source: &str) {
        for measure in self.measures.iter_mut().filter(|m| m.ended_by.is_none()) {
            measure.ended_by = Some(source.to_owned());
        }
    }

    /// Pauses what the chain has ordered; where the act is the first of its chain, what it orders is new.
    fn suspend(&mut self, act: &Ordinance, source: &str) {
        if self.measures.iter().all(|m| m.ended_by.is_some()) {
            self.add_all(act, source);
            return;
        }
        let from = act.measures.iter().filter_map(|m| m.from).min();
        let to = act.measures.iter().filter_map(|m| m.to).max();
        match (from, to) {
            (Some(from), Some(to)) if from.as_start() <= to.as_end() => self.suspended.push((from, to)),
            _ => self.remarks.push(Remark::new(
                RemarkKind::Missing,
                source,
                "La sospensione non indica i giorni.",
                "The suspension tells no days.",
            )),
        }
    }

    fn tell(&mut self, notice: &Notice, inferred: bool) {
        self.notices.push(NoticeLink {
            id: notice.id.clone(),
            title: notice.title.clone(),
            url: notice.url.clone(),
            published: notice.published,
            inferred,
        });
        if inferred {
            self.remarks.push(Remark::new(
                RemarkKind::Inferred,
                &notice.title,
                "Il comunicato è stato collegato agli atti per strada e date: non cita l'ordinanza.",
                "The notice was linked to the acts by street and dates: it does not name the ordinance.",
            ));
        }
        // Acts decide; a notice speaks for streets on which they say nothing.
        let ordered: Vec<String> = self.streets_of_acts();
        for record in &notice.measures {
            let street = record.street.as_deref().map(slug).unwrap_or_default();
            if !ordered.contains(&street) {
                self.add(record, &notice.title);
            }
        }
    }

    fn streets_of_acts(&self) -> Vec<String> {
        self.measures
            .iter()
            .filter(|m| self.notices.iter().all(|n| n.title != m.source))
            .filter_map(|m| self.places[m.place].street.as_deref().map(slug))
            .collect()
    }

    fn current_end(&self) -> Option<Moment> {
        self.measures
            .iter()
            .filter(|m| m.ended_by.is_none())
            .filter_map(|m| m.to)
            .max_by_key(|m| m.as_end())
    }

    fn finish(mut self, group: &Group<'_>) -> Worksite {
        let period = self.period();
        if let (Some(start), None, Some(told)) = (period.start, period.end, self.current_end())
            && start.as_start() > told.as_end()
        {
            self.remarks.push(Remark::new(
                RemarkKind::Contradiction,
                "",
                format!(
                    "L'unica fine indicata ({}) precede l'inizio ({}): la fine è considerata non nota.",
                    told.display(Lang::It),
                    start.display(Lang::It)
                ),
                format!(
                    "The only end told ({}) is before the start ({}): the end is taken as not known.",
                    told.display(Lang::En),
                    start.display(Lang::En)
                ),
            ));
        }
        if matches!(period.start_basis, StartBasis::PreviousEnd | StartBasis::Request) {
            self.remarks.push(Remark::new(
                RemarkKind::Inferred,
                "",
                "L'atto iniziale non è in archivio: l'inizio mostrato è il primo giorno sicuramente noto.",
                "The first act is not in store: the start shown is the first day known for sure.",
            ));
        }
        let newest_title = group
            .acts
            .iter()
            .find(|a| !a.title().is_empty())
            .map(|a| a.title().to_owned());
        let title = newest_title
            .or_else(|| group.notices.first().map(|(n, _)| n.title.clone()))
            .unwrap_or_default();
        let works = group
            .notices
            .iter()
            .find_map(|(n, _)| n.works.clone())
            .or_else(|| works_of(&title, group));
        let network = group.notices.iter().find_map(|(n, _)| n.network.clone());
        let kind = group
            .acts
            .first()
            .map(|a| a.kind)
            .or(group.notices.first().map(|(n, _)| n.kind));
        let name = |of: fn(&Ordinance) -> &Option<String>| group.acts.iter().find_map(|a| of(a).clone());
        let told = group
            .notices
            .iter()
            .find_map(|(n, _)| n.applicant_company.clone());
        let mut remarks: Vec<Remark> = Vec::new();
        for remark in self.remarks {
            if !remarks.contains(&remark) {
                remarks.push(remark);
            }
        }
        Worksite {
            kind: kind.unwrap_or(Kind::Roadworks),
            title: super::wording::title(&title),
            works: works.map(|w| super::wording::title(&w)),
            network,
            companies: Companies {
                applicant: name(|a| &a.applicant_company).or(told),
                contractor: name(|a| &a.contractor),
                requester: name(|a| &a.requester),
            },
            places: self.places,
            measures: self.measures,
            period,
            chain: super::chain::chain(group),
            notices: self.notices,
            detours: group
                .notices
                .iter()
                .flat_map(|(n, _)| n.detours.clone())
                .collect(),
            bus: group.notices.iter().filter_map(|(n, _)| n.bus.clone()).collect(),
            remarks,
        }
    }
}

/// "Proroga: scavo per giunti" without its first word; only where the title says what is done.
fn works_of(title: &str, group: &Group<'_>) -> Option<String> {
    let act = group.acts.first()?;
    let works = matches!(act.kind, Kind::Roadworks | Kind::UrgentWorks | Kind::GreenWorks);
    let rest = title
        .split_once(": ")
        .filter(|(head, _)| head.to_lowercase().contains("proroga"))
        .map(|(_, rest)| rest);
    match (works, act.subject_summary.as_deref(), rest) {
        (true, Some(_), Some(rest)) => Some(rest.to_owned()),
        (true, Some(summary), None) => Some(summary.to_owned()),
        _ => None,
    }
}

fn end_words(record: &MeasureRecord) -> EndWords {
    if record.until_needs_cease {
        EndWords::WhileNeeded
    } else if record.until_end_of_works_not_beyond && record.to.is_some() {
        EndWords::EndOfWorksNotBeyond
    } else if record.until_end_of_works || record.until_end_of_works_not_beyond {
        EndWords::EndOfWorks
    } else if record.not_beyond {
        EndWords::NotBeyond
    } else {
        EndWords::Plain
    }
}

/// One space between words, none around.
fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
