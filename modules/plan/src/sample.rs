//! A small plan for unit tests.

use jiff::civil::date;
use serde_json::json;

use crate::model::{
    Action, Aggregate, Collection, CollectionRow, Column, Computation, Computed, Discrepancy, Edition,
    EditionState, EntityLink, Event, Figure, Filter, Indicator, Plan, Project, Section, Snapshot,
};

pub fn snapshot() -> Snapshot {
    Snapshot {
        city: "Prato".into(),
        organisation: "Comune di Prato".into(),
        plan: Plan {
            id: "p".into(),
            title: "Piano".into(),
            approved: "2017-07-21".parse().unwrap(),
            approved_by: "Consiglio Comunale".into(),
            description: "Descrizione.".into(),
        },
        edition: Edition {
            year: 2021,
            title: "Nota 2021".into(),
            period_from: date(2021, 1, 1),
            period_to: date(2021, 12, 31),
            premise: vec!["Una premessa.".into()],
            credits: Vec::new(),
            published: None,
            state: EditionState::Draft,
            frozen_at: None,
            frozen_by: None,
        },
        sections: vec![Section {
            number: "1".into(),
            title: "Settori verticali".into(),
            intro: String::new(),
        }],
        projects: vec![project()],
    }
}

fn project() -> Project {
    let link = EntityLink {
        id: "urn:ngsi-ld:P:prato:a".into(),
        name: "A".into(),
        url: "/piano/luoghi/P/a".into(),
    };
    Project {
        slug: "pr-v1".into(),
        code: Some("PR-V1".into()),
        number: "1.1".into(),
        section: "1".into(),
        title: "Piazze e spazi pubblici".into(),
        kind: "vertical".into(),
        state: "in-progress".into(),
        summary: vec!["Che cosa è stato fatto.".into()],
        events: vec![Event {
            id: "e".into(),
            date: "2021-05".parse().unwrap(),
            until: None,
            kind: "opening".into(),
            title: "Aperta la piazza".into(),
            text: String::new(),
            place: None,
            entities: Vec::new(),
        }],
        actions: vec![Action {
            id: "a".into(),
            group: "Piazza".into(),
            title: "Sedute".into(),
            state: "completed".into(),
            text: "Fatte.".into(),
            entity: None,
        }],
        figures: vec![Figure {
            id: "f".into(),
            label: "Alberi".into(),
            value: 2_300_000.0,
            unit: "alberi".into(),
            text: String::new(),
            date: None,
            until: None,
        }],
        collections: vec![Collection {
            id: "c".into(),
            title: "Piazze".into(),
            intro: String::new(),
            entity_type: "P".into(),
            filter: Filter::default(),
            columns: vec![Column {
                attribute: "name".into(),
                label: "Piazza".into(),
            }],
            group_by: None,
            rows: vec![CollectionRow {
                entity: link.clone(),
                group: None,
                cells: vec![json!("A")],
            }],
        }],
        indicators: vec![Indicator {
            id: "i".into(),
            label: "Nuove antenne".into(),
            unit: "antenne".into(),
            rule: String::new(),
            headline: false,
            declared: Some(16.0),
            source: "Nota".into(),
            note: None,
            computed: Some(Computed {
                computation: Computation::Graph {
                    entity_type: "P".into(),
                    filter: Filter::default(),
                    aggregate: Aggregate::Count,
                    attribute: None,
                    date: None,
                },
                value: Some(15.0),
                counted: vec![link],
                failure: None,
            }),
            evidence: Vec::new(),
        }],
        discrepancies: vec![Discrepancy {
            id: "d".into(),
            title: "Antenne".into(),
            text: "I conti non tornano.".into(),
            declared: "16".into(),
            found: "15".into(),
        }],
        ..Project::default()
    }
}
