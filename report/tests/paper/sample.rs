//! Reports as a device writes them: one of a person with a few medicines, and one that is as bad as a month can be.

use doseline_shared::api::report::{Block, Cell, Column, Document, Table};

pub fn cell(text: &str) -> Cell {
    Cell {
        text: text.to_owned(),
        ..Cell::default()
    }
}

fn strong(text: &str, under: &str) -> Cell {
    Cell {
        text: text.to_owned(),
        strong: true,
        under: (!under.is_empty()).then(|| under.to_owned()),
    }
}

fn beneath(text: &str, under: &str) -> Cell {
    Cell {
        under: Some(under.to_owned()),
        ..cell(text)
    }
}

pub fn table(columns: &[(&str, u16)], rows: Vec<Vec<Cell>>, rest: Vec<String>) -> Block {
    Block::Table(Table {
        columns: columns
            .iter()
            .map(|(title, share)| Column {
                title: (*title).to_owned(),
                share: *share,
            })
            .collect(),
        rows,
        rest,
    })
}

fn heading(text: &str) -> Block {
    Block::Heading { text: text.to_owned() }
}

fn rest(rows: usize) -> Vec<String> {
    (1..=rows)
        .map(|count| format!("and {count} more: see the app"))
        .collect()
}

const MEDICINES: [(&str, u16); 5] = [
    ("Medicine", 28),
    ("How it is taken", 34),
    ("Doses taken", 15),
    ("Taken", 9),
    ("Between", 14),
];

fn document(name: &str, blocks: Vec<Block>) -> Document {
    Document {
        locale: "en".to_owned(),
        title: "Report for the doctor".to_owned(),
        name: name.to_owned(),
        under: vec![
            "Born 2 March 1958, 68 years old".to_owned(),
            "26 October 2026 to 24 November 2026 · times on the clock of Lagos".to_owned(),
        ],
        made: "Made on 24 November 2026".to_owned(),
        running: format!("{name} · Report for the doctor · 26 October 2026 to 24 November 2026"),
        foot: "Doseline. From what was recorded in the app; it is no record of what a pharmacy handed out.".to_owned(),
        blocks,
        most_pages: Some(2),
    }
}

pub fn january() -> Document {
    let medicines = vec![
        vec![
            strong("Metformin 500 mg", "With food"),
            cell("1 tablet every morning and evening, at 08:00 and 20:00"),
            beneath("52 of 56", "1 late"),
            cell("93 %"),
            cell("93–95 %"),
        ],
        vec![
            strong("Warfarin", "Dangerous to miss · ordered by Dr Ɓala Ƙasim Ɗanjuma"),
            cell("½ tablet every evening, at 18:00"),
            cell("27 of 28"),
            cell("96 %"),
            cell("96–100 %"),
        ],
        vec![
            strong("Paracetamol 500 mg", ""),
            cell("2 tablets as needed, at most 4 in 24 hours"),
            beneath("9 times on 6 days", "3 on 12 Nov, the most on one day"),
            cell("–"),
            cell("–"),
        ],
    ];
    let missed = vec![
        vec![
            strong("Metformin 500 mg", ""),
            cell("Missed"),
            cell("3 Nov 20:00 · 7–9 Nov 08:00"),
        ],
        vec![strong("Warfarin", ""), cell("Left out"), cell("12 Nov 18:00 (dentist)")],
    ];
    let allergies = vec![
        vec![strong("Allergies", ""), cell("Penicillin, latex")],
        vec![strong("Conditions", ""), cell("Type 2 diabetes, atrial fibrillation")],
    ];
    document(
        "Adébáyọ̀ Ọláṣùbọ̀mí Nwáṅkwọ",
        vec![
            Block::Figure {
                figure: "94 %".to_owned(),
                text: "Took 79 of 84 scheduled doses. 4 were missed. 1 was left out.".to_owned(),
            },
            table(&[("", 16), ("", 84)], allergies, Vec::new()),
            heading("Medicines"),
            table(&MEDICINES, medicines, rest(3)),
            Block::Note {
                text: "Taken: doses taken divided by doses due. Between: at least, if no dose was taken that was not \
                    recorded; at most, of those doses whose fate is known."
                    .to_owned(),
            },
            heading("Doses not taken"),
            table(&[("Medicine", 28), ("", 14), ("When", 58)], missed, rest(2)),
            heading("Side effects"),
            Block::Text {
                text: "None recorded.".to_owned(),
            },
        ],
    )
}

/// Twelve medicines four times a day, no dose of which was taken, and not two days alike.
pub fn worst_month() -> Document {
    let medicines = (1..=12).map(|number| {
        vec![
            strong(
                &format!("Medicine {number} with a long name, prolonged release, 1000 mg/850 mg"),
                "Dangerous to miss · half an hour before a meal, with much water",
            ),
            cell("1 tablet every day at 06:00, 12:00, 18:00 and 23:30"),
            cell("0 of 120"),
            cell("0 %"),
            cell("0–0 %"),
        ]
    });
    let missed = (1..=360).map(|number| {
        vec![
            strong(&format!("Medicine {number}"), ""),
            cell("missed at 06:00, 12:00"),
        ]
    });
    document(
        "Ọlábísí Àjàyí",
        vec![
            heading("Medicines"),
            table(&MEDICINES, medicines.collect(), rest(12)),
            heading("Doses not taken"),
            table(&[("Medicine", 28), ("When", 58)], missed.collect(), rest(360)),
            heading("Side effects"),
            Block::Text {
                text: "None recorded.".to_owned(),
            },
        ],
    )
}
