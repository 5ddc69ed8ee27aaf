//! A place in the feed, opaque to devices.

use std::{fmt, str::FromStr};

/// A place in the feed: everything up to it has been given out. Its text form is for the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The life of the store that it belongs to.
    epoch: String,
    /// Stands for the reader's front desks; see [`super::super::access::Reader`].
    mark: u32,
    pub(in crate::store) tx: i64,
    pub(in crate::store) n: i64,
}

impl Cursor {
    /// Before the first change.
    pub(super) const fn start(epoch: String, mark: u32) -> Self {
        Self {
            epoch,
            mark,
            tx: 0,
            n: 0,
        }
    }

    /// After every change before the horizon.
    pub(in crate::store) const fn before(epoch: String, mark: u32, horizon: i64) -> Self {
        Self {
            epoch,
            mark,
            tx: horizon - 1,
            n: i64::MAX,
        }
    }

    pub(in crate::store) fn at(&self, tx: i64, n: i64) -> Self {
        Self { tx, n, ..self.clone() }
    }

    /// Whether it is a place in this feed for this reader. No cursor lies behind the horizon of its own store.
    pub(in crate::store) fn fits(&self, epoch: &str, mark: u32, horizon: i64) -> bool {
        self.epoch == epoch && self.mark == mark && self.tx < horizon
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:08x}.{}.{}", self.epoch, self.mark, self.tx, self.n)
    }
}

/// A text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no cursor of a pull")]
pub struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('.');
        let mut part = || parts.next().ok_or(NotACursor);
        let cursor = Self {
            epoch: part()?.to_owned(),
            mark: u32::from_str_radix(part()?, 16).map_err(|_| NotACursor)?,
            tx: part()?.parse().map_err(|_| NotACursor)?,
            n: part()?.parse().map_err(|_| NotACursor)?,
        };
        match parts.next() {
            None if !cursor.epoch.is_empty() && cursor.tx >= 0 && cursor.n >= 0 => Ok(cursor),
            _ => Err(NotACursor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_from_the_wire_as_it_was() {
        let cursor = Cursor::before("0198-e".to_owned(), 0xdead_beef, 42);
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in [
            "",
            "x",
            "e.1.2",
            "e.1.2.3.4",
            "e.xyz.2.3",
            "e.1.-2.3",
            ".1.2.3",
            "e.1.2.99999999999999999999",
        ] {
            assert_eq!(bad.parse::<Cursor>(), Err(NotACursor), "{bad}");
        }
    }
}
