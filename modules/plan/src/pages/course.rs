//! "Is the plan on course?": what the table below says, in three lines.

use bisenzio_kernel::Lang;

use super::index::{ProjectView, SectionView};
use super::views::IndicatorView;

/// A link to an indicator, and what is to be said of it.
pub(super) struct Remark {
    pub(super) label: String,
    pub(super) href: String,
    pub(super) text: String,
}

pub(super) struct Course {
    /// "15 progetti: 14 in corso, 1 concluso."
    pub(super) projects: String,
    /// "25 indicatori, tutti con un valore."
    pub(super) indicators: String,
    /// Declared and computed values that do not agree.
    pub(super) differing: Vec<Remark>,
    /// What is no longer as it was in the edition before.
    pub(super) moved: Vec<Remark>,
}

pub(super) fn course(sections: &[SectionView], lang: Lang) -> Course {
    let projects: Vec<&ProjectView> = sections.iter().flat_map(|section| &section.projects).collect();
    let mut states: Vec<(&str, usize)> = Vec::new();
    for project in &projects {
        match states.iter_mut().find(|(state, _)| *state == project.state) {
            Some((_, count)) => *count += 1,
            None => states.push((&project.state, 1)),
        }
    }
    states.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let listed: Vec<String> = states
        .iter()
        .map(|(state, count)| format!("{count} {}", state.to_lowercase()))
        .collect();
    let remarks = |choose: fn(&IndicatorView) -> Option<String>| -> Vec<Remark> {
        projects
            .iter()
            .flat_map(|project| {
                project
                    .indicators
                    .iter()
                    .map(move |indicator| (project, indicator))
            })
            .filter_map(|(project, indicator)| {
                Some(Remark {
                    label: indicator.label.clone(),
                    href: format!("{}#ind-{}", project.href, indicator.id),
                    text: choose(indicator)?,
                })
            })
            .collect()
    };
    let all: usize = projects.iter().map(|project| project.indicators.len()).sum();
    let valued = projects
        .iter()
        .flat_map(|project| &project.indicators)
        .filter(|i| !i.declared.is_empty() || (!i.computed.is_empty() && !i.awaited))
        .count();
    Course {
        projects: format!(
            "{} {}: {}.",
            projects.len(),
            if projects.len() == 1 {
                lang.t("progetto", "project")
            } else {
                lang.t("progetti", "projects")
            },
            listed.join(", ")
        ),
        indicators: if valued == all {
            format!(
                "{all} {}.",
                lang.t("indicatori, tutti con un valore", "indicators, all with a value")
            )
        } else {
            format!(
                "{valued} {} {all}.",
                lang.t("indicatori con un valore su", "indicators with a value, of")
            )
        },
        differing: remarks(|i| i.differs.then(|| format!("{} / {}", i.declared, i.computed))),
        moved: remarks(|i| (!i.change.is_empty()).then(|| i.change.clone())),
    }
}
