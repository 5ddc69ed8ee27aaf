//! What needs attention most in one patient.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use doseline_shared::{adherence::Ratio, side_effect::SideEffect};

use crate::{
    dose::{
        slate::Due,
        time::{before, date_of},
    },
    view::{AlertView, Mark, Need, TakingView, Timing},
};

/// Below this share of doses taken, in per cent, somebody should ask.
const LOW: u32 = 80;

/// The most urgent need, where there is one. `alerts` are those that the person has not seen yet, those of critical
/// medicines first; `pressing` are the side effects that ask for someone; `dues` reach back to yesterday at least.
pub(crate) fn need(
    alerts: &[AlertView],
    pressing: &[SideEffect<'_>],
    dues: &[Due<'_>],
    taking: &TakingView,
    without_times: u32,
    now: DateTime<Utc>,
    zone: Tz,
) -> Option<Need> {
    let today = date_of(now, zone);
    let alert = alerts.first().map(|first| Need::Alert {
        count: count(alerts.len()),
        name: first.name.clone(),
        due: first.due,
        critical: first.critical,
    });
    if alerts.first().is_some_and(|first| first.critical) {
        return alert;
    }
    let date = |due: &Due<'_>| date_of(due.occurrence.due, zone);
    let missed = |due: &&Due<'_>| {
        due.mark() == Mark::Missed
            || due.mark() == Mark::Open && due.expected() && matches!(due.timing(now), Timing::Past {})
    };
    let yesterday = before(today, 1);
    let critical: Vec<_> = dues
        .iter()
        .filter(|due| due.medication.critical && date(due) >= yesterday)
        .filter(missed)
        .collect();
    if let Some(first) = critical.first() {
        return Some(Need::MissedCritical {
            count: count(critical.len()),
            name: first.medication.name.clone(),
        });
    }
    if let Some(first) = pressing.first() {
        return Some(Need::SideEffect {
            count: count(pressing.len()),
            symptom: first.report.symptom.clone(),
        });
    }
    if alert.is_some() {
        return alert;
    }
    let of_today = || dues.iter().filter(|due| date(due) == today);
    let missed_today: Vec<_> = of_today().filter(missed).collect();
    if let Some(first) = missed_today.first() {
        return Some(Need::Missed {
            count: count(missed_today.len()),
            name: first.medication.name.clone(),
        });
    }
    if let Some(due) = of_today().find(|due| due.mark() == Mark::NotNotified) {
        return Some(Need::NotReminded {
            name: due.medication.name.clone(),
        });
    }
    let late = |due: &&Due<'_>| due.open() && matches!(due.timing(now), Timing::Late { .. });
    if let Some(due) = dues.iter().find(late) {
        return Some(Need::Late {
            name: due.medication.name.clone(),
        });
    }
    let share = Ratio {
        num: taking.taken,
        den: taking.prescribed,
    };
    if let Some(percent) = share.percent().filter(|percent| *percent < LOW) {
        return Some(Need::LowTaking { percent });
    }
    (without_times > 0).then_some(Need::NoTimes { count: without_times })
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
