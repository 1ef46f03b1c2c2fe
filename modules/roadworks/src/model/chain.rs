//! The story of a worksite: its acts in order.

use bisenzio_kernel::Lang;

use super::ActNumber;
use super::group::Group;
use super::worksite::ChainStep;

/// All acts of the chain in order, those only named by others among them.
pub(super) fn chain(group: &Group<'_>) -> Vec<ChainStep> {
    let mut steps: Vec<(ActNumberKey, ChainStep)> = Vec::new();
    for act in &group.acts {
        let number = act.number();
        steps.push((
            key(number.map(|(n, _)| n), steps.len()),
            ChainStep {
                id: Some(act.id.clone()),
                label: act.label(Lang::It),
                number_inferred: number.is_some_and(|(_, inferred)| inferred),
                act_type: Some(act.act_type),
                relations: act
                    .refers_to
                    .iter()
                    .filter(|r| r.is_chain())
                    .map(|r| (r.number.clone(), r.relation()))
                    .collect(),
                date: act
                    .protocols
                    .iter()
                    .filter(|p| !p.kind.starts_with("delega"))
                    .filter_map(|p| p.date)
                    .max(),
                end: act
                    .measures
                    .iter()
                    .filter_map(|m| m.to)
                    .max_by_key(|m| m.as_end()),
                previous_end: act.previous_end,
                title: super::wording::title(act.title()),
                path: Some(act.path()),
                url: Some(act.url.clone()),
            },
        ));
    }
    let stored: Vec<ActNumber> = group
        .acts
        .iter()
        .filter_map(|a| a.number().map(|(n, _)| n))
        .collect();
    let named = group
        .acts
        .iter()
        .flat_map(|a| a.refers_to.iter().filter(|r| r.is_chain()))
        .map(|r| (&r.number, r.date));
    let told = group
        .notices
        .iter()
        .filter_map(|(n, _)| n.ordinance.as_ref().map(|number| (number, None)));
    for (text, date) in named.chain(told) {
        let number = ActNumber::parse(text);
        let known = number.is_some_and(|n| stored.contains(&n));
        let again = steps.iter().any(|(_, step)| step.label == *text);
        if !known && !again {
            steps.push((
                key(number, 0),
                ChainStep {
                    id: None,
                    label: text.clone(),
                    number_inferred: false,
                    act_type: None,
                    relations: Vec::new(),
                    date,
                    end: None,
                    previous_end: None,
                    title: String::new(),
                    path: None,
                    url: None,
                },
            ));
        }
    }
    steps.sort_by_key(|(key, _)| *key);
    steps.into_iter().map(|(_, step)| step).collect()
}

type ActNumberKey = (i16, u32, usize);

/// Acts without a number come last, in the order of their group.
fn key(number: Option<ActNumber>, at: usize) -> ActNumberKey {
    number.map_or((i16::MAX, u32::MAX, at), |n| (n.year, n.seq, 0))
}
