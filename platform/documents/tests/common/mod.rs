//! A document with everything in it, used by the tests and by the example.

#![allow(dead_code, reason = "each test file and the example use a part of this")]

pub mod extract;

use bisenzio_documents::model::{
    Alignment, Block, Callout, CalloutKind, Document, Language, Picture, Table, code, emphasis, line_break,
    link, strong, text,
};

/// Bars of a small chart.
pub const CHART: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 150">
<rect x="20" y="90" width="60" height="40" fill="#0059b3"/><rect x="120" y="60" width="60" height="70" fill="#0059b3"/>
<rect x="220" y="40" width="60" height="90" fill="#0059b3"/><rect x="320" y="20" width="60" height="110" fill="#0059b3"/>
<path d="M10 130H410" stroke="#17324d" stroke-width="2"/></svg>"##;

/// A note in Italian with every kind of block; `chapters` repeats its middle part.
pub fn sample(chapters: usize) -> Document {
    let mut doc = Document::new(
        "Nota di aggiornamento al Piano Smart City (2021)",
        Language::Italian,
    )
    .with_subtitle("Piano Prato Smart City")
    .with_organisation("Comune di Prato")
    .with_author("Comune di Prato, Servizio Innovazione")
    .with_date("11 marzo 2026", Some(jiff_date()))
    .with_description("Stato di attuazione dei progetti e degli indicatori del Piano nel 2021.")
    .with_base_url("https://smart.comune.prato.it")
    .with_toc(3);
    doc.heading(1, "Premessa").anchor("premessa");
    doc.paragraph([
        text("Il presente documento riporta un aggiornamento sulle attività del 2021 gestite dall'"),
        strong("Amministrazione comunale"),
        text(", relative all'implementazione della "),
        emphasis("smart city"),
        text(
            " a Prato, in accordo con quanto già identificato e descritto nelle relative linee guida \
              approvate dal Consiglio Comunale in data 21/07/2017. Gli indicatori sono pubblicati come \
              dati aperti nel ",
        ),
        link("catalogo del Comune", "https://odn.comune.prato.it/dataset"),
        text("; il piano si consulta in "),
        link("questa pagina", "/piano/2021"),
        text(" e il codice di ogni progetto ha la forma "),
        code("PR-V9"),
        text("."),
    ]);
    doc.note(
        "Come leggere la nota",
        "I valori calcolati vengono dai registri; quelli dichiarati dall'originale.",
    );
    for chapter in 1..=chapters {
        doc.section(
            1,
            format!("Aggiornamento sui progetti a breve-medio termine, parte {chapter}"),
        );
        doc.paragraph(
            "In questa sezione si forniscono aggiornamenti relativi ai progetti di tipo «verticale» \
            individuati nelle linee guida relative all'implementazione del Piano Smart City. "
                .repeat(3),
        );
        doc.section(
            2,
            "Progetto PR-V9: “Strumenti e metodi per la pianificazione e gestione integrata dei \
            cantieri: miglioramento della vivibilità e della mobilità cittadina”",
        );
        doc.bullets([
            "Piazza delle Carceri",
            "Piazza San Marco",
            "Piazza dell'Università",
        ]);
        doc.numbers(["Progettazione definitiva", "Gara", "Esecuzione dei lavori"]);
        doc.section(3, "Luoghi con wi-fi pubblico");
        doc.paragraph([
            text("Si veda anche la "),
            link("premessa", "#premessa"),
            text("."),
        ]);
        doc.table(
            Table::new(["Luogo", "Indirizzo", "Punti di accesso", "Attivo"])
                .caption("Luoghi con wi-fi pubblico e punti di accesso")
                .align([
                    Alignment::Left,
                    Alignment::Left,
                    Alignment::Right,
                    Alignment::Center,
                ])
                .row_headers()
                .row(["Biblioteca Lazzerini", "Via Puccetti 3", "4", "sì"])
                .row([
                    "Palazzo comunale",
                    "Piazza del Comune 2, con ingresso anche da via Ricasoli",
                    "2",
                    "sì",
                ])
                .row(["Officina Giovani", "Piazza dei Macelli 4", "1.647", "no"]),
        );
        doc.push(Block::List {
            ordered: false,
            items: vec![
                vec![
                    Block::paragraph("Servizi in rete rilasciati"),
                    Block::list(false, ["Iscrizione agli asili", "Pagamento dei tributi"]),
                ],
                vec![Block::paragraph([
                    text("Servizi in corso"),
                    line_break(),
                    text("entro il 2022"),
                ])],
            ],
        });
        doc.section(4, "Sportelli");
        doc.definitions([
            ("Sportello SPID", "Aperto dal lunedì al venerdì, 9:00–13:00."),
            (
                "Living Lab",
                "Incontro aperto tra amministrazione, imprese e cittadini.",
            ),
        ]);
        doc.push(Block::Callout(Callout {
            kind: CalloutKind::Warning,
            title: "Valori discordi".into(),
            blocks: vec![
                Block::paragraph("L'originale indica 18 incontri nel testo e 19 nell'elenco."),
                Block::list(false, ["Dichiarato: 18", "Calcolato: 19"]),
            ],
        }));
        doc.figure(
            Picture::Svg(CHART.as_bytes().to_vec()),
            "Quattro barre crescenti: inventari delle emissioni.",
            Some("Inventari delle emissioni".into()),
        );
    }
    doc.page_break();
    doc.heading(1, "Allegato");
    doc.paragraph("Fine del documento.");
    doc
}

/// 11 March 2026.
pub fn jiff_date() -> jiff::civil::Date {
    jiff::civil::date(2026, 3, 11)
}
