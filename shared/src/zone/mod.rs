//! The clocks of the world: which offset a zone has when, and which instant a local time stands for.
//!
//! Owns every step from UTC to a local clock and back. `chrono_tz::Tz` is only a zone's identity here. Its own tables also
//! know the abbreviations and the time before 1970, are many times as large, and are searched at every question. They are
//! linked in as soon as anything converts with a `Tz`, so whatever also runs in a browser asks this module instead.
//!
//! A local time that a change of the clocks skips moves forward by the length of the gap, which is the same as reading it
//! with the offset from before the change: 02:30 becomes 03:30. A local time that comes twice counts where it comes first.
//! This holds for gaps and folds of any length, a whole day included.
//!
//! Offsets before 1970 are taken to be the one that 1970 began with: no schedule reaches there. After the last change
//! known, in 2099, the last offset stays.

use std::ops::Range;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

pub(crate) use self::table::{Stretch, WIDEST, Zone};

mod table;

/// The offset that `tz` has at an instant.
pub fn offset_at(tz: Tz, at: DateTime<Utc>) -> FixedOffset {
    fixed(Zone::of(tz).stretch_at(at.timestamp()).offset)
}

/// An instant on the clock of `tz`.
pub fn local(tz: Tz, at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&offset_at(tz, at))
}

/// The local date of an instant.
pub fn date(tz: Tz, at: DateTime<Utc>) -> NaiveDate {
    local(tz, at).date_naive()
}

/// The instant that the local time `local` stands for.
pub fn instant(tz: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let reading = Zone::of(tz).read(local.and_utc().timestamp());
    let utc = local.checked_sub_signed(TimeDelta::seconds(reading.offset));
    utc.unwrap_or(local).and_utc()
}

/// The instant at which a local date begins: its midnight, or where a change of the clocks skips that, the change.
pub fn day_start(tz: Tz, date: NaiveDate) -> DateTime<Utc> {
    let midnight = date.and_time(NaiveTime::MIN);
    let skipped = Zone::of(tz).read(midnight.and_utc().timestamp()).skipped_at;
    let change = skipped.and_then(|change| DateTime::from_timestamp(change, 0));
    change.unwrap_or_else(|| instant(tz, midnight))
}

/// The instants of the local dates from `first` to `last`, inclusive.
pub fn span(tz: Tz, first: NaiveDate, last: NaiveDate) -> Range<DateTime<Utc>> {
    day_start(tz, first)..day_start(tz, last.succ_opt().unwrap_or(NaiveDate::MAX))
}

fn fixed(seconds: i64) -> FixedOffset {
    let offset = i32::try_from(seconds).ok().and_then(FixedOffset::east_opt);
    offset.expect("a law holds every offset of the table to be less than a day")
}
