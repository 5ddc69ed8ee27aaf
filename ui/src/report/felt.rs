//! The side effects that were reported, as a section of a report.

use doseline_client::view::{ReportSideEffect, ReportView};
use doseline_shared::{
    api::report::{Block, Cell},
    record::{Severity, Symptom},
};

use super::{plain, strong, table};
use crate::{
    sentence, time,
    words::{say, t},
};

/// The section.
pub fn section(view: &ReportView) -> Vec<Block> {
    let heading = Block::Heading { text: t("report-felt") };
    let rows: Vec<Vec<Cell>> = view.side_effects.iter().map(row).collect();
    if rows.is_empty() {
        return vec![heading, Block::Text { text: t("report-none") }];
    }
    let heads = [
        (t("report-symptom"), 40),
        (t("report-severity"), 17),
        (t("report-when"), 20),
        (t("report-suspected"), 23),
    ];
    vec![heading, table(heads, rows)]
}

fn row(felt: &ReportSideEffect) -> Vec<Cell> {
    let first = time::day_month(felt.report.from);
    let when = match felt.last {
        None => sentence::capital(&say("since", &[("date", &first)])),
        Some(last) if last <= felt.report.from => first,
        Some(last) => say("report-from-to", &[("first", &first), ("last", &time::day_month(last))]),
    };
    vec![
        Cell {
            under: felt.report.note.clone(),
            ..strong(symptom(&felt.report.symptom))
        },
        plain(severity(felt.report.severity)),
        plain(when),
        plain(felt.medicine.clone().unwrap_or_else(|| t("report-no-figure"))),
    ]
}

fn symptom(symptom: &Symptom) -> String {
    match symptom {
        Symptom::Nausea => t("report-nausea"),
        Symptom::Dizziness => t("report-dizziness"),
        Symptom::Headache => t("report-headache"),
        Symptom::Rash => t("report-rash"),
        Symptom::Fatigue => t("report-fatigue"),
        Symptom::Diarrhoea => t("report-diarrhoea"),
        Symptom::Insomnia => t("report-insomnia"),
        Symptom::Swelling => t("report-swelling"),
        Symptom::Dyspnoea => t("report-dyspnoea"),
        Symptom::Angioedema => t("report-angioedema"),
        Symptom::Other(words) => words.clone(),
    }
}

fn severity(severity: Severity) -> String {
    match severity {
        Severity::Mild => t("report-mild"),
        Severity::Moderate => t("report-moderate"),
        Severity::Severe => t("report-severe"),
    }
}
