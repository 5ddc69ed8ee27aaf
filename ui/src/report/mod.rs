//! Puts a report for the doctor into words: sections with their tables, as they are to stand on paper.
//!
//! Owns what is said and in which order. A busy reader finds the figure and the allergies first, then each medicine with
//! how it went and what it may have done, then the single doses that went otherwise.

mod felt;

use chrono::NaiveDate;
use doseline_client::view::{ReportMedicine, ReportView};
use doseline_shared::{
    adherence::{Ratio, Taking},
    api::report::{Block, Cell, Column, Document, Table},
    report::{AsNeeded, MONTH_DAYS, Note, Stretch},
};

use crate::{
    sentence, time,
    words::{list, locale, say, t},
};

/// Pages of a month at most.
const PAGES: u16 = 2;
/// Most stretches of days in one row; there are this many only where hardly two days are alike.
const MOST_STRETCHES: usize = 40;

/// The report in words.
pub fn document(view: &ReportView) -> Document {
    let title = t("report-title");
    let range = say(
        "report-range",
        &[("from", &time::full_date(view.from)), ("to", &time::full_date(view.to))],
    );
    let born = view.birth_date.map(|born| {
        let age = time::age(born, view.today).to_string();
        say("born", &[("date", &time::full_date(born)), ("age", &age)])
    });
    let clock = say("report-clock", &[("place", &time::city(view.zone))]);
    let about: Vec<String> = std::iter::once(view.name.clone()).chain(born.clone()).collect();
    let month = (view.to - view.from).num_days() < MONTH_DAYS;
    Document {
        locale: locale(),
        name: view.name.clone(),
        under: born.into_iter().chain([format!("{range} · {clock}")]).collect(),
        made: say("report-made", &[("date", &time::full_date(view.today))]),
        running: format!("{} · {title} · {range}", about.join(" · ")),
        foot: t("report-foot"),
        blocks: blocks(view),
        most_pages: month.then_some(PAGES),
        title,
    }
}

fn blocks(view: &ReportView) -> Vec<Block> {
    let mut blocks = vec![overall(view), facts(view)];
    blocks.extend(medicines(view));
    blocks.extend(felt::section(view));
    blocks.extend(doses(view));
    blocks
}

/// The figure over all medicines.
fn overall(view: &ReportView) -> Block {
    let taking = &view.overall;
    let Some(percent) = taking.rate().percent() else {
        return Block::Text {
            text: t("report-nothing-due"),
        };
    };
    let (taken, prescribed) = (taking.taken.to_string(), taking.prescribed.to_string());
    let first = say("report-taken", &[("taken", &taken), ("prescribed", &prescribed)]);
    let rest = sentence::not_taken(taking);
    Block::Figure {
        figure: share(percent),
        text: std::iter::once(first).chain(rest).collect::<Vec<_>>().join(" "),
    }
}

/// Allergies and conditions. That none is recorded is worth saying: it is not the same as that there are none.
fn facts(view: &ReportView) -> Block {
    let fact = |title: String, all: Vec<String>| {
        let said = if all.is_empty() { t("report-none") } else { list(&all) };
        vec![strong(title), plain(said)]
    };
    let allergies = view.allergies.iter().map(|allergy| allergy.substance.clone()).collect();
    let conditions = view.conditions.iter().map(|condition| match condition.onset {
        Some(onset) => {
            let since = say("since", &[("date", &time::full_date(onset))]);
            format!("{} ({since})", condition.name)
        }
        None => condition.name.clone(),
    });
    Block::Table(Table {
        columns: columns([(String::new(), 15), (String::new(), 85)]),
        rows: vec![
            fact(t("report-allergies"), allergies),
            fact(t("conditions"), conditions.collect()),
        ],
        rest: Vec::new(),
    })
}

/// Each medicine: how it is taken, and how much of it was.
fn medicines(view: &ReportView) -> Vec<Block> {
    let heading = Block::Heading {
        text: t("tab-medicines"),
    };
    let rows: Vec<Vec<Cell>> = view.medicines.iter().map(medicine).collect();
    if rows.is_empty() {
        return vec![
            heading,
            Block::Text {
                text: t("report-no-medicines"),
            },
        ];
    }
    let heads = [
        (t("report-medicine"), 24),
        (t("report-how"), 29),
        (t("report-doses"), 14),
        (t("report-share"), 10),
        (t("report-between"), 13),
        (t("report-recorded"), 10),
    ];
    let note = Block::Note {
        text: t("report-definitions"),
    };
    vec![heading, table(heads, rows), note]
}

fn medicine(medicine: &ReportMedicine) -> Vec<Cell> {
    let record = &medicine.record;
    let on = |key: fn(&str) -> String, date: Option<NaiveDate>| date.map(|date| key(&time::day_month(date)));
    let under: Vec<String> = [
        medicine.instruction.clone(),
        medicine.critical.then(|| t("report-critical")),
        on(|date| say("report-changed", &[("date", date)]), record.changed),
        on(|date| say("stopped-on", &[("date", date)]), medicine.stopped),
    ]
    .into_iter()
    .flatten()
    .collect();
    let [doses, share, between, recorded] = figures(&record.taking, record.late, record.as_needed);
    vec![
        Cell {
            under: (!under.is_empty()).then(|| under.join(" · ")),
            ..strong(medicine.name.clone())
        },
        plain(sentence::regimen(medicine.dose.as_ref(), &medicine.when)),
        doses,
        share,
        between,
        recorded,
    ]
}

/// Doses taken, the share, its bounds, how much was recorded.
fn figures(taking: &Taking, late: u32, used: AsNeeded) -> [Cell; 4] {
    let nothing = || plain(t("report-no-figure"));
    let Some(percent) = taking.rate().percent() else {
        let doses = if used.doses > 0 { as_needed(used) } else { nothing() };
        return [doses, nothing(), nothing(), nothing()];
    };
    let count = |count: u32| count.to_string();
    let taken = say(
        "report-of",
        &[
            ("taken", &count(taking.taken)),
            ("prescribed", &count(taking.prescribed)),
        ],
    );
    let more: Vec<String> = [
        (late > 0).then(|| say("report-late", &[("count", &count(late))])),
        (taking.extra > 0).then(|| say("report-extra", &[("count", &count(taking.extra))])),
    ]
    .into_iter()
    .flatten()
    .collect();
    let of = |ratio: Ratio| ratio.percent().map_or_else(|| t("report-no-figure"), share);
    let between = match (taking.lower().percent(), taking.upper().percent()) {
        (Some(lower), Some(upper)) if lower == upper => share(upper),
        (Some(lower), Some(upper)) => say(
            "report-bounds",
            &[("lower", &time::number(&count(lower))), ("upper", &share(upper))],
        ),
        (None, _) | (_, None) => t("report-no-figure"),
    };
    [
        Cell {
            under: (!more.is_empty()).then(|| more.join(", ")),
            ..plain(taken)
        },
        strong(share(percent)),
        plain(between),
        plain(of(taking.completeness())),
    ]
}

/// The doses taken as needed.
fn as_needed(used: AsNeeded) -> Cell {
    let count = |count: u32| count.to_string();
    let most = (used.days < used.doses).then(|| say("report-most", &[("count", &count(used.most))]));
    let above = (used.above_limit > 0).then(|| say("report-above", &[("count", &count(used.above_limit))]));
    let under: Vec<String> = [Some(say("report-days", &[("count", &count(used.days))])), most, above]
        .into_iter()
        .flatten()
        .collect();
    Cell {
        under: Some(under.join(", ")),
        ..plain(say("report-used", &[("count", &count(used.doses))]))
    }
}

/// The single doses that went otherwise than planned: a row for each medicine and kind.
fn doses(view: &ReportView) -> Vec<Block> {
    let heading = Block::Heading {
        text: t("report-otherwise"),
    };
    let rows: Vec<Vec<Cell>> = view.medicines.iter().flat_map(notes).collect();
    if rows.is_empty() {
        let text = if view.overall.prescribed > 0 {
            t("report-all-taken")
        } else {
            t("report-nothing-due")
        };
        return vec![heading, Block::Text { text }];
    }
    let heads = [
        (t("report-medicine"), 25),
        (t("report-what"), 17),
        (t("report-when"), 58),
    ];
    vec![heading, table(heads, rows)]
}

fn notes(medicine: &ReportMedicine) -> Vec<Vec<Cell>> {
    let mut kinds: Vec<(String, Vec<&Stretch>)> = Vec::new();
    for stretch in &medicine.record.notes {
        let kind = kind(&stretch.note);
        match kinds.last_mut() {
            Some((same, all)) if *same == kind => all.push(stretch),
            _ => kinds.push((kind, vec![stretch])),
        }
    }
    let row = |(kind, mut all): (String, Vec<&Stretch>)| {
        // Those left out for one reason stand together in the record; here they are told by date.
        all.sort_by_key(|stretch| stretch.first);
        let doses: usize = all.iter().map(|stretch| doses_in(stretch)).sum();
        let mut said: Vec<String> = all.iter().take(MOST_STRETCHES).map(|stretch| days(stretch)).collect();
        if let Some(more) = all.len().checked_sub(MOST_STRETCHES).filter(|more| *more > 0) {
            said.push(say("report-more", &[("count", &more.to_string())]));
        }
        vec![
            strong(medicine.name.clone()),
            Cell {
                under: Some(say("report-count", &[("count", &doses.to_string())])),
                ..plain(kind)
            },
            plain(said.join(" · ")),
        ]
    };
    kinds.into_iter().map(row).collect()
}

fn doses_in(stretch: &Stretch) -> usize {
    let days = usize::try_from((stretch.last - stretch.first).num_days() + 1).unwrap_or(0);
    days * stretch.times.len()
}

fn kind(note: &Note) -> String {
    match note {
        Note::Missed {} => t("report-missed"),
        Note::Skipped { .. } => t("report-skipped"),
        Note::NoEntry {} => t("report-no-entry"),
        Note::NotReminded {} => t("report-not-reminded"),
        Note::Held {} => t("report-held"),
        Note::Late {} => t("report-taken-late"),
        Note::Extra {} => t("report-taken-extra"),
    }
}

/// `3 Nov 08:00, 20:00`, `7 Nov – 9 Nov 08:00 (dentist)`.
fn days(stretch: &Stretch) -> String {
    let times: Vec<String> = stretch.times.iter().copied().map(time::time_of_day).collect();
    let (first, times) = (time::day_month(stretch.first), times.join(", "));
    let said = if stretch.first == stretch.last {
        say("report-day", &[("day", &first), ("times", &times)])
    } else {
        let last = time::day_month(stretch.last);
        say(
            "report-day-to-day",
            &[("first", &first), ("last", &last), ("times", &times)],
        )
    };
    match &stretch.note {
        Note::Skipped { reason: Some(reason) } => say("report-why", &[("day", &said), ("reason", reason)]),
        Note::Skipped { reason: None }
        | Note::Missed {}
        | Note::NoEntry {}
        | Note::NotReminded {}
        | Note::Held {}
        | Note::Late {}
        | Note::Extra {} => said,
    }
}

/// A table that may be cut where the paper ends.
fn table<const N: usize>(heads: [(String, u16); N], rows: Vec<Vec<Cell>>) -> Block {
    let rest = (1..=rows.len()).map(|count| say("report-more", &[("count", &count.to_string())]));
    Block::Table(Table {
        columns: columns(heads),
        rest: rest.collect(),
        rows,
    })
}

fn columns<const N: usize>(heads: [(String, u16); N]) -> Vec<Column> {
    heads
        .into_iter()
        .map(|(title, share)| Column { title, share })
        .collect()
}

fn share(percent: u32) -> String {
    say("report-percent", &[("value", &time::number(&percent.to_string()))])
}

fn plain(text: String) -> Cell {
    Cell {
        text,
        ..Cell::default()
    }
}

fn strong(text: String) -> Cell {
    Cell {
        strong: true,
        ..plain(text)
    }
}
