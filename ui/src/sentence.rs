//! Amounts, schedules, states and needs as sentences of the chosen locale.

use chrono::{NaiveDate, NaiveTime, Timelike};
use doseline_client::view::{
    DayPart, DoseText, DoseView, Local, Need, NextDose, StepText, TakingView, Timing, WhenText,
};
use doseline_shared::{
    access::StaffRole,
    adherence::Taking,
    dose::DoseState,
    quantity::Quantity,
    record::{Scope, Symptom},
};
use rust_decimal::Decimal;

use crate::{
    draw::icon,
    time,
    words::{list, say, t},
};

/// The units that the form offers. Each has its plural in the locale files; any other unit stands as it was written.
pub const UNITS: [&str; 13] = [
    "tablet",
    "capsule",
    "mg",
    "g",
    "mcg",
    "ml",
    "drop",
    "puff",
    "unit",
    "spoonful",
    "sachet",
    "patch",
    "application",
];

/// `1 tablet`, `2.5 ml`.
pub fn amount(quantity: &Quantity) -> String {
    let plain = quantity.value.normalize().to_string();
    let value = match plain.as_str() {
        "0.5" => "½".to_owned(),
        "0.25" => "¼".to_owned(),
        "1.5" => "1½".to_owned(),
        other => time::number(other),
    };
    let count = if quantity.value <= Decimal::ONE {
        "1"
    } else {
        plain.as_str()
    };
    let blanks = [("value", value.as_str()), ("count", count)];
    match quantity.unit.as_str() {
        "tablet" | "tablets" => say("unit-tablet", &blanks),
        "capsule" | "capsules" => say("unit-capsule", &blanks),
        "drop" | "drops" => say("unit-drop", &blanks),
        "puff" | "puffs" => say("unit-puff", &blanks),
        "unit" | "units" => say("unit-unit", &blanks),
        "spoonful" => say("unit-spoonful", &blanks),
        "sachet" => say("unit-sachet", &blanks),
        "patch" => say("unit-patch", &blanks),
        "application" => say("unit-application", &blanks),
        unit => format!("{value}\u{a0}{unit}"),
    }
}

/// A unit alone, for the form.
pub fn unit(unit: &str) -> String {
    match unit {
        "tablet" => t("unit-name-tablet"),
        "capsule" => t("unit-name-capsule"),
        "drop" => t("unit-name-drop"),
        "puff" => t("unit-name-puff"),
        "unit" => t("unit-name-unit"),
        "spoonful" => t("unit-name-spoonful"),
        "sachet" => t("unit-name-sachet"),
        "patch" => t("unit-name-patch"),
        "application" => t("unit-name-application"),
        other => other.to_owned(),
    }
}

/// The part of the day that a time falls in.
pub fn part_of(at: NaiveTime) -> DayPart {
    match at.hour() {
        0..5 => DayPart::Early,
        5..12 => DayPart::Morning,
        12..17 => DayPart::Afternoon,
        17..21 => DayPart::Evening,
        _ => DayPart::Night,
    }
}

/// `Morning`.
pub fn part(part: DayPart) -> String {
    match part {
        DayPart::Early => t("part-early"),
        DayPart::Morning => t("part-morning"),
        DayPart::Afternoon => t("part-afternoon"),
        DayPart::Evening => t("part-evening"),
        DayPart::Night => t("part-night"),
    }
}

fn part_in_sentence(part: DayPart) -> String {
    match part {
        DayPart::Early => t("every-early"),
        DayPart::Morning => t("every-morning"),
        DayPart::Afternoon => t("every-afternoon"),
        DayPart::Evening => t("every-evening"),
        DayPart::Night => t("every-night"),
    }
}

fn clocks(times: &[NaiveTime]) -> String {
    list(&times.iter().copied().map(time::time_of_day).collect::<Vec<_>>())
}

/// `every morning and evening, at 08:00 and 20:00`.
pub fn when(when: &WhenText) -> String {
    match when {
        WhenText::NotYet {} => t("when-not-yet"),
        WhenText::Daily { times } => {
            let parts: Vec<DayPart> = times.iter().copied().map(part_of).collect();
            let distinct = parts
                .iter()
                .enumerate()
                .all(|(place, part)| !parts.iter().take(place).any(|one| one == part));
            if distinct && parts.len() <= 3 {
                let parts: Vec<String> = parts.into_iter().map(part_in_sentence).collect();
                say(
                    "when-daily-parts",
                    &[("parts", &list(&parts)), ("times", &clocks(times))],
                )
            } else {
                say("when-daily", &[("times", &clocks(times))])
            }
        }
        WhenText::Weekly { times, days } => {
            let days: Vec<String> = days.iter().copied().map(time::weekday).collect();
            say("when-weekly", &[("days", &list(&days)), ("times", &clocks(times))])
        }
        WhenText::Monthly { times, days } => {
            let days: Vec<String> = days.iter().map(u8::to_string).collect();
            say("when-monthly", &[("days", &list(&days)), ("times", &clocks(times))])
        }
        WhenText::EveryDays { times, n } => say("when-every-days", &[("n", &n.to_string()), ("times", &clocks(times))]),
        WhenText::Cycle { times, on, off } => say(
            "when-cycle",
            &[
                ("on", &on.to_string()),
                ("off", &off.to_string()),
                ("times", &clocks(times)),
            ],
        ),
        WhenText::Every {
            minutes,
            from_last,
            between,
        } => {
            let span = span(*minutes);
            let blanks = [("span", span.as_str())];
            let mut sentence = match (from_last, between) {
                (true, _) => say("when-every-from-last", &blanks),
                (false, Some(_)) => say("when-every-by-day", &blanks),
                (false, None) => say("when-every", &blanks),
            };
            if let Some((from, to)) = between {
                let (from, to) = (time::time_of_day(*from), time::time_of_day(*to));
                sentence += &say("when-between", &[("from", &from), ("to", &to)]);
            }
            sentence
        }
        WhenText::After {
            name: Some(name),
            minutes,
        } => say("when-after", &[("span", &span(*minutes)), ("name", name)]),
        WhenText::After { name: None, minutes } => say("when-after-other", &[("span", &span(*minutes))]),
        WhenText::AsNeeded {
            gap_minutes,
            max,
            max_amount,
            per_minutes,
        } => {
            let mut sentence = t("when-as-needed");
            if let Some(max) = max {
                sentence += &say(
                    "when-at-most",
                    &[("max", &max.to_string()), ("span", &span(*per_minutes))],
                );
            }
            if let Some(most) = max_amount {
                sentence += &say("when-at-most", &[("max", &amount(most)), ("span", &span(*per_minutes))]);
            }
            if *gap_minutes > 0 {
                sentence += &say("when-gap", &[("span", &span(*gap_minutes))]);
            }
            sentence
        }
    }
}

/// `1 tablet every morning and evening, at 08:00 and 20:00`.
pub fn regimen(dose: Option<&DoseText>, text: &WhenText) -> String {
    match (dose, text) {
        (Some(DoseText::Same { amount: quantity }), WhenText::NotYet {}) => {
            say("amount-not-yet", &[("amount", &amount(quantity))])
        }
        (Some(DoseText::Same { amount: quantity }), text) => {
            say("amount-when", &[("amount", &amount(quantity)), ("when", &when(text))])
        }
        (None | Some(DoseText::Ask {}), text) => capital(&when(text)),
        (Some(DoseText::Steps { steps }), text) => {
            let steps: Vec<String> = steps.iter().map(step).collect();
            say(
                "when-steps",
                &[("when", &capital(&when(text))), ("steps", &in_turn(steps))],
            )
        }
        (Some(DoseText::Days { days }), text) => {
            let days: Vec<String> = days.iter().map(amount_or_none).collect();
            say(
                "when-days",
                &[("when", &capital(&when(text))), ("amounts", &in_turn(days))],
            )
        }
    }
}

/// `a, then b, then c`.
fn in_turn(items: Vec<String>) -> String {
    let joined = items
        .into_iter()
        .reduce(|before, next| say("then", &[("before", &before), ("next", &next)]));
    joined.unwrap_or_default()
}

/// `2 tablets for 7 days`.
fn step(step: &StepText) -> String {
    let amount = amount_or_none(&step.amount);
    match step.days {
        Some(days) => say("step", &[("amount", &amount), ("days", &days.to_string())]),
        None => amount,
    }
}

/// What is at home, and until when it is enough.
pub fn stock(on_hand: &Quantity, ends: Option<(NaiveDate, u32)>) -> String {
    let amount = amount_or_none(on_hand);
    match ends {
        None => say("stock-long", &[("amount", &amount)]),
        Some((_, 0)) => say("stock-today", &[("amount", &amount)]),
        Some((date, days)) => say(
            "stock-until",
            &[
                ("amount", &amount),
                ("date", &time::short_date(date)),
                ("days", &days.to_string()),
            ],
        ),
    }
}

fn amount_or_none(quantity: &Quantity) -> String {
    if quantity.value.is_zero() {
        t("amount-none")
    } else {
        amount(quantity)
    }
}

/// With its first letter large.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// `5 h 12 min`, `20 min`, `8 hours`.
pub fn span(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, rest) => say("span-minutes", &[("n", &rest.to_string())]),
        (hours, 0) => say("span-hours", &[("n", &hours.to_string())]),
        (hours, rest) => say(
            "span-both",
            &[("hours", &hours.to_string()), ("minutes", &rest.to_string())],
        ),
    }
}

/// What is said of a dose: for its class and tests, its shape, its words.
pub struct Said {
    /// The class of the tag.
    pub kind: &'static str,
    /// The state, for tests.
    pub state: &'static str,
    /// The shape.
    pub icon: &'static str,
    /// The words.
    pub words: String,
    /// Whether there is something to do about it now.
    pub open: bool,
}

/// The state of a dose as it stands against the clock.
pub fn dose(dose: &DoseView, now: &Local) -> Said {
    let said = |kind, state, icon, words, open| Said {
        kind,
        state,
        icon,
        words,
        open,
    };
    match &dose.state {
        DoseState::Taken { at, late, .. } => {
            let at = time::clock(&at.with_timezone(dose.due.offset()));
            if *late {
                said(
                    "late",
                    "taken-late",
                    icon::TICK,
                    say("dose-taken-late", &[("time", &at)]),
                    false,
                )
            } else {
                said(
                    "done",
                    "taken",
                    icon::TICK,
                    say("dose-taken-at", &[("time", &at)]),
                    false,
                )
            }
        }
        DoseState::Skipped { .. } => said("quiet", "skipped", icon::LEAVE_OUT, t("dose-skipped"), false),
        DoseState::Held {} => said("quiet", "held", icon::HOLD, t("dose-held"), false),
        DoseState::Missed {} => said("miss", "missed", icon::CROSS, t("dose-missed"), true),
        DoseState::Snoozed { until } if *until > *now => {
            let until = time::clock(&until.with_timezone(dose.due.offset()));
            said(
                "plain",
                "snoozed",
                icon::CLOCK,
                say("dose-snoozed", &[("time", &until)]),
                true,
            )
        }
        DoseState::Scheduled {} | DoseState::Notified {} | DoseState::NotNotified {} | DoseState::Snoozed { .. } => {
            match dose.timing {
                Timing::Ahead { minutes } => said(
                    "plain",
                    "ahead",
                    icon::CLOCK,
                    say("dose-ahead", &[("span", &span(minutes))]),
                    false,
                ),
                Timing::Due {} => said("now", "due", icon::CLOCK, t("dose-due"), true),
                Timing::Late { minutes } => said(
                    "late",
                    "late",
                    icon::HEED,
                    say("dose-late", &[("span", &span(minutes))]),
                    true,
                ),
                Timing::Past {} if matches!(dose.state, DoseState::NotNotified {}) => {
                    said("late", "not-notified", icon::UNHEARD, t("dose-not-notified"), true)
                }
                // Nobody has said that it was missed: nothing is known of it.
                Timing::Past {} => said("late", "no-entry", icon::CLOCK, t("dose-no-entry"), true),
            }
        }
    }
}

/// What needs attention: the class of its tag, its shape, its words.
pub fn need(need: &Need) -> (&'static str, &'static str, String) {
    match need {
        Need::Alert {
            count,
            name,
            due,
            critical,
        } => {
            let (count, time) = (count.to_string(), time::clock(due));
            let values = [
                ("count", count.as_str()),
                ("name", name.as_str()),
                ("time", time.as_str()),
            ];
            let words = if *critical {
                say("need-alert-critical", &values)
            } else {
                say("need-alert", &values)
            };
            ("miss", icon::CROSS, words)
        }
        Need::MissedCritical { count, name } => (
            "miss",
            icon::CROSS,
            say("need-missed-critical", &[("count", &count.to_string()), ("name", name)]),
        ),
        Need::SideEffect { count, symptom } => (
            "miss",
            icon::HEED,
            say(
                "need-side-effect",
                &[("count", &count.to_string()), ("what", &self::symptom(symptom))],
            ),
        ),
        Need::Missed { count, name } => (
            "miss",
            icon::CROSS,
            say("need-missed", &[("count", &count.to_string()), ("name", name)]),
        ),
        Need::NotReminded { name } => ("late", icon::UNHEARD, say("need-not-reminded", &[("name", name)])),
        Need::Late { name } => ("late", icon::HEED, say("need-late", &[("name", name)])),
        Need::LowTaking { percent } => (
            "late",
            icon::HEED,
            say("need-low", &[("percent", &percent.to_string())]),
        ),
        Need::NoTimes { count } => (
            "plain",
            icon::CLOCK,
            say("need-no-times", &[("count", &count.to_string())]),
        ),
    }
}

/// For tests and classes.
pub const fn need_name(need: &Need) -> &'static str {
    match need {
        Need::Alert { .. } => "alert",
        Need::MissedCritical { .. } => "missed-critical",
        Need::SideEffect { .. } => "side-effect",
        Need::Missed { .. } => "missed",
        Need::NotReminded { .. } => "not-reminded",
        Need::Late { .. } => "late",
        Need::LowTaking { .. } => "low-taking",
        Need::NoTimes { .. } => "no-times",
    }
}

/// What someone feels: its name, or their own words.
pub fn symptom(symptom: &Symptom) -> String {
    match symptom {
        Symptom::Nausea => t("symptom-nausea"),
        Symptom::Dizziness => t("symptom-dizziness"),
        Symptom::Headache => t("symptom-headache"),
        Symptom::Rash => t("symptom-rash"),
        Symptom::Fatigue => t("symptom-fatigue"),
        Symptom::Diarrhoea => t("symptom-diarrhoea"),
        Symptom::Insomnia => t("symptom-insomnia"),
        Symptom::Swelling => t("symptom-swelling"),
        Symptom::Dyspnoea => t("symptom-dyspnoea"),
        Symptom::Angioedema => t("symptom-angioedema"),
        Symptom::Other(words) => words.clone(),
    }
}

/// `Took 19 of 28 doses since 24 October. 3 were missed.`
pub fn taking(taking: &TakingView) -> String {
    if taking.prescribed == 0 {
        return t("taking-none");
    }
    let mut sentence = say(
        "taking",
        &[
            ("taken", &taking.taken.to_string()),
            ("prescribed", &taking.prescribed.to_string()),
            ("date", &time::day_month(taking.from)),
        ],
    );
    let counts = Taking {
        prescribed: taking.prescribed,
        taken: taking.taken,
        skipped: taking.skipped,
        missed: taking.missed,
        extra: taking.extra,
    };
    for words in not_taken(&counts) {
        sentence.push(' ');
        sentence += &words;
    }
    sentence
}

/// What became of the doses that were not taken, and of those beyond: `3 were missed.`, `1 was skipped.`
pub fn not_taken(taking: &Taking) -> impl Iterator<Item = String> + use<> {
    let Taking {
        prescribed,
        taken,
        skipped,
        missed,
        extra,
    } = *taking;
    let unknown = prescribed.saturating_sub(taken + skipped + missed);
    let count = |count: u32| count.to_string();
    let parts = [
        (missed, say("taking-missed", &[("count", &count(missed))])),
        (skipped, say("taking-skipped", &[("count", &count(skipped))])),
        (unknown, say("taking-unknown", &[("count", &count(unknown))])),
        (extra, say("taking-extra", &[("count", &count(extra))])),
    ];
    parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(_, words)| words)
}

/// Due times by date, `Sat 21 Nov` beside `08:00, 20:00`, for as many dates as asked. An amount that changes stands
/// with its time.
pub fn by_day(next: &[NextDose], days: usize) -> Vec<(String, String)> {
    let mut grouped: Vec<(NaiveDate, Vec<String>)> = Vec::new();
    for NextDose { at, amount } in next {
        let clock = time::clock(at);
        let words = match amount {
            Some(amount) => say(
                "time-and-amount",
                &[("time", &clock), ("amount", &amount_or_none(amount))],
            ),
            None => clock,
        };
        match grouped.last_mut() {
            Some((date, times)) if *date == at.date_naive() => times.push(words),
            _ => grouped.push((at.date_naive(), vec![words])),
        }
    }
    grouped
        .into_iter()
        .take(days)
        .map(|(date, times)| (time::short_date(date), times.join(", ")))
        .collect()
}

/// What a grant allows.
pub fn scope(scope: Scope) -> String {
    match scope {
        Scope::View => t("scope-view"),
        Scope::Log => t("scope-log"),
        Scope::Manage => t("scope-manage"),
    }
}

/// A role in a clinic.
pub fn role(role: StaffRole) -> String {
    match role {
        StaffRole::Administrator => t("role-administrator"),
        StaffRole::Doctor => t("role-doctor"),
        StaffRole::Nurse => t("role-nurse"),
        StaffRole::FrontDesk => t("role-front-desk"),
        StaffRole::PartnerSystem => t("role-partner-system"),
    }
}
