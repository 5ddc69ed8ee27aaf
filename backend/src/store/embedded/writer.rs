//! The one writer: takes what is waiting, runs it as one transaction, commits all of it at once, then answers everyone.
//! One job that fails is undone alone; a commit that fails fails them all.
//!
//! A savepoint keeps a copy of each page that is written within it. So jobs run without one, and only where one has
//! written and then failed are all of them run again, each within its own.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use futures::executor::block_on;
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::store::{Committed, StoreError, Tx};

/// Most jobs in one commit, and how long it may take in new ones: the first of them waits.
const BATCH: usize = 512;
const BATCH_TIME: Duration = Duration::from_millis(50);

/// A job in the queue.
pub(super) trait Job: Send {
    /// Runs it; whether its effect is to be kept.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Turns its success into this failure.
    fn refuse(&mut self, error: StoreError);
    /// Answers whoever waits: with its own result, or with why nothing was kept.
    fn answer(self: Box<Self>, kept: Result<(), StoreError>);
}

struct Waiting<T, E, F> {
    job: F,
    result: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
}

/// A job that answers by `answer`.
pub(super) fn job<T, E, F>(job: F, answer: oneshot::Sender<Result<T, E>>) -> Box<dyn Job>
where
    F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    Box::new(Waiting {
        job,
        result: None,
        answer,
    })
}

impl<T, E, F> Job for Waiting<T, E, F>
where
    F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    fn run(&mut self, tx: &mut Tx) -> bool {
        // A job that panics must not take the writer with it; its savepoint is rolled back as for any failure.
        self.result = catch_unwind(AssertUnwindSafe(|| block_on((self.job)(tx)))).ok();
        self.result.as_ref().is_some_and(Result::is_ok)
    }

    fn refuse(&mut self, error: StoreError) {
        self.result = Some(Err(error.into()));
    }

    fn answer(self: Box<Self>, kept: Result<(), StoreError>) {
        let Self { result, answer, .. } = *self;
        // Whoever asked may have gone. A job that panicked has no result: dropping the sender says so.
        match (result, kept) {
            (Some(Ok(_)), Err(error)) => drop(answer.send(Err(error.into()))),
            (Some(result), _) => drop(answer.send(result)),
            (None, _) => drop(answer),
        }
    }
}

/// Runs until every sender is gone.
pub(super) fn run(
    mut tx: Tx,
    mut queue: mpsc::Receiver<Box<dyn Job>>,
    waiting: &AtomicUsize,
    committed: &broadcast::Sender<Committed>,
) {
    while let Some(first) = queue.blocking_recv() {
        waiting.fetch_sub(1, Ordering::Relaxed);
        let (jobs, notes, result) = batch(&mut tx, first, &mut queue, waiting);
        if result.is_ok() {
            // Nobody listening is no failure.
            notes.into_iter().for_each(|note| drop(committed.send(note)));
        }
        for job in jobs {
            job.answer(result.clone());
        }
    }
    if let Ok(link) = tx.link() {
        link.checkpoint();
    }
}

type Batch = (Vec<Box<dyn Job>>, Vec<Committed>, Result<(), StoreError>);

fn batch(tx: &mut Tx, first: Box<dyn Job>, queue: &mut mpsc::Receiver<Box<dyn Job>>, waiting: &AtomicUsize) -> Batch {
    let began = Instant::now();
    let (mut jobs, mut notes) = (Vec::new(), Vec::new());
    let mut is_guarded = false;
    let mut result = begin(tx);
    let mut next = Some(first);
    while let Some(job) = next.take() {
        jobs.push(job);
        if result.is_ok() {
            result = run_last(tx, &mut jobs, &mut is_guarded, &mut notes);
        }
        if result.is_ok() && jobs.len() < BATCH && began.elapsed() < BATCH_TIME {
            next = queue.try_recv().ok();
            waiting.fetch_sub(usize::from(next.is_some()), Ordering::Relaxed);
        }
    }
    if let Ok(link) = tx.link() {
        if result.is_ok() {
            result = link.batch("COMMIT");
        }
        link.end();
    }
    (jobs, notes, result)
}

fn begin(tx: &mut Tx) -> Result<(), StoreError> {
    tx.renumber();
    tx.link()?.batch("BEGIN IMMEDIATE")
}

/// Runs the job that came last; where it is the first to leave half of its effect, all of them again within savepoints, as
/// every later one. An error here is one of the whole batch.
fn run_last(
    tx: &mut Tx,
    jobs: &mut [Box<dyn Job>],
    is_guarded: &mut bool,
    notes: &mut Vec<Committed>,
) -> Result<(), StoreError> {
    let Some(job) = jobs.last_mut() else { return Ok(()) };
    if *is_guarded {
        return guarded(tx, job.as_mut(), notes);
    }
    let before = tx.link()?.rows_written();
    if attempt(tx, job.as_mut(), notes)? || tx.link()?.rows_written() == before {
        return Ok(());
    }
    *is_guarded = true;
    all_again(tx, jobs, notes)
}

/// Runs one job within a savepoint. An error here is one of the whole batch.
fn guarded(tx: &mut Tx, job: &mut dyn Job, notes: &mut Vec<Committed>) -> Result<(), StoreError> {
    tx.link()?.batch("SAVEPOINT job")?;
    let is_kept = attempt(tx, job, notes)?;
    let link = tx.link()?;
    if !is_kept {
        link.batch("ROLLBACK TO job")?;
    }
    link.batch("RELEASE job")
}

/// Gives up what the jobs have done and runs them once more, each within a savepoint.
fn all_again(tx: &mut Tx, jobs: &mut [Box<dyn Job>], notes: &mut Vec<Committed>) -> Result<(), StoreError> {
    notes.clear();
    tx.link()?.batch("ROLLBACK")?;
    begin(tx)?;
    jobs.iter_mut().try_for_each(|job| guarded(tx, job.as_mut(), notes))
}

/// Runs one job; whether its effect is to be kept. An error here is one of the whole batch.
fn attempt(tx: &mut Tx, job: &mut dyn Job, notes: &mut Vec<Committed>) -> Result<bool, StoreError> {
    tx.link()?.take_failure();
    tx.release();
    let mut is_kept = job.run(tx);
    if is_kept && let Err(error) = block_on(tx.write_heads()) {
        job.refuse(error);
        is_kept = false;
    }
    let job_notes = tx.take_notes();
    let link = tx.link()?;
    let failure = link.take_failure();
    if link.is_idle() {
        // A full disk or a failing one makes SQLite roll back everything, not the one job alone.
        return Err(failure.unwrap_or(StoreError::Unavailable("it rolled back everything")));
    }
    if let (true, Some(failure)) = (is_kept, failure) {
        // PostgreSQL cannot go on after a failed statement, so nobody may.
        job.refuse(failure);
        is_kept = false;
    }
    if is_kept {
        notes.extend(job_notes);
    }
    Ok(is_kept)
}
