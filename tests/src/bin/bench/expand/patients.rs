//! A day of a million patients on one core: what a morning's worklist, or a watch that starts afresh, has to expand.
//!
//! Owns the mix of their regimens: mostly one or two times a day, some several, some on certain days, in cycles or in real
//! time, tapers and counts among them. Every patient has times and zones of their own, so that nothing is found ready.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use doseline_shared::schedule::{self, Context, Schedule};
use doseline_tests::seed::Seed;
use rrule::RRuleSet;
use serde_json::{Value, json};

use crate::table::Row;

/// How many.
const PATIENTS: usize = 1_000_000;
/// How many of them are in memory at once; the next ones are made while the clock stands still.
const AT_ONCE: usize = 10_000;
/// How many of them `rrule` is given: enough to know its rate, since it takes its time.
const FOR_RRULE: usize = 20_000;
/// Where they live.
const ZONES: [&str; 8] = [
    "Africa/Lagos",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Australia/Sydney",
    "Europe/London",
    "Europe/Paris",
    "Pacific/Auckland",
];

/// One medication: its schedule, and where that is one time a day, the same for `rrule`.
type Taken = (Schedule, Option<RRuleSet>);

/// Expands the day of each, and of the first of them their daily times by `rrule`.
pub fn measure() -> Result<Vec<Row>> {
    let (mut seed, number) = Seed::of_this_run();
    let from: DateTime<Utc> = "2026-03-29T00:00:00Z".parse()?;
    let day = from..from + TimeDelta::days(1);
    let (mut took, mut dues, mut medications) = (Duration::ZERO, 0, 0);
    // Beside `rrule`: the same daily times, expanded by each.
    let (mut ours, mut theirs, mut compared) = (Duration::ZERO, Duration::ZERO, 0_usize);
    for chunk in 0..PATIENTS / AT_ONCE {
        let with_rules = chunk * AT_ONCE < FOR_RRULE;
        let people = (0..AT_ONCE)
            .map(|_| person(&mut seed, with_rules))
            .collect::<Result<Vec<_>>>()?;
        medications += people.iter().map(Vec::len).sum::<usize>();
        let begun = Instant::now();
        for (schedule, _) in people.iter().flatten() {
            dues += schedule::dues(black_box(schedule), day.clone(), &Context::new(Tz::UTC))
                .map(black_box)
                .count();
        }
        took += begun.elapsed();
        let daily: Vec<_> = people
            .iter()
            .flatten()
            .filter_map(|(schedule, rule)| Some((schedule, rule.clone()?)))
            .collect();
        let begun = Instant::now();
        let of_ours: usize = daily
            .iter()
            .map(|(schedule, _)| schedule::dues(black_box(schedule), day.clone(), &Context::new(Tz::UTC)).count())
            .sum();
        ours += begun.elapsed();
        let rules: Vec<_> = daily.into_iter().map(|(_, rule)| rule).collect();
        let begun = Instant::now();
        let of_theirs: usize = rules
            .into_iter()
            .map(|rule| black_box(rule).all(u16::MAX).dates.len())
            .sum();
        theirs += begun.elapsed();
        ensure!(
            of_ours == of_theirs,
            "the two disagree (seed {number}): {of_ours} and {of_theirs} due times"
        );
        compared += of_ours;
    }
    let seconds = took.as_secs_f64();
    let rate = |took: Duration| compared as f64 / took.as_secs_f64();
    Ok(vec![
        Row::new(
            format!("a day of 1,000,000 patients on one core: {medications} medications, {dues} due times"),
            format!(
                "{seconds:.2} s, {:.0} thousand patients/s",
                PATIENTS as f64 / seconds / 1e3
            ),
        )
        .aim("10 s", seconds < 10.0),
        Row::new(
            format!("the daily ones among the first {FOR_RRULE}, due times per second of that day"),
            format!("{:.2} million", rate(ours) / 1e6),
        )
        .beside(
            format!("rrule {:.2} million", rate(theirs) / 1e6),
            rate(ours) / rate(theirs),
        ),
    ])
}

/// What one patient takes: one to four medications.
fn person(seed: &mut Seed, with_rules: bool) -> Result<Vec<Taken>> {
    let zone = *seed.one_of(&ZONES);
    (0..1 + seed.below(4))
        .map(|_| medication(seed, zone, with_rules))
        .collect()
}

/// A medication that began in the last three years.
fn medication(seed: &mut Seed, zone: &str, with_rules: bool) -> Result<Taken> {
    let today = "2026-03-29".parse::<chrono::NaiveDate>()?;
    let start = today - TimeDelta::days(i64::try_from(seed.below(1_000))?);
    let minute = |seed: &mut Seed, from: u64| {
        // Three hours of the day in steps of five minutes.
        let minute = from * 60 + seed.below(36) * 5;
        format!("{:02}:{:02}", minute / 60, minute % 60)
    };
    let hours: &[u64] = match seed.below(100) {
        0..55 => &[7],
        55..80 => &[7, 19],
        80..92 => &[6, 12, 18],
        _ => &[5, 10, 15, 20],
    };
    let kind = seed.below(100);
    let days = match kind {
        0..78 => json!({"kind": "every"}),
        78..83 => json!({"kind": "weekdays", "on": ["mon", "wed", "fri"]}),
        83..86 => json!({"kind": "every_n", "n": 2, "anchor": start}),
        86..89 => json!({"kind": "cycle", "on": 21, "off": 7, "anchor": start}),
        89..91 => json!({"kind": "month_days", "on": [1, 15], "short_month": "clamp"}),
        _ => Value::Null,
    };
    let rule = if days.is_null() {
        let every = *seed.one_of(&[360, 480, 720]);
        let daily = (kind < 95).then(|| json!({"from": "07:00", "to": "22:00"}));
        let from = if kind < 97 { "scheduled" } else { "last_taken" };
        json!({"kind": "elapsed", "every_min": every, "anchor": format!("{start}T06:00:00Z"), "from": from, "daily": daily})
    } else {
        let times: Vec<_> = hours
            .iter()
            .map(|hour| json!({"slot": format!("h{hour}"), "at": minute(seed, *hour)}))
            .collect();
        json!({"kind": "wall", "times": times, "days": days})
    };
    let tablet = json!({"value": "1", "unit": "tablet"});
    let dose = match seed.below(100) {
        0..90 => json!({"kind": "fixed", "amount": tablet}),
        90..94 => {
            json!({"kind": "taper", "steps": [{"from_day": 0, "amount": tablet}, {"from_day": 14, "amount": tablet}]})
        }
        94..97 => json!({"kind": "table", "days": [tablet, tablet, tablet]}),
        _ => json!({"kind": "ask"}),
    };
    let counted = seed.percent(5).then_some(2_000);
    let wire = json!({
        "zone": {"kind": "home", "tz": zone}, "start": start, "end": null, "max_count": counted,
        "rule": rule, "dose": dose, "window": {"early_min": 60, "late_min": 60, "miss_after_min": null}
    });
    let schedule = schedule::parse(&wire)
        .ok()
        .context("a schedule of the measurement is refused")?;
    let plain = with_rules && counted.is_none() && wire["rule"]["days"]["kind"] == "every";
    let rule = if plain { rule_of(&wire)? } else { None };
    Ok((schedule, rule))
}

/// The same day by `rrule`, where one rule says all its times: one a day.
fn rule_of(wire: &Value) -> Result<Option<RRuleSet>> {
    let Some([time]) = wire["rule"]["times"].as_array().map(Vec::as_slice) else {
        return Ok(None);
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().replace(['-', ':'], "");
    let (start, at, zone) = (text(&wire["start"]), text(&time["at"]), &wire["zone"]["tz"]);
    let zone = zone.as_str().unwrap_or_default();
    let rule: RRuleSet = format!("DTSTART;TZID={zone}:{start}T{at}00\nRRULE:FREQ=DAILY").parse()?;
    let from = "2026-03-29T00:00:00Z"
        .parse::<DateTime<Utc>>()?
        .with_timezone(&rrule::Tz::UTC);
    let last = from + TimeDelta::milliseconds(86_399_999);
    Ok(Some(rule.after(from).before(last)))
}
