//! What a report is on paper, as other programs read the file: its words, its fonts, its pages, its tags.
//!
//! They are poppler's, which has nothing in common with what writes the file.

#![expect(clippy::unwrap_used, reason = "a test that cannot build its data has failed")]

mod sample;

use std::{fs, process::Command};

use doseline_report::{PdfError, pdf};
use doseline_shared::api::report::{Block, Document};

use crate::sample::{cell, january, table, worst_month};

/// What a program of poppler's prints about the file.
fn ask(program: &str, arguments: &[&str], document: &Document) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.pdf");
    fs::write(&file, pdf(document).unwrap()).unwrap();
    let output = Command::new(program)
        .args(arguments)
        .arg(&file)
        .args((program == "pdftotext").then_some("-"))
        .output()
        .unwrap_or_else(|error| panic!("{program} ({error}); run `cargo xtask setup`, which installs it"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn words(document: &Document) -> String {
    ask("pdftotext", &["-layout"], document)
}

fn info(document: &Document, name: &str) -> String {
    let all = ask("pdfinfo", &[], document);
    let line = all.lines().find_map(|line| line.strip_prefix(&format!("{name}:")));
    line.unwrap_or_default().trim().to_owned()
}

#[test]
fn what_a_report_says_can_be_selected() {
    let text = words(&january());
    for said in [
        "Report for the doctor",
        "Adébáyọ̀ Ọláṣùbọ̀mí Nwáṅkwọ",
        "Ɓala Ƙasim Ɗanjuma",
        "Metformin 500 mg",
        "1 tablet every morning and evening, at",
        "52 of 56",
        "93 %",
        "93–95 %",
        "Penicillin",
        "3 Nov 20:00",
        "½ tablet",
    ] {
        assert!(text.contains(said), "{said} is not in:\n{text}");
    }
}

#[test]
fn every_font_is_embedded_cut_down_and_known_by_its_letters() {
    let fonts = ask("pdffonts", &[], &january());
    let rows: Vec<&str> = fonts.lines().skip(2).collect();
    assert_eq!(rows.len(), 4, "both fonts, plain and bold:\n{fonts}");
    for row in rows {
        assert!(
            row.contains("AtkinsonHyperlegibleNext") || row.contains("NotoSans"),
            "{row}"
        );
        let columns: Vec<&str> = row.split_whitespace().collect();
        // emb, sub, uni, and the two numbers of the object.
        let [.., embedded, subset, unicode, _, _] = columns.as_slice() else {
            panic!("{row}")
        };
        assert_eq!((*embedded, *subset, *unicode), ("yes", "yes", "yes"), "{row}");
    }
}

#[test]
fn a_report_has_a_title_and_a_language_and_can_be_read_aloud() {
    let document = january();
    assert_eq!(
        info(&document, "Title"),
        "Report for the doctor – Adébáyọ̀ Ọláṣùbọ̀mí Nwáṅkwọ"
    );
    assert_eq!(info(&document, "Tagged"), "yes");
    assert!(info(&document, "Page size").contains("A4"));
    let tree = ask("pdfinfo", &["-struct-text"], &document);
    let count = |tag: &str| tree.lines().filter(|line| line.trim_start().starts_with(tag)).count();
    let tables: Vec<_> = document
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Table(table) => Some(table),
            Block::Heading { .. } | Block::Figure { .. } | Block::Text { .. } | Block::Note { .. } => None,
        })
        .collect();
    assert_eq!(count("Table"), tables.len(), "{tree}");
    let rows: usize = tables.iter().map(|table| table.rows.len()).sum();
    let heads = tables.iter().filter(|table| !table.columns[0].title.is_empty());
    assert_eq!(count("TR"), rows + heads.clone().count(), "{tree}");
    assert_eq!(
        count("TH"),
        heads.map(|table| table.columns.len()).sum::<usize>(),
        "{tree}"
    );
    assert_eq!((count("H1"), count("H2")), (1, 3), "{tree}");
}

#[test]
fn the_worst_month_has_two_pages_and_says_what_it_leaves_out() {
    let document = worst_month();
    assert_eq!(info(&document, "Pages"), "2");
    let text = words(&document);
    for medicine in 1..=12 {
        assert!(text.contains(&format!("Medicine {medicine} with a long")), "{text}");
    }
    // Of the missed doses, those that are shown and those that are left out make all that there are.
    let shown = text.lines().filter(|line| line.contains("missed at")).count();
    let rest = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("and ")?.strip_suffix(" more: see the app"))
        .unwrap_or_else(|| panic!("nothing says what is left out:\n{text}"));
    assert_eq!(shown + rest.parse::<usize>().unwrap(), 360, "{text}");
    assert!(shown > 12, "only {shown} fit");
    assert!(text.contains("1/2") && text.contains("2/2"));
}

#[test]
fn a_report_without_a_limit_of_pages_shows_every_row() {
    let document = Document {
        most_pages: None,
        ..worst_month()
    };
    let text = words(&document);
    assert_eq!(text.lines().filter(|line| line.contains("missed at")).count(), 360);
    assert!(!text.contains("see the app"));
    let pages: usize = info(&document, "Pages").parse().unwrap();
    assert!(text.contains(&format!("{pages}/{pages}")));
}

#[test]
fn letters_that_no_font_has_break_nothing_and_stay_in_the_text() {
    let mut document = january();
    "محمد 山田 😀 \u{0} \u{202e}x".clone_into(&mut document.name);
    let text = words(&document);
    assert!(text.contains("山田"), "{text}");
}

#[test]
fn words_of_any_length_stay_on_the_paper() {
    let mut document = january();
    let long = "Wort".repeat(400);
    document.name.clone_from(&long);
    document.foot.clone_from(&long);
    document.blocks.push(table(
        &[("", 1), ("", 3)],
        vec![vec![cell(&long), cell(&long.repeat(20))]],
        Vec::new(),
    ));
    document.blocks.push(table(&[], vec![Vec::new()], Vec::new()));
    document.most_pages = None;
    let boxes = ask("pdftotext", &["-bbox"], &document);
    for line in boxes.lines().filter(|line| line.trim_start().starts_with("<word")) {
        let edge = |name: &str| -> f32 {
            let rest = line.split(&format!("{name}=\"")).nth(1).unwrap();
            rest.split('"').next().unwrap().parse().unwrap()
        };
        let inside = edge("xMin") >= 30.0 && edge("xMax") <= 565.0 && edge("yMin") >= 20.0 && edge("yMax") <= 825.0;
        assert!(inside, "{line}");
    }
}

#[test]
fn a_report_of_no_end_is_refused() {
    let row = || vec![cell(&"word ".repeat(60))];
    let document = Document {
        blocks: vec![table(&[("", 1)], (0..5_000).map(|_| row()).collect(), Vec::new())],
        most_pages: None,
        ..january()
    };
    assert_eq!(pdf(&document), Err(PdfError::TooLong), "in letters");
    let document = Document {
        blocks: vec![Block::Text {
            text: "a\n".repeat(10_000),
        }],
        most_pages: None,
        ..january()
    };
    assert_eq!(pdf(&document), Err(PdfError::TooLong), "in pages");
}

#[test]
fn the_same_report_makes_the_same_file() {
    assert_eq!(pdf(&january()), pdf(&january()));
}
