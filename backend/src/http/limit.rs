//! Limits per address and per caller that need not outlive the process: token buckets in memory, bounded in number.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};

use crate::fault::Fault;

/// Most that are remembered; beyond it those with a full bucket are forgotten first.
const MOST: usize = 50_000;

/// So many requests per minute of each, with bursts of as many.
pub struct PerMinute<T> {
    per_minute: u32,
    buckets: Mutex<HashMap<T, Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    /// Thousandths of a request that are left.
    left: u64,
    at: DateTime<Utc>,
}

impl<T: Eq + Hash> PerMinute<T> {
    /// At most `per_minute` a minute.
    pub fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            buckets: Mutex::default(),
        }
    }

    /// Takes one request of `whose`, or says how long to wait.
    pub fn take(&self, whose: T, now: DateTime<Utc>) -> Result<(), Fault> {
        let full = u64::from(self.per_minute) * 1_000;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST {
            buckets.retain(|_, bucket| refilled(bucket, full, now) < full);
            if buckets.len() >= MOST {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(whose).or_insert(Bucket { left: full, at: now });
        let left = refilled(bucket, full, now);
        if left < 1_000 {
            let missing = 1_000 - left;
            let seconds = (missing * 60).div_ceil(full.max(1)).clamp(1, 3_600);
            return Err(Fault::TooManyAttempts {
                retry_after: u32::try_from(seconds).unwrap_or(60),
            });
        }
        *bucket = Bucket {
            left: left - 1_000,
            at: now,
        };
        Ok(())
    }
}

/// What counts as one address: whoever holds an IPv6 network holds 2^64 addresses of it.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

fn refilled(bucket: &Bucket, full: u64, now: DateTime<Utc>) -> u64 {
    let waited = u64::try_from((now - bucket.at).num_milliseconds()).unwrap_or(0);
    (bucket.left + waited.saturating_mul(full) / 60_000).min(full)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn an_ipv6_network_is_one_address() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:10.0.0.1"), network("10.0.0.1"));
        assert_ne!(network("10.0.0.1"), network("10.0.0.2"));
    }

    #[test]
    fn each_waits_for_its_own_bucket_only() {
        let limit = PerMinute::new(3);
        let now = DateTime::UNIX_EPOCH;
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        for _ in 0..3 {
            limit.take(one, now).unwrap();
        }
        assert_eq!(limit.take(one, now), Err(Fault::TooManyAttempts { retry_after: 20 }));
        limit.take(other, now).unwrap();
        limit.take(one, now + TimeDelta::seconds(20)).unwrap();
        assert!(limit.take(one, now + TimeDelta::seconds(20)).is_err());
    }
}
