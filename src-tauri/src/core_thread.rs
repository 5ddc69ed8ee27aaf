//! The thread that owns the core.
//!
//! The core is single-threaded; everything that runs it (commands, sync, reminders) is a task on this one thread. Should
//! one of them panic, nothing is lost, since the core calls a write confirmed only when it is on the disk: all tasks
//! end, the panic is reported, and a new core is opened on the same files.

#[cfg(desktop)]
mod glance;
#[cfg(desktop)]
mod remind;
mod session;

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::{Duration, Instant},
};

use doseline_client::ask::{Ask, Fault};
use doseline_shared::api::ErrorCode;
use tokio::{
    sync::{mpsc, oneshot},
    task::LocalSet,
};

#[cfg(desktop)]
use crate::reminder::notify::waiting as on_screen;
use crate::{place::Place, surface::Surface};

/// How long to wait before the core is opened anew after a panic; doubled each time, up to a minute.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A core that ran for so long was sound: the next panic begins with the first wait again.
const SOUND: Duration = Duration::from_secs(300);
/// After so many panics in a row the person is told.
#[cfg(desktop)]
const TELL_AFTER: u32 = 3;

/// What comes to the core's thread.
pub(crate) enum Job {
    /// The user interface asks.
    Ask {
        /// What.
        ask: Box<Ask>,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<serde_json::Value, Fault>>,
    },
    /// A notification has something to say.
    #[cfg(desktop)]
    Said {
        /// About which dose.
        reminder: Box<doseline_client::remind::Reminder>,
        /// What.
        said: crate::reminder::notify::Said,
    },
    /// The app ends.
    Quit,
}

/// The way to the core.
#[derive(Clone)]
pub struct CoreThread {
    jobs: mpsc::UnboundedSender<Job>,
}

/// What a core is opened with.
pub(crate) struct Given {
    pub(crate) place: Place,
    pub(crate) keychain_service: String,
    pub(crate) hidden: bool,
}

impl CoreThread {
    /// Starts the thread. `hidden` says that no window was opened with the app.
    ///
    /// # Errors
    ///
    /// The system has no thread to give.
    pub fn start(place: Place, identifier: &str, surface: Surface, hidden: bool) -> io::Result<(Self, Ended)> {
        let keychain_service = place.keychain_service(identifier);
        let given = Given {
            place,
            keychain_service,
            hidden,
        };
        let (jobs, work) = mpsc::unbounded_channel();
        let back = jobs.clone();
        let thread = thread::Builder::new()
            .name("core".to_owned())
            .spawn(move || keep_running(&given, &surface, work, &back))?;
        Ok((Self { jobs }, Ended(thread)))
    }

    /// Asks the core.
    ///
    /// # Errors
    ///
    /// The core's own, or `Internal` where it fell over this very request.
    pub async fn ask(&self, ask: Ask) -> Result<serde_json::Value, Fault> {
        let (answer, answered) = oneshot::channel();
        let fell = |_| fault(ErrorCode::Internal);
        self.jobs
            .send(Job::Ask {
                ask: Box::new(ask),
                answer,
            })
            .map_err(|_| fault(ErrorCode::Internal))?;
        answered.await.map_err(fell)?
    }

    /// Ends the thread.
    pub fn quit(&self) {
        // Fails only where the thread has ended already.
        let _ = self.jobs.send(Job::Quit);
    }
}

/// The running thread.
pub struct Ended(thread::JoinHandle<()>);

impl Ended {
    /// Waits for the end, and for the notifications to be off the screen, since nobody will hear their buttons. Two
    /// seconds at most: what the core has confirmed is on the disk by now in any case.
    pub fn wait(self) {
        let until = Instant::now() + Duration::from_secs(2);
        while (!self.0.is_finished() || on_screen() > 0) && Instant::now() < until {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

#[cfg(mobile)]
fn on_screen() -> usize {
    0
}

fn fault(code: ErrorCode) -> Fault {
    Fault::of(code)
}

/// How a session came to its end.
enum End {
    Quit,
    /// A task panicked; the panic itself was logged where it happened.
    Fell(&'static str),
}

fn keep_running(
    given: &Given,
    surface: &Surface,
    mut work: mpsc::UnboundedReceiver<Job>,
    back: &mpsc::UnboundedSender<Job>,
) {
    let life = || match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => LocalSet::new().block_on(&runtime, session::run(given, surface, &mut work, back)),
        Err(error) => {
            tracing::error!(%error, "no runtime for the core");
            End::Fell("runtime")
        }
    };
    again_and_again(life, |fall| {
        tracing::error!(core.task = fall.task, core.falls = fall.count, core.wait = ?fall.wait, "the core fell and is opened anew");
        #[cfg(desktop)]
        if fall.count == TELL_AFTER {
            remind::tell_of_falls(surface);
        }
        surface.changed();
        thread::sleep(fall.wait);
    });
}

/// A core that fell.
struct Fall {
    /// Which of its tasks.
    task: &'static str,
    /// How often in a row.
    count: u32,
    /// When to open it anew.
    wait: Duration,
}

/// Lives one life after the other until one ends by itself.
fn again_and_again(mut life: impl FnMut() -> End, mut fell: impl FnMut(&Fall)) {
    let mut count = 0;
    loop {
        let begun = Instant::now();
        let task = match catch_unwind(AssertUnwindSafe(&mut life)) {
            Ok(End::Quit) => return,
            Ok(End::Fell(task)) => task,
            Err(_) => "session",
        };
        count = if begun.elapsed() > SOUND { 1 } else { count + 1 };
        fell(&Fall {
            task,
            count,
            wait: wait(count),
        });
    }
}

fn wait(falls: u32) -> Duration {
    FIRST_WAIT
        .saturating_mul(1 << falls.saturating_sub(1).min(6))
        .min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_that_falls_again_and_again_is_opened_ever_more_seldom_but_never_given_up() {
        let waits: Vec<_> = (1..=8).map(|falls| wait(falls).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(wait(u32::MAX), LONGEST_WAIT);
    }

    #[test]
    fn a_panic_is_told_and_the_core_lives_again() {
        let mut lives = vec![Some(End::Quit), None, Some(End::Fell("sync"))];
        let mut told = Vec::new();
        again_and_again(
            || lives.pop().unwrap().unwrap(),
            |fall| told.push((fall.task, fall.count)),
        );
        assert_eq!(told, [("sync", 1), ("session", 2)]);
        assert!(lives.is_empty());
    }
}
