//! What stands on the screen: compares it with what the core wants reminded of.
//!
//! A dose is raised once while it stays due. It is withdrawn when it has been dealt with elsewhere: in the window, on
//! another device, or by being too late. A notification that the system refused is tried again every minute, since the
//! service that shows them may only be starting.

use std::time::{Duration, Instant};

/// How long after a refusal to try again.
pub const AGAIN: Duration = Duration::from_secs(60);

/// What became of one reminder in this process. `H` is the handle that takes the notification off the screen when it
/// is dropped.
#[derive(Debug)]
enum Stage<H> {
    /// On the screen.
    Shown { _handle: H },
    /// Waved away by the person without a choice; the app does not nag.
    WavedAway,
    /// Refused by the system.
    Refused { at: Instant },
}

/// The reminders of this process. `K` names a dose, `H` holds a notification.
#[derive(Debug)]
pub struct Standing<K, H> {
    doses: Vec<(K, Stage<H>)>,
}

impl<K, H> Default for Standing<K, H> {
    fn default() -> Self {
        Self { doses: Vec::new() }
    }
}

impl<K: PartialEq, H> Standing<K, H> {
    /// Withdraws what is not due any more.
    pub fn keep(&mut self, due: impl Fn(&K) -> bool) {
        self.doses.retain(|(key, _)| due(key));
    }

    /// Whether `key` is to be raised now.
    pub fn wants(&self, key: &K, now: Instant) -> bool {
        match self.doses.iter().find(|(other, _)| other == key) {
            None => true,
            Some((_, Stage::Refused { at })) => now.duration_since(*at) >= AGAIN,
            Some((_, Stage::Shown { .. } | Stage::WavedAway)) => false,
        }
    }

    /// `key` is being shown.
    pub fn raised(&mut self, key: K, handle: H) {
        self.forget(&key);
        self.doses.push((key, Stage::Shown { _handle: handle }));
    }

    /// The system refused `key`.
    pub fn refused(&mut self, key: &K, at: Instant) {
        self.answered(key, Stage::Refused { at });
    }

    /// The person closed `key` without a choice.
    pub fn waved_away(&mut self, key: &K) {
        self.answered(key, Stage::WavedAway);
    }

    /// An answer may arrive after its dose was withdrawn; it then must not keep a later reminder of the same dose away.
    fn answered(&mut self, key: &K, stage: Stage<H>) {
        if let Some(entry) = self.doses.iter_mut().find(|(other, _)| other == key) {
            entry.1 = stage;
        }
    }

    /// A choice could not be recorded: `key` is to be shown again.
    pub fn forget(&mut self, key: &K) {
        self.doses.retain(|(other, _)| other != key);
    }

    /// Whether a refused reminder waits to be tried again.
    pub fn has_refused(&self) -> bool {
        self.doses
            .iter()
            .any(|(_, stage)| matches!(stage, Stage::Refused { .. }))
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, rc::Rc};

    use super::*;

    /// Counts the notifications on the screen.
    struct OnScreen(Rc<Cell<u32>>);

    impl OnScreen {
        fn new(count: &Rc<Cell<u32>>) -> Self {
            count.set(count.get() + 1);
            Self(Rc::clone(count))
        }
    }

    impl Drop for OnScreen {
        fn drop(&mut self) {
            self.0.set(self.0.get() - 1);
        }
    }

    #[test]
    fn a_dose_is_raised_once_and_withdrawn_when_it_was_logged_elsewhere() {
        let (screen, now) = (Rc::default(), Instant::now());
        let mut standing = Standing::default();
        assert!(standing.wants(&"metformin", now));
        standing.raised("metformin", OnScreen::new(&screen));
        standing.raised("ramipril", OnScreen::new(&screen));
        assert!(!standing.wants(&"metformin", now));
        standing.keep(|key| *key == "ramipril");
        assert_eq!(screen.get(), 1);
        assert!(
            standing.wants(&"metformin", now),
            "a snoozed dose comes back and is raised again"
        );
    }

    #[test]
    fn a_reminder_waved_away_does_not_nag() {
        let (screen, now) = (Rc::default(), Instant::now());
        let mut standing = Standing::default();
        standing.raised("metformin", OnScreen::new(&screen));
        standing.waved_away(&"metformin");
        assert_eq!(screen.get(), 0);
        assert!(!standing.wants(&"metformin", now + Duration::from_secs(3600)));
    }

    #[test]
    fn a_refused_reminder_is_tried_again_after_a_minute() {
        let (screen, now) = (Rc::default(), Instant::now());
        let mut standing = Standing::default();
        standing.raised("metformin", OnScreen::new(&screen));
        standing.refused(&"metformin", now);
        assert!(standing.has_refused());
        assert!(!standing.wants(&"metformin", now + AGAIN / 2));
        assert!(standing.wants(&"metformin", now + AGAIN));
    }

    #[test]
    fn a_choice_that_could_not_be_recorded_brings_the_reminder_back() {
        let (screen, now) = (Rc::default(), Instant::now());
        let mut standing = Standing::default();
        standing.raised("metformin", OnScreen::new(&screen));
        standing.forget(&"metformin");
        assert!(standing.wants(&"metformin", now));
    }

    #[test]
    fn an_answer_to_a_reminder_that_was_withdrawn_meanwhile_keeps_no_later_one_away() {
        let (screen, now) = (Rc::default(), Instant::now());
        let mut standing = Standing::default();
        standing.raised("metformin", OnScreen::new(&screen));
        standing.keep(|_| false);
        standing.waved_away(&"metformin");
        assert!(standing.wants(&"metformin", now));
    }
}
