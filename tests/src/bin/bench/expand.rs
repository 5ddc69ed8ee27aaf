//! Occurrences expanded per second on one core, beside the `rrule` crate on the same daily rule over ten years; and a day
//! of a million patients.

mod patients;

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use doseline_shared::schedule::{self, Schedule};
use rrule::RRuleSet;
use serde_json::json;

use crate::table::Row;

/// How long both are measured.
const SPAN: Duration = Duration::from_secs(4);

/// Once a day at eight, from 2016 to 2026, in a zone with daylight saving.
pub fn measure() -> Result<Vec<Row>> {
    let schedule = daily()?;
    let from: DateTime<Utc> = "2015-12-31T23:00:00Z".parse()?;
    let to: DateTime<Utc> = "2025-12-31T23:00:00Z".parse()?;
    let context = schedule::Context {
        device_tz: Tz::Europe__Paris,
        revision: 1,
        taken: &[],
        skipped: &[],
    };
    let rules: RRuleSet =
        "DTSTART;TZID=Europe/Paris:20160101T080000\nRRULE:FREQ=DAILY;UNTIL=20251231T220000Z".parse()?;

    let ours: Vec<DateTime<Utc>> = schedule::dues(&schedule, from..to, &context)
        .map(|due| due.due)
        .collect();
    let theirs: Vec<DateTime<Utc>> = rules
        .clone()
        .all(u16::MAX)
        .dates
        .into_iter()
        .map(|date| date.with_timezone(&Utc))
        .collect();
    ensure!(
        ours == theirs,
        "the two disagree: {} and {} occurrences",
        ours.len(),
        theirs.len()
    );

    let mut our_best = Duration::MAX;
    let mut copied_best = Duration::MAX;
    let mut their_best = Duration::MAX;
    let begun = Instant::now();
    // In turns, and the best round of each: whatever else the machine does then slows none more than the others.
    while begun.elapsed() < SPAN {
        our_best = our_best.min(time(|| {
            let dues = schedule::dues(black_box(&schedule), from..to, &context);
            drop(black_box(dues.collect::<Vec<_>>()))
        }));
        copied_best = copied_best.min(time(|| {
            drop(black_box(schedule::occurrences(
                black_box(&schedule),
                from..to,
                &context,
            )))
        }));
        their_best = their_best.min(time(|| drop(black_box(black_box(rules.clone()).all(u16::MAX)))));
    }
    let rate = |best: Duration| ours.len() as f64 / best.as_secs_f64();
    let million = |rate: f64| format!("{:.2} million", rate / 1e6);
    let (our_rate, copied_rate, their_rate) = (rate(our_best), rate(copied_best), rate(their_best));
    let (ratio, copied_ratio) = (our_rate / their_rate, copied_rate / their_rate);
    let rrule = format!("rrule {}", million(their_rate));
    let mut rows = vec![
        // Like beside like: both give the instants and the local times, collected.
        Row::new("due times per second, daily rule, ten years", million(our_rate))
            .beside(rrule.clone(), ratio)
            .aim("10 times", ratio >= 10.0),
        Row::new(
            "the same as occurrences, each with its own texts and amount",
            million(copied_rate),
        )
        .beside(rrule, copied_ratio),
    ];
    rows.extend(patients::measure()?);
    Ok(rows)
}

fn time(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn daily() -> Result<Schedule> {
    let wire = json!({
        "zone": {"kind": "home", "tz": "Europe/Paris"},
        "start": "2016-01-01", "end": null, "max_count": null,
        "rule": {"kind": "wall", "times": [{"slot": "am", "at": "08:00"}], "days": {"kind": "every"}},
        "dose": {"kind": "fixed", "amount": {"value": "1", "unit": "tablet"}},
        "window": {"early_min": 60, "late_min": 60, "miss_after_min": null}
    });
    schedule::parse(&wire)
        .ok()
        .context("the schedule of the measurement is refused")
}
