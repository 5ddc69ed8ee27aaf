//! Pushes that wait at the same time are applied together, in one transaction.
//!
//! While a few gatherings are under way the next pushes wait, and then go as one: what they need to know is read by the
//! same few statements, and one commit makes all of them durable. A gathering waits for nobody: a push about a patient
//! whom someone else is writing leaves it and goes alone, and so does every push of one that failed, so that no push
//! suffers from another. Only doses gather. Edits read what they need as they go, and go alone.

use std::sync::{Arc, Mutex, PoisonError};

use doseline_shared::api::sync::OperationResult;
use tokio::sync::{Semaphore, oneshot};

use super::push::Push;
use crate::{
    app::App,
    fault::Fault,
    store::{
        Tx,
        ahead::{self, Asked},
        audit::{self, Notes},
        taken::Busy,
    },
};

/// How many gatherings are under way at once: while one commits, another one is read and applied.
const AT_ONCE: usize = 2;
/// How many operations a gathering takes in. A single push may hold as many.
const MOST: usize = doseline_shared::api::sync::MAX_OPERATIONS;

type Results = Result<Vec<OperationResult>, Fault>;
type Answer = oneshot::Sender<Results>;

/// The pushes that wait.
pub struct Gathering {
    waiting: Mutex<Vec<(Arc<Push>, Answer)>>,
    at_once: Semaphore,
}

impl Default for Gathering {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            at_once: Semaphore::new(AT_ONCE),
        }
    }
}

impl Gathering {
    /// The next pushes, in the order in which they came: at least one where any waits.
    fn next(&self) -> (Vec<Arc<Push>>, Vec<Answer>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut operations = 0;
        let fit = waiting
            .iter()
            .take_while(|(push, _)| {
                operations += push.len();
                operations <= MOST
            })
            .count();
        let count = fit.max(1).min(waiting.len());
        waiting.drain(..count).unzip()
    }
}

/// The results of `push`, once they are durable.
pub(super) async fn applied(app: &App, push: Push) -> Results {
    let push = Arc::new(push);
    if !push.only_doses() {
        return alone(app, push).await;
    }
    let (answer, answered) = oneshot::channel();
    app.gathering
        .waiting
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push((push, answer));
    // A task of its own, for it applies the pushes of others too, who must not depend on this one's connection. There is
    // one for each push that waits, and each takes at least one.
    tokio::spawn(gather(app.clone()));
    answered.await.unwrap_or(Err(Fault::Internal))
}

async fn gather(app: App) {
    let Ok(under_way) = app.gathering.at_once.acquire().await else {
        return;
    };
    let (pushes, answers) = app.gathering.next();
    if pushes.is_empty() {
        return;
    }
    let outcomes = {
        let pushes = pushes.clone();
        let job = async move |tx: &mut Tx| apply(tx, &pushes, Busy::Leave).await;
        app.store.write(job).await
    };
    drop(under_way);
    let outcomes = match outcomes {
        Ok(outcomes) => outcomes,
        Err(fault @ Fault::Unavailable { .. }) => pushes.iter().map(|_| Some(Err(fault.clone()))).collect(),
        Err(_) => pushes.iter().map(|_| None).collect(),
    };
    for ((push, answer), outcome) in pushes.into_iter().zip(answers).zip(outcomes) {
        match outcome {
            // Whoever asked may have gone.
            Some(result) => drop(answer.send(result)),
            None => {
                let app = app.clone();
                tokio::spawn(async move { answer.send(alone(&app, push).await) });
            }
        }
    }
}

/// Applies one push in a transaction of its own.
async fn alone(app: &App, push: Arc<Push>) -> Results {
    let job = async move |tx: &mut Tx| apply(tx, std::slice::from_ref(&push), Busy::Wait).await;
    let mut outcomes = app.store.write(job).await?;
    outcomes.pop().flatten().unwrap_or(Err(Fault::Internal))
}

/// What became of each push; none of one about a patient whom the transaction has not taken and does not wait for.
async fn apply(tx: &mut Tx, pushes: &[Arc<Push>], busy: Busy) -> Result<Vec<Option<Results>>, Fault> {
    let mut asked = Asked::default();
    for push in pushes {
        push.ask(&mut asked);
    }
    let mut ahead = ahead::read(tx, &asked, busy).await?;
    let mut notes = Notes::default();
    let mut outcomes = Vec::with_capacity(pushes.len());
    for push in pushes {
        outcomes.push(match busy {
            Busy::Leave if !push.is_held(tx) => None,
            Busy::Leave | Busy::Wait => Some(push.apply(tx, &mut ahead, &mut notes).await?),
        });
    }
    audit::note(tx, &notes).await?;
    Ok(outcomes)
}
