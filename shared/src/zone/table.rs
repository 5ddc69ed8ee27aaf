//! The table of all changes of the clocks since 1970, and how it is read.
//!
//! `changes.bin` is made from `chrono-tz` by `cargo xtask zones`; a law (`tests/laws/zones.rs`, where the format is
//! written too) compares the two byte by byte and fails where `chrono-tz` has learnt of a new change. Everything in it is
//! a number of seven bits a byte, the lowest first:
//!
//! - how many zones there are, and for each, in the order of `chrono_tz::TZ_VARIANTS`, its list: zones whose clocks agree
//!   share one
//! - for each list, how many bytes follow; the offset that 1970 began with; for each change, how long after the one before
//!   it (or 1970) it comes and by how much it moves the offset. Times count in [`UNIT`]s, offsets have their sign in the
//!   lowest bit.
//!
//! A list is unpacked when its zone is first asked for, and kept.

use std::sync::{LazyLock, OnceLock};

use chrono_tz::Tz;

/// What the table counts in: seconds.
const UNIT: i64 = 30;

/// The widest that any offset is, rounded up, in seconds: offsets lie between −12 h and +15 h.
pub(crate) const WIDEST: i64 = 15 * 3_600;

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(include_bytes!("changes.bin")));

/// The lists, and which of them is whose.
struct Table {
    of_zone: Vec<usize>,
    lists: Vec<List>,
}

struct List {
    packed: &'static [u8],
    zone: OnceLock<Zone>,
}

/// From when on an offset holds; both in seconds.
#[derive(Clone, Copy, Debug)]
struct Change {
    from: i64,
    offset: i64,
}

/// The offsets of a zone, ascending from the beginning of time: never empty.
#[derive(Debug)]
pub(crate) struct Zone(Box<[Change]>);

/// A stretch of time without a change, both ends included, and the offset then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) offset: i64,
}

/// How a local time is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// The offset to read it with.
    pub(crate) offset: i64,
    /// The change of the clocks that skips it, if one does.
    pub(crate) skipped_at: Option<i64>,
}

impl Table {
    fn read(mut bytes: &'static [u8]) -> Self {
        let zones = number(&mut bytes);
        let of_zone = (0..zones).map(|_| place(number(&mut bytes))).collect();
        let mut lists = Vec::new();
        while !bytes.is_empty() {
            let length = place(number(&mut bytes)).min(bytes.len());
            let (packed, rest) = bytes.split_at(length);
            lists.push(List {
                packed,
                zone: OnceLock::new(),
            });
            bytes = rest;
        }
        Self { of_zone, lists }
    }
}

impl Zone {
    /// The changes of `tz`.
    pub(crate) fn of(tz: Tz) -> &'static Self {
        let list = TABLE.of_zone.get(tz as usize);
        let list = list.and_then(|list| TABLE.lists.get(*list));
        let list = list.expect("a law holds the table to have every zone");
        list.zone.get_or_init(|| Self::unpack(list.packed))
    }

    fn unpack(mut packed: &[u8]) -> Self {
        let (mut at, mut offset) = (0, signed(number(&mut packed)) * UNIT);
        let mut changes = vec![Change { from: i64::MIN, offset }];
        while !packed.is_empty() {
            at += number(&mut packed).cast_signed() * UNIT;
            offset += signed(number(&mut packed)) * UNIT;
            changes.push(Change { from: at, offset });
        }
        Self(changes.into())
    }

    /// The stretch around an instant.
    pub(crate) fn stretch_at(&self, instant: i64) -> Stretch {
        self.stretch(self.place_of(instant))
    }

    /// How the local time `local` is read, in seconds since 1970 on the local clock.
    pub(crate) fn read(&self, local: i64) -> Reading {
        let mut place = self.place_of(local.saturating_sub(WIDEST));
        loop {
            let here = self.stretch(place);
            let offset = here.offset;
            // Before the change, the old offset rules; in a fold its instance is the first.
            if here.to == i64::MAX || local - offset <= here.to {
                let skipped_at = None;
                return Reading { offset, skipped_at };
            }
            // Past the change by the old offset, and before it by the new: skipped.
            let next = self.stretch(place + 1);
            if local - next.offset < next.from {
                let skipped_at = Some(next.from);
                return Reading { offset, skipped_at };
            }
            place += 1;
        }
    }

    fn place_of(&self, instant: i64) -> usize {
        self.0.partition_point(|change| change.from <= instant) - 1
    }

    fn stretch(&self, place: usize) -> Stretch {
        let Change { from, offset } = self.0[place];
        let to = self.0.get(place + 1).map_or(i64::MAX, |next| next.from - 1);
        Stretch { from, to, offset }
    }
}

/// Takes a number off the front.
fn number(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    let mut shift = 0;
    while let Some((byte, rest)) = bytes.split_first() {
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
        shift += 7;
    }
    value
}

fn signed(number: u64) -> i64 {
    let size = (number >> 1).cast_signed();
    if number & 1 == 1 { -size } else { size }
}

fn place(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
