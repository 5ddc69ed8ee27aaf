//! Reminding on a desktop: puts on the screen what the core wants there, and records what the person answers.

use std::{cell::RefCell, rc::Rc, time::Instant};

use chrono::{DateTime, TimeDelta, Utc};
use doseline_client::{
    ask::{LogAct, LogDose},
    host::Host as _,
    remind::Reminder,
    words::Words,
};
use doseline_shared::{
    dose::NotNotified,
    id::{MedicationId, PatientId},
    schedule::OccurrenceKey,
};
use tokio::sync::{Notify, mpsc};

use super::{Job, glance::Glance, session::ShellCore};
use crate::{
    reminder::{
        notify::{self, Button, OnScreen, Said},
        standing::{AGAIN, Standing},
        timer::{self, Awake, Moment},
        wording,
    },
    surface::Surface,
};

/// Which dose a reminder is about.
type Dose = (PatientId, MedicationId, OccurrenceKey);

fn dose(reminder: &Reminder) -> Dose {
    (reminder.patient, reminder.medication, reminder.occurrence.clone())
}

/// The reminders of one life of the core.
pub(super) struct Reminding {
    core: Rc<ShellCore>,
    surface: Surface,
    look: Rc<Notify>,
    back: mpsc::UnboundedSender<Job>,
    standing: RefCell<Standing<Dose, OnScreen>>,
}

impl Reminding {
    /// `look` is rung when something may have changed what is due; notifications answer through `back`.
    pub(super) fn new(
        core: Rc<ShellCore>,
        surface: Surface,
        look: Rc<Notify>,
        back: mpsc::UnboundedSender<Job>,
    ) -> Rc<Self> {
        Rc::new(Self {
            core,
            surface,
            look,
            back,
            standing: RefCell::default(),
        })
    }

    /// Shows and withdraws reminders for as long as the app runs, and keeps the rest of the desktop up to date.
    pub(super) async fn run(self: Rc<Self>) {
        let mut glance = Glance::default();
        loop {
            let words = Words::new(&self.core.preferences().locale);
            let wake = self.put_up(&words).await;
            glance.renew(&self.core, &self.surface, &words).await;
            let awake = timer::until(wake, &self.look, || self.moment()).await;
            tracing::debug!(reminder.awake = ?awake, "looking at what is due");
            match awake {
                // What stands in the window was said by another clock.
                Awake::Ahead | Awake::Back | Awake::Zone => self.surface.changed(),
                Awake::Due | Awake::Changed => {}
            }
        }
    }

    /// Puts on the screen what the core wants there, and answers when to look again.
    async fn put_up(&self, words: &Words) -> Option<DateTime<Utc>> {
        let now = self.core.host().now();
        let in_a_while = now + TimeDelta::from_std(AGAIN).unwrap_or(TimeDelta::MAX);
        let reminders = match self.core.reminders(now).await {
            Ok(reminders) => reminders,
            Err(fault) => {
                tracing::error!(fault.code = ?fault.code, "what is due cannot be told");
                return Some(in_a_while);
            }
        };
        let mut standing = self.standing.borrow_mut();
        standing.keep(|key| reminders.due.iter().any(|reminder| dose(reminder) == *key));
        for reminder in reminders.due {
            let key = dose(&reminder);
            if standing.wants(&key, Instant::now()) {
                standing.raised(key, self.raise(reminder, words));
            }
        }
        let again = standing.has_refused().then_some(in_a_while);
        reminders.wake.into_iter().chain(again).min()
    }

    fn raise(&self, reminder: Reminder, words: &Words) -> OnScreen {
        let back = self.back.clone();
        notify::raise(wording::card(&reminder, words), move |said| {
            // Fails only where the app is ending.
            let _ = back.send(Job::Said {
                reminder: Box::new(reminder.clone()),
                said,
            });
        })
    }

    /// A notification has something to say about `reminder`.
    pub(super) async fn said(self: Rc<Self>, reminder: Reminder, said: Said) {
        let key = dose(&reminder);
        match said {
            Said::Shown => self.record(&reminder, Ok(())).await,
            Said::Refused => {
                self.standing.borrow_mut().refused(&key, Instant::now());
                self.record(&reminder, Err(NotNotified::Refused)).await;
                self.look.notify_one();
            }
            Said::Closed => self.standing.borrow_mut().waved_away(&key),
            Said::Opened => {
                self.standing.borrow_mut().waved_away(&key);
                self.surface.show_today();
            }
            Said::Pressed(button) => self.pressed(&reminder, button).await,
        }
    }

    async fn record(&self, reminder: &Reminder, shown: Result<(), NotNotified>) {
        if let Err(fault) = self.core.reminded(reminder, shown).await {
            tracing::error!(fault.code = ?fault.code, "it was not recorded whether a reminder was shown");
        }
    }

    /// Records what a button says. Where that fails the dose is open still: the window shows it, and it is reminded of
    /// again, since the person believes it done.
    async fn pressed(&self, reminder: &Reminder, button: Button) {
        let act = match button {
            Button::Taken => LogAct::Taken { at: None, amount: None },
            Button::Snooze => LogAct::Snoozed {
                minutes: wording::SNOOZE_MINUTES,
            },
            Button::Skip => LogAct::Skipped { reason: None },
        };
        let request = LogDose {
            patient: reminder.patient,
            medication: reminder.medication,
            occurrence: reminder.occurrence.clone(),
            act,
        };
        if let Err(fault) = self.core.ask(request).await {
            tracing::warn!(fault.code = ?fault.code, "a press on a notification was not recorded");
            self.standing.borrow_mut().forget(&dose(reminder));
            self.surface.show_today();
        }
        self.look.notify_one();
    }

    fn moment(&self) -> Moment {
        Moment {
            wall: self.core.host().now(),
            steady: Instant::now(),
            zone: self.core.host().zone(),
        }
    }
}

/// Tells the person that there are no reminders at present, since the core falls again and again.
pub(super) fn tell_of_falls(surface: &Surface) {
    let words = Words::new("en");
    let card = notify::Card {
        title: words.say("core-stopped-title", &[]),
        body: words.say("core-stopped-body", &[]),
        open: words.say("reminder-open", &[]),
        buttons: Vec::new(),
    };
    let surface = surface.clone();
    notify::raise(card, move |said| {
        if said == Said::Opened {
            surface.show();
        }
    })
    .leave();
}
