//! The embedded engine: SQLite with SQLCipher. Owns its file, its one writer and its readers.

mod backup;
mod link;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
};

use futures::executor::block_on;
use tokio::sync::{Semaphore, broadcast, mpsc, oneshot};

pub(super) use self::{backup::restore, link::Link};
use self::{link::open, writer::Job};
use super::{Committed, StoreError, StoreKey, Tx, migrate, tx::Engine};

/// How many may read at once.
const READERS: usize = 4;
/// How many writes may wait before further ones wait outside.
const QUEUE: usize = 4_096;

/// The engine. Its writer ends when the last of the store is dropped.
pub(super) struct Embedded {
    path: PathBuf,
    key: StoreKey,
    /// Until the engine is dropped.
    jobs: Option<mpsc::Sender<Box<dyn Job>>>,
    writer: Option<JoinHandle<()>>,
    waiting: Arc<AtomicUsize>,
    readers: Arc<Readers>,
}

struct Readers {
    free: Mutex<Vec<Tx>>,
    permits: Arc<Semaphore>,
}

impl Embedded {
    /// Opens the file, makes it where it is missing, and brings its schema up to date.
    pub(super) async fn open(
        path: &Path,
        key: StoreKey,
        committed: broadcast::Sender<Committed>,
    ) -> Result<Self, StoreError> {
        let (file, file_key) = (path.to_owned(), key.clone());
        let (writer, readers) = blocking(move || {
            let mut writer = open(&file, &file_key, false)?;
            migrate::embedded(&mut writer)?;
            let readers = (0..READERS)
                .map(|_| Ok(Tx::new(Engine::Embedded(Link::new(open(&file, &file_key, true)?)))))
                .collect::<Result<Vec<Tx>, StoreError>>()?;
            Ok((Tx::new(Engine::Embedded(Link::new(writer))), readers))
        })
        .await?;
        let waiting = Arc::new(AtomicUsize::new(0));
        let (jobs, queue) = mpsc::channel(QUEUE);
        let count = Arc::clone(&waiting);
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer::run(writer, queue, &count, &committed))
            .map_err(|_| StoreError::Unavailable("no thread for the writer"))?;
        Ok(Self {
            path: path.to_owned(),
            key,
            jobs: Some(jobs),
            writer: Some(thread),
            waiting,
            readers: Arc::new(Readers {
                free: Mutex::new(readers),
                permits: Arc::new(Semaphore::new(READERS)),
            }),
        })
    }

    /// Queues the job for the writer and waits for the commit that it became part of.
    pub(super) async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let sent = match &self.jobs {
            Some(jobs) => jobs.send(writer::job(job, answer)).await.is_ok(),
            None => false,
        };
        if !sent {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(StoreError::Unavailable("its writer has ended").into());
        }
        answered
            .await
            .unwrap_or_else(|_| Err(StoreError::Failed("the job broke down".to_owned()).into()))
    }

    /// Runs the job on a snapshot, beside the writer.
    pub(super) async fn read<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let permit = Arc::clone(&self.readers.permits)
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Unavailable("its readers have ended"))?;
        let readers = Arc::clone(&self.readers);
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut reader = Reading::take(&readers)?;
            reader.tx()?.link()?.batch("BEGIN")?;
            block_on(job(reader.tx()?))
        })
        .await
        .unwrap_or_else(|_| Err(StoreError::Failed("the job broke down".to_owned()).into()))
    }

    /// How many writes wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Writes an encrypted, verified copy of the store as it stands to `target`, which must not exist.
    pub(super) async fn backup(&self, target: &Path) -> Result<(), StoreError> {
        let (path, key, target) = (self.path.clone(), self.key.clone(), target.to_owned());
        blocking(move || backup::backup(&path, &key, &target)).await
    }
}

/// Waits until the writer has written the log back and closed the file. A process that ends while it still does so takes
/// the cipher's library away from under it, and dies of that.
impl Drop for Embedded {
    fn drop(&mut self) {
        self.jobs = None;
        let Some(writer) = self.writer.take() else { return };
        // The last of the store may have been inside a job, which is dropped by the writer itself.
        if writer.thread().id() != thread::current().id() {
            // A writer that panicked has said so.
            let _ = writer.join();
        }
    }
}

/// A reader out of the pool; it goes back when this is dropped, by whatever way its job ended.
struct Reading<'a> {
    readers: &'a Readers,
    tx: Option<Tx>,
}

impl<'a> Reading<'a> {
    fn take(readers: &'a Readers) -> Result<Self, StoreError> {
        let tx = readers.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Ok(Self { readers, tx })
    }

    fn tx(&mut self) -> Result<&mut Tx, StoreError> {
        self.tx.as_mut().ok_or(StoreError::Unavailable("no reader is left"))
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let Some(mut tx) = self.tx.take() else { return };
        tx.release();
        if let Ok(link) = tx.link() {
            link.end();
        }
        self.readers
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(tx);
    }
}

impl Tx {
    fn link(&mut self) -> Result<&mut Link, StoreError> {
        match &mut self.engine {
            Engine::Embedded(link) => Ok(link),
            Engine::Postgres(_) => Err(StoreError::Unsupported("embedded only")),
        }
    }
}

/// Runs what blocks away from the async threads.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(StoreError::Failed("the job broke down".to_owned())))
}
