//! `plan/`: reading, and what must hold beyond the form.

use std::collections::BTreeSet;

use bisenzio_kernel::{PartialDate, TenantId, slug};
use bisenzio_module::{CityError, CityFolder};

use super::entities::Known;
use super::files::{ComputedFile, EditionFile, FigureFile, PlanFile, ProjectFile};
use super::lines;
use crate::model::{
    Action, Choice, Collection, Computation, Computed, Credit, Discrepancy, Edition, EditionState,
    EntityLink, Event, Figure, Indicator, Link, Partner, Plan, Project, Section, ValueRule, event_kinds,
    project_kinds, states,
};

pub struct PlanFolder {
    pub plan: Plan,
    pub sections: Vec<Section>,
    pub editions: Vec<(Edition, Vec<Project>)>,
}

impl PlanFolder {
    pub fn count(&self, of: impl Fn(&Project) -> usize) -> usize {
        self.editions
            .iter()
            .flat_map(|(_, projects)| projects)
            .map(of)
            .sum()
    }
}

/// # Errors
/// The first thing that is wrong, with file, line and field.
pub fn read(folder: &CityFolder, tenant: &TenantId, known: &Known) -> Result<Option<PlanFolder>, CityError> {
    let paths = folder.list("plan/", ".toml");
    if paths.is_empty() {
        return Ok(None);
    }
    let file: PlanFile = folder.toml("plan/plan.toml")?;
    let sections: Vec<Section> = file
        .section
        .into_iter()
        .map(|s| Section {
            number: s.number,
            title: s.title,
            intro: s.intro,
        })
        .collect();
    let plan = Plan {
        id: file.plan.id,
        title: file.plan.title,
        approved: file.plan.approved,
        approved_by: file.plan.approved_by,
        description: file.plan.description,
    };
    let mut editions: Vec<(Edition, Vec<Project>)> = Vec::new();
    for path in paths.iter().filter(|path| path.ends_with("/edition.toml")) {
        let base = path.trim_end_matches("edition.toml");
        let edition = edition(folder, path, base)?;
        let mut projects: Vec<Project> = Vec::new();
        for path in paths.iter().filter(|p| p.starts_with(base) && *p != path) {
            let reader = Reader {
                file: folder.full(path),
                text: folder.text(path)?,
                tenant,
                known,
            };
            let project = reader.project(folder.toml(path)?, &sections)?;
            let name = path.trim_start_matches(base).trim_end_matches(".toml");
            if name != project.slug {
                return Err(reader.wrong(
                    "project",
                    "id",
                    &project.slug,
                    format!("the file is named \"{name}\""),
                ));
            }
            projects.push(project);
        }
        editions.push((edition, projects));
    }
    for path in paths.iter().filter(|path| **path != "plan/plan.toml") {
        let base = &path[..=path.rfind('/').unwrap_or(0)];
        if folder.bytes(&format!("{base}edition.toml")).is_none() {
            return Err(CityError::new(
                folder.full(path),
                "there is no edition.toml beside this file",
            ));
        }
    }
    Ok(Some(PlanFolder {
        plan,
        sections,
        editions,
    }))
}

fn edition(folder: &CityFolder, path: &str, base: &str) -> Result<Edition, CityError> {
    let file: EditionFile = folder.toml(path)?;
    let text = folder.text(path)?;
    let wrong = |field: &str, message: String| {
        let line = text
            .lines()
            .position(|l| l.split('=').next().is_some_and(|k| k.trim() == field));
        let error = CityError::new(folder.full(path), message).in_field(field);
        line.map_or(error.clone(), |n| error.at_line(n + 1))
    };
    if base != format!("plan/{}/", file.year) {
        return Err(wrong("year", format!("the folder is not named {}", file.year)));
    }
    if file.period_to < file.period_from {
        return Err(wrong("period_to", "the period ends before it begins".to_owned()));
    }
    Ok(Edition {
        year: file.year,
        title: file.title,
        period_from: file.period_from,
        period_to: file.period_to,
        premise: file.premise,
        credits: file
            .credit
            .into_iter()
            .map(|c| Credit {
                name: c.name,
                role: c.role,
                organisation: c.organisation,
            })
            .collect(),
        published: file.published,
        state: EditionState::Draft,
        frozen_at: None,
        frozen_by: None,
    })
}

struct Reader<'a> {
    file: String,
    text: &'a str,
    tenant: &'a TenantId,
    known: &'a Known,
}

impl Reader<'_> {
    /// A refusal at the field of the record with this identifier.
    fn wrong(&self, table: &str, key: &str, id: &str, message: impl Into<String>) -> CityError {
        let error = CityError::new(self.file.clone(), message).in_field(format!("{table}.{key}"));
        match lines::of_field(self.text, id, key) {
            Some(line) => error.at_line(line),
            None => error,
        }
    }

    fn link(&self, table: &str, key: &str, owner: &str, id: &str) -> Result<EntityLink, CityError> {
        let urn = self.known.urn(self.tenant, id).map_err(|message| {
            let error = CityError::new(self.file.clone(), message).in_field(format!("{table}.{key}"));
            // Partners have no identifier: the value itself is looked for.
            let line = lines::of_field(self.text, owner, key).or(lines::of_value(self.text, key, id, 1));
            line.map_or(error.clone(), |line| error.at_line(line))
        })?;
        Ok(EntityLink {
            id: urn,
            ..EntityLink::default()
        })
    }

    fn one_of(
        &self,
        table: &str,
        key: &str,
        id: &str,
        choices: &[Choice],
        value: &str,
    ) -> Result<(), CityError> {
        if choices.iter().any(|choice| choice.value == value) {
            return Ok(());
        }
        let all: Vec<&str> = choices.iter().map(|choice| choice.value).collect();
        Err(self.wrong(
            table,
            key,
            id,
            format!("\"{value}\" is not one of {}", all.join(", ")),
        ))
    }

    fn unique<'b>(&self, table: &str, ids: impl Iterator<Item = &'b String>) -> Result<(), CityError> {
        let mut seen = BTreeSet::new();
        for id in ids {
            if id.is_empty() || slug(id) != *id {
                return Err(self.wrong(
                    table,
                    "id",
                    id,
                    format!("\"{id}\" may hold a-z, 0-9 and single hyphens"),
                ));
            }
            if !seen.insert(id) {
                return Err(self.wrong(table, "id", id, format!("\"{id}\" is there twice")));
            }
        }
        Ok(())
    }

    fn project(&self, file: ProjectFile, sections: &[Section]) -> Result<Project, CityError> {
        let head = file.project;
        let id = head.id.clone();
        self.unique("project", std::iter::once(&id))?;
        self.unique("event", file.event.iter().map(|e| &e.id))?;
        self.unique("action", file.action.iter().map(|a| &a.id))?;
        self.unique("figure", file.figure.iter().map(|f| &f.id))?;
        self.unique("collection", file.collection.iter().map(|c| &c.id))?;
        self.unique("indicator", file.indicator.iter().map(|i| &i.id))?;
        self.unique("discrepancy", file.discrepancy.iter().map(|d| &d.id))?;
        if !sections.iter().any(|section| section.number == head.section) {
            return Err(self.wrong(
                "project",
                "section",
                &id,
                format!("there is no section \"{}\"", head.section),
            ));
        }
        let under = head.number.strip_prefix(head.section.as_str());
        if !under.is_some_and(|rest| rest.is_empty() || rest.starts_with('.')) {
            return Err(self.wrong(
                "project",
                "number",
                &id,
                format!("is not under section {}", head.section),
            ));
        }
        self.one_of("project", "kind", &id, project_kinds(), &head.kind)?;
        self.one_of("project", "state", &id, states(), &head.state)?;
        let mut project = Project {
            slug: head.id,
            code: head.code,
            number: head.number,
            section: head.section,
            title: head.title,
            kind: head.kind,
            state: head.state,
            smart_field: head.smart_field,
            summary: head.summary,
            ..Project::default()
        };
        for partner in file.partner {
            let entity = partner
                .entity
                .map(|e| self.link("partner", "entity", "", &e))
                .transpose()?;
            project.partners.push(Partner {
                id: String::new(),
                organisation: partner.organisation,
                entity,
                role: partner.role,
            });
        }
        for event in file.event {
            self.one_of("event", "kind", &event.id, event_kinds(), &event.kind)?;
            if event.until.is_some_and(|until| until.last() < event.date.first()) {
                return Err(self.wrong("event", "until", &event.id, "ends before it begins"));
            }
            let place = event
                .place
                .map(|p| self.link("event", "place", &event.id, &p))
                .transpose()?;
            let entities = event
                .entities
                .iter()
                .map(|e| self.link("event", "entities", &event.id, e));
            project.events.push(Event {
                entities: entities.collect::<Result<_, _>>()?,
                id: event.id,
                date: event.date,
                until: event.until,
                kind: event.kind,
                title: event.title,
                text: event.text,
                place,
            });
        }
        for action in file.action {
            self.one_of("action", "state", &action.id, states(), &action.state)?;
            let entity = action
                .entity
                .map(|e| self.link("action", "entity", &action.id, &e))
                .transpose()?;
            project.actions.push(Action {
                id: action.id,
                group: action.group,
                title: action.title,
                state: action.state,
                text: action.text,
                entity,
            });
        }
        for figure in file.figure {
            project.figures.push(self.figure(figure)?);
        }
        project.collections = file
            .collection
            .into_iter()
            .map(|c| Collection {
                id: c.id,
                title: c.title,
                intro: c.intro,
                entity_type: c.entity_type,
                filter: c.filter,
                columns: c.columns,
                group_by: c.group_by,
                rows: Vec::new(),
            })
            .collect();
        for indicator in file.indicator {
            let computed = indicator
                .computed
                .map(|c| self.computation(&indicator.id, c))
                .transpose()?;
            if indicator.declared.is_some() && indicator.source.is_empty() {
                return Err(self.wrong(
                    "indicator",
                    "source",
                    &indicator.id,
                    "a declared value needs its source",
                ));
            }
            project.indicators.push(Indicator {
                id: indicator.id,
                label: indicator.label,
                rule: rule_for(&indicator.unit, indicator.declared),
                unit: indicator.unit,
                headline: false,
                declared: indicator.declared,
                source: indicator.source,
                note: indicator.note,
                computed,
                evidence: Vec::new(),
            });
        }
        project.discrepancies = file
            .discrepancy
            .into_iter()
            .map(|d| Discrepancy {
                id: d.id,
                title: d.title,
                text: d.text,
                declared: d.declared,
                found: d.found,
            })
            .collect();
        for link in file.link {
            if !["https://", "http://", "/"]
                .iter()
                .any(|start| link.url.starts_with(start))
            {
                let line = lines::of_value(self.text, "url", &link.url, 1);
                let error = CityError::new(self.file.clone(), "must begin with https://, http:// or /");
                let error = error.in_field("link.url");
                return Err(line.map_or(error.clone(), |line| error.at_line(line)));
            }
            project.links.push(Link {
                id: String::new(),
                title: link.title,
                url: link.url,
            });
        }
        Ok(project)
    }

    fn figure(&self, figure: FigureFile) -> Result<Figure, CityError> {
        let (mut date, mut until) = (figure.date, None);
        if let Some(period) = &figure.period {
            let parsed = period.split_once('/').and_then(|(from, to)| {
                Some((from.parse::<PartialDate>().ok()?, to.parse::<PartialDate>().ok()?))
            });
            let Some((from, to)) = parsed else {
                let message = format!("\"{period}\" is not a period: write 2021-09-20/2021-12-23");
                return Err(self.wrong("figure", "period", &figure.id, message));
            };
            (date, until) = (Some(from), Some(to));
        }
        Ok(Figure {
            id: figure.id,
            label: figure.label,
            value: figure.value,
            unit: figure.unit,
            text: figure.text,
            date,
            until,
        })
    }

    fn computation(&self, id: &str, file: ComputedFile) -> Result<Computed, CityError> {
        let wrong = |key: &str, message: &str| self.wrong("indicator.computed", key, id, message);
        let computation = if file.by == "graph" {
            let entity_type = file
                .entity_type
                .ok_or_else(|| wrong("type", "the type of entity is missing"))?;
            let aggregate = file
                .aggregate
                .ok_or_else(|| wrong("aggregate", "count, sum or count_distinct is missing"))?;
            if aggregate != crate::model::Aggregate::Count && file.attribute.is_none() {
                return Err(wrong("attribute", "this aggregate needs an attribute"));
            }
            Computation::Graph {
                entity_type,
                filter: file.filter,
                aggregate,
                attribute: file.attribute,
                date: file.date,
            }
        } else if file
            .by
            .split_once('.')
            .is_some_and(|(module, name)| !module.is_empty() && !name.is_empty())
        {
            Computation::Module { indicator: file.by }
        } else {
            return Err(wrong("by", "must be \"graph\" or \"<module>.<indicator>\""));
        };
        Ok(Computed {
            computation,
            value: None,
            counted: Vec::new(),
            failure: None,
        })
    }
}

/// A city file that declares a fraction or a negative number says by it which values are allowed.
fn rule_for(unit: &str, declared: Option<f64>) -> String {
    let fits = declared.is_none_or(|value| ValueRule::of("", unit).allows(value));
    let needed = match declared {
        _ if fits => "",
        Some(value) if value < 0.0 => "any",
        _ => "decimal",
    };
    needed.to_owned()
}
