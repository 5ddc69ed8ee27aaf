//! One life of the core on its thread: its tasks, and the jobs that come in.

use std::{future::Future, panic::AssertUnwindSafe, rc::Rc, time::Duration};

use doseline_client::{
    ask::Start,
    native::{self, NativeCore},
    view::StartView,
};
use futures::FutureExt as _;
use tokio::{
    sync::{Notify, mpsc},
    task::spawn_local,
};

use super::{End, Given, Job};
use crate::{keychain::Keychain, surface::Surface};

/// The core as this shell runs it.
pub(super) type ShellCore = NativeCore<Keychain>;

/// Opens the core and runs it until the app ends or a task panics.
pub(super) async fn run(
    given: &Given,
    surface: &Surface,
    work: &mut mpsc::UnboundedReceiver<Job>,
    back: &mpsc::UnboundedSender<Job>,
) -> End {
    // Rung when something may have changed what is due or shown.
    let look = Rc::new(Notify::new());
    let core = open(given, surface, &look).await;
    let (fall, mut fallen) = mpsc::unbounded_channel();
    let watched = Watched { fall };
    watched.spawn("sync", {
        let core = Rc::clone(&core);
        async move { core.run().await }
    });
    if given.hidden {
        watched.spawn("start", ask_for_the_person(Rc::clone(&core), surface.clone()));
    }
    #[cfg(desktop)]
    let reminding = {
        let reminding = super::remind::Reminding::new(Rc::clone(&core), surface.clone(), look, back.clone());
        watched.spawn("reminders", Rc::clone(&reminding).run());
        reminding
    };
    // A mobile system has a scheduler of its own, and no notification here talks back.
    #[cfg(mobile)]
    let _ = (look, back);
    loop {
        let job = tokio::select! {
            Some(task) = fallen.recv() => return End::Fell(task),
            job = work.recv() => job,
        };
        match job {
            Some(Job::Ask { ask, answer }) => {
                let core = Rc::clone(&core);
                watched.spawn("ask", async move {
                    let answered = core.handle(*ask).await;
                    // Nobody waits any more where the window was reloaded meanwhile.
                    let _ = answer.send(answered);
                });
            }
            #[cfg(desktop)]
            Some(Job::Said { reminder, said }) => {
                watched.spawn("notification", Rc::clone(&reminding).said(*reminder, said));
            }
            Some(Job::Quit) | None => return End::Quit,
        }
    }
}

/// Opens the core on the files and the keychain of this device.
async fn open(given: &Given, surface: &Surface, look: &Rc<Notify>) -> Rc<ShellCore> {
    let changed = {
        let (surface, look) = (surface.clone(), Rc::clone(look));
        move || {
            surface.changed();
            look.notify_one();
        }
    };
    let keychain = Keychain::new(given.keychain_service.clone());
    native::open(given.place.dir(), keychain, changed).await
}

/// Started without a window, but the device's store does not open by itself: without the person there would be no
/// reminders. At login the keychain may only be coming up, so a store that waits for it is asked for a few times first.
async fn ask_for_the_person(core: Rc<ShellCore>, surface: Surface) {
    for patience in [1, 2, 4] {
        match core.ask(Start {}).await {
            Ok(StartView::SignedIn { .. } | StartView::SignedOut { .. }) => return,
            Ok(StartView::Trouble { fault, .. }) => match fault.retry_after {
                Some(seconds) => tokio::time::sleep(Duration::from_secs((seconds * patience).into())).await,
                None => break,
            },
            Ok(StartView::ChoosePin {} | StartView::EnterPin {}) | Err(_) => break,
        }
    }
    if !core.is_open() {
        surface.show();
    }
}

/// Spawns tasks whose panic ends the session.
struct Watched {
    fall: mpsc::UnboundedSender<&'static str>,
}

impl Watched {
    fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + 'static) {
        let fall = self.fall.clone();
        spawn_local(async move {
            if AssertUnwindSafe(task).catch_unwind().await.is_err() {
                // Fails only where the session is ending already.
                let _ = fall.send(name);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::LocalSet;

    use super::*;

    #[tokio::test]
    async fn a_task_that_panics_names_itself_and_one_that_ends_does_not() {
        LocalSet::new()
            .run_until(async {
                let (fall, mut fallen) = mpsc::unbounded_channel();
                let watched = Watched { fall };
                watched.spawn("ask", async {});
                watched.spawn("sync", async { panic!("on purpose") });
                drop(watched);
                assert_eq!(fallen.recv().await, Some("sync"));
                assert_eq!(fallen.recv().await, None);
            })
            .await;
    }
}
