//! How a dose came out, as a dot whose shape says it as plainly as its colour, and in words for readers.

use doseline_client::view::{DayHistory, Mark};
use leptos::prelude::*;

use crate::{
    time,
    words::{say, t},
};

/// The dot.
pub fn mark(mark: Mark) -> AnyView {
    let (class, path) = shape(mark);
    view! {
        <span class=format!("mark {class}") role="img" aria-label=words(mark) title=words(mark) data-test="mark"
            data-mark=name(mark)>
            <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d=path/></svg>
        </span>
    }
    .into_any()
}

/// Dots in a row.
pub fn marks(all: &[Mark]) -> AnyView {
    let dots: Vec<AnyView> = all.iter().copied().map(mark).collect();
    view! { <span class="marks">{dots}</span> }.into_any()
}

fn shape(mark: Mark) -> (&'static str, &'static str) {
    match mark {
        Mark::Taken => (
            "taken",
            "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM4.800 8.200l2.300 2.300 4.200-4.600",
        ),
        Mark::TakenLate => (
            "late",
            "M3.500 1.500h9a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2zM4.800 8.200l2.300 2.300 4.200-4.600",
        ),
        Mark::Skipped => ("skipped", "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM5 8h6"),
        Mark::Missed => (
            "missed",
            "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM5.800 5.800l4.400 4.400M10.200 5.800l-4.400 4.400",
        ),
        Mark::NotNotified => ("unheard", "M8 2l6.500 11.500h-13zM8 6.500v3M8 11.300v.2"),
        Mark::Held => (
            "held",
            "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zM6.300 5.800v4.400M9.700 5.800v4.400",
        ),
        Mark::Open => ("open", "M8 2.500a5.500 5.500 0 1 1 0 11 5.500 5.500 0 0 1 0-11z"),
    }
}

/// Its name for classes and tests.
pub const fn name(mark: Mark) -> &'static str {
    match mark {
        Mark::Taken => "taken",
        Mark::TakenLate => "taken-late",
        Mark::Skipped => "skipped",
        Mark::Missed => "missed",
        Mark::NotNotified => "not-notified",
        Mark::Held => "held",
        Mark::Open => "open",
    }
}

/// In words.
pub fn words(mark: Mark) -> String {
    match mark {
        Mark::Taken => t("mark-taken"),
        Mark::TakenLate => t("mark-taken-late"),
        Mark::Skipped => t("mark-skipped"),
        Mark::Missed => t("mark-missed"),
        Mark::NotNotified => t("mark-not-notified"),
        Mark::Held => t("mark-held"),
        Mark::Open => t("mark-open"),
    }
}

/// The marks that a legend explains, in the order of good to bad.
pub fn legend() -> AnyView {
    let entries: Vec<AnyView> = [
        Mark::Taken,
        Mark::TakenLate,
        Mark::Skipped,
        Mark::Missed,
        Mark::NotNotified,
        Mark::Open,
    ]
    .into_iter()
    .map(|each| {
        let (class, path) = shape(each);
        view! {
            <li>
                <span class=format!("mark {class}") aria-hidden="true">
                    <svg viewBox="0 0 16 16" focusable="false"><path d=path/></svg>
                </span>
                {words(each)}
            </li>
        }
        .into_any()
    })
    .collect();
    view! { <ul class="legend">{entries}</ul> }.into_any()
}

/// Four weeks as a calendar, Monday first. Read aloud it is a list of dates with their doses.
pub fn calendar(days: &[DayHistory]) -> AnyView {
    use chrono::Datelike;
    let blanks = days
        .first()
        .map_or(0, |first| first.date.weekday().num_days_from_monday());
    let heads: Vec<AnyView> = time::WEEK
        .into_iter()
        .map(|day| view! { <span>{time::weekday_short(day)}</span> }.into_any())
        .collect();
    let cells: Vec<AnyView> = days
        .iter()
        .enumerate()
        .map(|(place, day)| {
            let column = (place == 0).then(|| (blanks + 1).to_string());
            let inside = if day.doses.is_empty() {
                view! { <span class="visually-hidden">{t("history-nothing-due")}</span> }.into_any()
            } else {
                marks(&day.doses)
            };
            let label = say("history-day", &[("date", &time::long_date(day.date))]);
            view! {
                <li class="day" style:grid-column-start=column data-test="history-day" data-date=day.date.to_string()>
                    <span class="visually-hidden">{label}</span>
                    <span class="day-number" aria-hidden="true">{day.date.day()}</span>
                    {inside}
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <div class="calendar">
            <p class="calendar-heads" aria-hidden="true">{heads}</p>
            <ul class="calendar-days">{cells}</ul>
        </div>
    }
    .into_any()
}
