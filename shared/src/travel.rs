//! Travel: on which zone's clock the floating schedules of a patient are read, and the answers that say so.
//!
//! A floating schedule never follows a device by itself. The patient is asked, *move* or *keep home time*, and the answer
//! is part of their record, so that each of their devices, their caregivers and the backend read the same times. An answer
//! holds from a local date on, the first of whose doses none has come yet ([`first_free_date`]): every date and slot is
//! read on one clock, so a journey neither loses a dose nor doubles it.
//!
//! No bridging dose is invented. Where the first dose on the new clock would come too soon or too late after the last one
//! taken, [`is_unsafe`] says so, and it is held.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{id::DeviceId, order, zone};

/// The patient's answer to a device that found itself on another clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Travel {
    /// When it was given. The later of two answers holds.
    pub at: DateTime<Utc>,
    /// The device that asked.
    pub device: DeviceId,
    /// Where it was: the zone that the question was about.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::IanaZone"))]
    pub there: Tz,
    /// The zone whose clock floating schedules follow from then on: `there` to move, another to keep.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::IanaZone"))]
    pub zone: Tz,
    /// The first local date of which that is so.
    pub from: NaiveDate,
}

impl Travel {
    /// By when it was given. The rest only keeps the order whole.
    fn order(&self) -> impl Ord {
        (self.at, self.device, self.from, self.there.name(), self.zone.name())
    }
}

impl PartialOrd for Travel {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Travel {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

/// The zones that a patient's floating schedules were, are and will be read in.
#[derive(Clone, Copy, Debug)]
pub struct Zones<'a> {
    home: Tz,
    travels: &'a [Travel],
}

impl From<Tz> for Zones<'_> {
    /// One zone for ever.
    fn from(home: Tz) -> Self {
        Self { home, travels: &[] }
    }
}

impl<'a> Zones<'a> {
    /// The home zone, and what was answered since, in any order.
    pub const fn new(home: Tz, travels: &'a [Travel]) -> Self {
        Self { home, travels }
    }

    /// The zone in which a local date is read: as the latest answer says that holds for it.
    pub fn on(&self, date: NaiveDate) -> Tz {
        let holding = self.travels.iter().filter(|travel| travel.from <= date);
        holding.max().map_or(self.home, |travel| travel.zone)
    }

    /// The zone that is in force at an instant: the one on whose clock it is a date that is read in it.
    pub fn at(&self, at: DateTime<Utc>) -> Tz {
        let begun = |travel: &&Travel| travel.from <= zone::date(travel.zone, at);
        self.travels
            .iter()
            .filter(begun)
            .max()
            .map_or(self.home, |travel| travel.zone)
    }

    /// The stretches of local dates that are read in one zone: the first date of each and its zone, ascending. The first
    /// stretch begins with time itself.
    pub(crate) fn stretches(&self) -> Vec<(NaiveDate, Tz)> {
        let mut begins: Vec<NaiveDate> = self.travels.iter().map(|travel| travel.from).collect();
        order::once(&mut begins);
        let mut stretches = vec![(NaiveDate::MIN, self.home)];
        for date in begins {
            let zone = self.on(date);
            if stretches.last().is_some_and(|(_, before)| *before != zone) {
                stretches.push((date, zone));
            }
        }
        stretches
    }

    /// Whether the patient is to be asked, on a device that is in the zone `here`: its clock differs from the one in
    /// force, and this is not what the device asked last.
    pub fn asks(&self, device: DeviceId, here: Tz, now: DateTime<Utc>) -> bool {
        let own = self.travels.iter().filter(|travel| travel.device == device);
        let answered = own.max().is_some_and(|travel| same_clock(travel.there, here, now));
        !answered && self.differs(here, now)
    }

    /// The zone of the latest answer, whether it holds already or not.
    pub fn latest(&self) -> Tz {
        self.travels.iter().max().map_or(self.home, |travel| travel.zone)
    }

    /// Whether the clock of the zone `here` differs from that one.
    pub fn differs(&self, here: Tz, now: DateTime<Utc>) -> bool {
        !same_clock(self.latest(), here, now)
    }
}

/// Whether two zones have the same clock now and for a month to come: Lagos and Douala, but not Lagos and London.
fn same_clock(one: Tz, other: Tz, now: DateTime<Utc>) -> bool {
    (0..=31).all(|days| {
        let at = now + TimeDelta::days(days);
        zone::offset_at(one, at) == zone::offset_at(other, at)
    })
}

/// The date from which an answer can hold: the first, today at the earliest, of whose doses none is over or due already.
/// `begun` are the dates of the floating doses that are.
pub fn first_free_date(today: NaiveDate, begun: impl Iterator<Item = NaiveDate>) -> NaiveDate {
    let after = |date: NaiveDate| date.succ_opt().unwrap_or(date);
    begun.map(after).fold(today, NaiveDate::max)
}

/// Whether `next` comes at under half or over one and a half of the `nominal` gap after the last dose taken.
pub fn is_unsafe(last_taken: DateTime<Utc>, next: DateTime<Utc>, nominal: TimeDelta) -> bool {
    let gap = next - last_taken;
    gap * 2 < nominal || nominal * 3 < gap * 2
}
