//! A clock of the desk's own, and sleep: what a computer does to an app that waits for an hour.
//!
//! `libfaketime` shows the app another wall clock, which changes while it runs; the steady clock stays the machine's.

use std::{fs, path::PathBuf};

use chrono::TimeDelta;

use super::Desk;
use crate::process;

/// Where Debian keeps it; the loader knows what stands for `$LIB`.
const LIBRARY: &str = "/usr/$LIB/faketime/libfaketimeMT.so.1";

impl Desk {
    /// From now on what is started here has the desk's clock, which shows the right time until it is set.
    pub fn take_own_clock(&mut self) {
        self.own_clock = true;
        self.set_clock(TimeDelta::zero());
    }

    /// Sets the clock to so much after the right time, or before it.
    pub fn set_clock(&self, ahead: TimeDelta) {
        let new = self.home.path().join("clock.new");
        fs::write(&new, format!("{:+}\n", ahead.num_seconds())).expect("the folder is ours");
        // The app reads the file at any moment, and must not find half of it.
        fs::rename(new, self.clock_file()).expect("the folder is ours");
    }

    /// The computer sleeps until the clock shows so much after the right time.
    pub fn sleep_until(&self, ahead: TimeDelta) {
        let app = self.app();
        assert!(!app.is_empty(), "the app does not run: {}", self.logs());
        process::signal("STOP", &app);
        self.set_clock(ahead);
        process::signal("CONT", &app);
    }

    fn clock_file(&self) -> PathBuf {
        self.home.path().join("clock")
    }

    /// What makes a program read the desk's clock, where it has one.
    pub(super) fn clock(&self) -> Vec<(&'static str, PathBuf)> {
        if !self.own_clock {
            return Vec::new();
        }
        vec![
            ("LD_PRELOAD", LIBRARY.into()),
            ("FAKETIME_TIMESTAMP_FILE", self.clock_file()),
            ("FAKETIME_NO_CACHE", "1".into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
        ]
    }
}
