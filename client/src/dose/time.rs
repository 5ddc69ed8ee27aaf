//! Local days of a patient, and local moments for the screens.

use std::ops::Range;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use doseline_shared::zone;

use crate::view::Local;

/// The instant at which a local date begins. Where a change of the clocks leaves midnight out, the first that exists.
pub(crate) fn day_start(date: NaiveDate, tz: Tz) -> DateTime<Utc> {
    zone::day_start(tz, date)
}

/// The instants of a local date.
pub(crate) fn day(date: NaiveDate, zone: Tz) -> Range<DateTime<Utc>> {
    zone::span(zone, date, date)
}

/// The local date of an instant.
pub(crate) fn date_of(at: DateTime<Utc>, tz: Tz) -> NaiveDate {
    zone::date(tz, at)
}

/// So many days before.
pub(crate) fn before(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN)
}

/// So many days after.
pub(crate) fn after(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX)
}

/// An instant on the clock of a zone.
pub(crate) fn local(at: DateTime<Utc>, tz: Tz) -> Local {
    zone::local(tz, at)
}
