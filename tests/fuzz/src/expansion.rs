//! What must hold of the due times of any schedule that may come in.

use std::{collections::HashSet, ops::Range};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use doseline_shared::{
    api::preview::{MAX_OCCURRENCES, MAX_RANGE_DAYS, Preview, TooMuch},
    record::Medication,
    schedule::{Context, Dose, Occurrence, Rule, Schedule, dues, expand, plan_answered, plan_occurrences},
};

/// How many due times are looked at in one range: more than an answer holds.
const MOST: usize = MAX_OCCURRENCES + 1;

/// Instants that `schedule` is interesting around: its own dates, its anchor, and a change of the clocks.
fn places(schedule: &Schedule) -> Vec<DateTime<Utc>> {
    let midnight = |date: NaiveDate| date.and_time(chrono::NaiveTime::MIN).and_utc();
    let mut places = vec![
        midnight(schedule.start),
        DateTime::from_timestamp(1_774_746_000, 0).unwrap_or_default(),
    ];
    places.extend(schedule.end.map(midnight));
    if let Rule::Elapsed { anchor, .. } = schedule.rule {
        places.push(anchor);
    }
    places
}

/// Three weeks around each place.
fn ranges(schedule: &Schedule) -> impl Iterator<Item = Range<DateTime<Utc>>> {
    let around = |at: DateTime<Utc>| at - TimeDelta::days(3)..at + TimeDelta::days(18);
    places(schedule).into_iter().map(around)
}

/// Holds the expansion of a schedule that was let in to its promises.
pub fn hold(schedule: &Schedule) {
    let device = Tz::Europe__Paris;
    for range in ranges(schedule) {
        let taken = [range.start + TimeDelta::minutes(61), range.start + TimeDelta::hours(30)];
        for taken in [&[][..], &taken] {
            let context = Context {
                taken,
                ..Context::new(device)
            };
            let found: Vec<_> = expand(schedule, range.clone(), &context).take(MOST).collect();
            in_order(&found, &range);
            for one in &found {
                assert_eq!(
                    one.amount.is_none(),
                    matches!(schedule.dose, Dose::Ask {}),
                    "an amount of {one:?}"
                );
                assert_eq!(
                    one.local.naive_local(),
                    one.due.with_timezone(&schedule.tz(device)).naive_local()
                );
            }
            if let Some(most) = schedule.max_count {
                assert!(found.len() <= usize::try_from(most).unwrap_or(MOST), "more than {most}");
            }
            halves(schedule, &range, &context, &found);
            preview(schedule, &range, taken, &found);
        }
    }
}

/// Ascending, in the range, each its own, and each named by a text that is read as the same.
fn in_order(found: &[Occurrence], range: &Range<DateTime<Utc>>) {
    assert!(found.is_sorted_by_key(|one| one.due), "out of order: {found:?}");
    let mut seen = HashSet::new();
    for one in found {
        assert!(range.contains(&one.due), "{one:?} out of {range:?}");
        assert_eq!(one.due, one.local.to_utc());
        assert!(seen.insert(&one.id), "{} twice", one.id);
        assert_eq!(one.id.to_string().parse().as_ref(), Ok(&one.id));
    }
}

/// Two ranges side by side give what the whole gives.
fn halves(schedule: &Schedule, range: &Range<DateTime<Utc>>, context: &Context<'_>, whole: &[Occurrence]) {
    if whole.len() == MOST {
        return;
    }
    let between = range.start + (range.end - range.start) / 3;
    let parts = dues(schedule, range.start..between, context).chain(dues(schedule, between..range.end, context));
    let parts: Vec<_> = parts.map(|due| due.occurrence()).collect();
    assert_eq!(parts, whole);
}

/// The preview of the same range answers with the same, or with the limit that it exceeds.
fn preview(schedule: &Schedule, range: &Range<DateTime<Utc>>, taken: &[DateTime<Utc>], found: &[Occurrence]) {
    let asked = |to| Preview {
        schedule: schedule.clone(),
        from: range.start,
        to,
        device_tz: Some(Tz::Europe__Paris),
        taken: taken.to_vec(),
    };
    match asked(range.end).answer() {
        Ok(answer) => assert_eq!(answer.occurrences, found),
        Err(limit) => assert_eq!((limit, found.len()), (TooMuch::Occurrences, MOST)),
    }
    let beyond = range.start + TimeDelta::days(MAX_RANGE_DAYS) + TimeDelta::milliseconds(1);
    assert_eq!(asked(beyond).answer(), Err(TooMuch::Range));
}

/// Holds the plan of a medication that was let in to its promises: what no revision gives, and the order.
pub fn hold_plan(medication: &Medication) {
    // A schedule may be due each minute and a plan have a thousand revisions; a few days of a few are enough.
    if medication.plan.len() > 8 {
        return;
    }
    for revision in &medication.plan {
        let midnight = revision.from.and_time(chrono::NaiveTime::MIN).and_utc();
        let range = midnight - TimeDelta::days(2)..midnight + TimeDelta::days(5);
        let zones = Tz::Europe__Paris.into();
        let taken = [midnight, midnight + TimeDelta::hours(5)];
        in_order(&plan_answered(medication, range.clone(), zones, &[]), &range);
        in_order(&plan_occurrences(medication, range.clone(), zones, &taken), &range);
    }
}
