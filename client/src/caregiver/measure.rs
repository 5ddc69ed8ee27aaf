//! History and the *taking* measure over local dates.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use doseline_shared::{
    adherence,
    dose::{DoseAct, DoseState},
    order,
    record::Medication,
    schedule::Occurrence,
};

use crate::{
    dose::{
        slate::{Due, due},
        time::{after, before, date_of, day, day_start},
    },
    replica::Chart,
    view::{DayHistory, TakingView},
};

/// Local dates that a measure looks back on, today included.
pub(crate) const DAYS: u64 = 28;

/// Weeks that are compared.
const WEEKS: u64 = 8;

/// The doses of these medications on the last `days` local dates up to `today`, by due time.
pub(crate) fn dues<'a>(
    chart: &'a Chart,
    medications: &[&'a Medication],
    (from, to): (NaiveDate, NaiveDate),
    zone: Tz,
) -> Vec<Due<'a>> {
    let range = day_start(from, zone)..day(to, zone).end;
    let mut all: Vec<_> = medications
        .iter()
        .flat_map(|medication| due(chart, medication, range.clone()))
        .collect();
    order::by_key(&mut all, |due| due.occurrence.due);
    all
}

/// One row of dots for each of the last `days` local dates, the oldest first.
pub(crate) fn history(
    chart: &Chart,
    medications: &[&Medication],
    today: NaiveDate,
    days: u64,
    zone: Tz,
) -> Vec<DayHistory> {
    let from = before(today, days.saturating_sub(1));
    days_of(&dues(chart, medications, (from, today), zone), from, days, zone)
}

/// Dots by local date.
pub(crate) fn days_of(dues: &[Due<'_>], from: NaiveDate, days: u64, zone: Tz) -> Vec<DayHistory> {
    let mut history: Vec<_> = (0..days)
        .map(|number| DayHistory {
            date: after(from, number),
            doses: Vec::new(),
        })
        .collect();
    for due in dues {
        let date = date_of(due.occurrence.due, zone);
        let place = usize::try_from((date - from).num_days()).ok();
        if let Some(day) = place.and_then(|place| history.get_mut(place)) {
            day.doses.push(due.mark());
        }
    }
    history
}

/// The *taking* measure over the last `days` local dates.
pub(crate) fn taking(
    chart: &Chart,
    medications: &[&Medication],
    today: NaiveDate,
    days: u64,
    now: DateTime<Utc>,
    zone: Tz,
) -> TakingView {
    let range = (before(today, days.saturating_sub(1)), today);
    let dues = dues(chart, medications, range, zone);
    let extra = extra(chart, medications, range, zone);
    taking_of(&dues, range, extra, now)
}

/// The *taking* measure of each of the last weeks up to `today`, the oldest first.
pub(crate) fn weeks(
    chart: &Chart,
    medications: &[&Medication],
    today: NaiveDate,
    now: DateTime<Utc>,
    zone: Tz,
) -> Vec<TakingView> {
    (0..WEEKS)
        .rev()
        .map(|ago| taking(chart, medications, before(today, 7 * ago), 7, now, zone))
        .collect()
}

/// The *taking* measure of doses at hand.
pub(crate) fn taking_of(
    dues: &[Due<'_>],
    (from, to): (NaiveDate, NaiveDate),
    extra: u32,
    now: DateTime<Utc>,
) -> TakingView {
    let closed: Vec<(Occurrence, DoseState)> = dues
        .iter()
        .filter(|due| due.closed(now))
        .map(|due| (due.occurrence.clone(), due.state.clone()))
        .collect();
    let counts = adherence::taking(&closed, extra);
    TakingView {
        from,
        to,
        prescribed: counts.prescribed,
        taken: counts.taken,
        skipped: counts.skipped,
        missed: counts.missed,
        extra: counts.extra,
    }
}

/// Doses of scheduled medicines that were taken beside their times.
pub(crate) fn extra(chart: &Chart, medications: &[&Medication], (from, to): (NaiveDate, NaiveDate), zone: Tz) -> u32 {
    let range = day_start(from, zone)..day(to, zone).end;
    let count = medications
        .iter()
        .filter(|medication| medication.is_scheduled())
        .filter_map(|medication| chart.doses(medication.id))
        .flat_map(|doses| doses.taken(range.start))
        .filter(|event| event.occurrence.is_none() && matches!(event.what, DoseAct::Taken { .. }))
        .filter(|event| event.at < range.end)
        .count();
    u32::try_from(count).unwrap_or(u32::MAX)
}
