//! A device without a screen, in a process of its own: the real client core on the folder that it is given.
//!
//! Reads [`Line`]s on standard input and answers each with a [`Reply`] on standard output, until its input ends or it is
//! killed. There is no keychain: the cache's key is wrapped by a PIN.

use std::{
    cell::RefCell,
    io::{self, Write},
    path::Path,
    rc::Rc,
};

use doseline_client::{
    ask::Fault,
    cache::Cache,
    core::Core,
    native::{self, NativeHost, NativeVault, Secrets, SecretsError, SqlCipherCache},
    vault::{Opening, Vault},
};
use doseline_shared::api::ErrorCode;
use doseline_tests::{
    device::{Held, Line, Order, Reply},
    network::{Shaky, Weather},
    seed::Seed,
};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    task::LocalSet,
};

type TestCore = Core<Shaky<NativeHost>, Seen>;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("the folder is the first argument");
    let seed = arguments.next().expect("the seed is the second argument").parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, serve(Path::new(&folder), Seed::new(seed)))
}

async fn serve(folder: &Path, seed: Seed) -> anyhow::Result<()> {
    let weather = Rc::new(RefCell::new(Weather::default()));
    let device = native::Device {
        name: "A story's device".to_owned(),
        server: None,
    };
    let (host, vault) = native::parts(folder, NoKeychain, device, || {});
    let open = Rc::new(RefCell::new(None));
    let vault = Seen {
        vault,
        open: Rc::clone(&open),
    };
    let core = Rc::new(Core::new(Shaky::new(host, Rc::clone(&weather), seed), vault));
    let running = Rc::clone(&core);
    tokio::task::spawn_local(async move { running.run().await });
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let line: Line = serde_json::from_str(&line)?;
        let (core, weather, open) = (Rc::clone(&core), Rc::clone(&weather), Rc::clone(&open));
        tokio::task::spawn_local(async move {
            let answer = obey(&core, &weather, &open, line.order).await;
            say(&Reply {
                number: line.number,
                answer,
            });
        });
    }
    Ok(())
}

async fn obey(
    core: &TestCore,
    weather: &RefCell<Weather>,
    open: &RefCell<Option<SqlCipherCache>>,
    order: Order,
) -> Result<Value, Fault> {
    match order {
        Order::Ask(ask) => core.handle(*ask).await,
        Order::Weather(new) => {
            *weather.borrow_mut() = new;
            Ok(Value::Null)
        }
        Order::Held => {
            let cache = open.borrow().clone().ok_or(Fault::of(ErrorCode::PinNeeded))?;
            let stored = cache.load().await?;
            let held = Held {
                records: stored.records,
                outbox: stored.outbox,
            };
            Ok(serde_json::to_value(held).expect("records are JSON"))
        }
    }
}

fn say(reply: &Reply) {
    let mut line = serde_json::to_vec(reply).expect("a reply is JSON");
    line.push(b'\n');
    let mut out = io::stdout().lock();
    // The story that asked may be over.
    let _ = out.write_all(&line).and_then(|()| out.flush());
}

/// A device that has no keychain.
struct NoKeychain;

impl Secrets for NoKeychain {
    fn get(&self, _: &str) -> Result<Option<String>, SecretsError> {
        Err(SecretsError::NoKeychain)
    }

    fn set(&self, _: &str, _: Option<&str>) -> Result<(), SecretsError> {
        Err(SecretsError::NoKeychain)
    }
}

/// The device's vault, which shows the story the cache that it has opened.
struct Seen {
    vault: NativeVault<NoKeychain>,
    open: Rc<RefCell<Option<SqlCipherCache>>>,
}

impl Seen {
    fn see(&self, opening: Opening<SqlCipherCache>) -> Opening<SqlCipherCache> {
        if let Opening::Open(cache) = &opening {
            *self.open.borrow_mut() = Some(cache.clone());
        }
        opening
    }
}

impl Vault for Seen {
    type Cache = SqlCipherCache;

    async fn open(&self) -> Opening<SqlCipherCache> {
        self.see(self.vault.open().await)
    }

    async fn choose_pin(&self, pin: &str) -> Result<Opening<SqlCipherCache>, Fault> {
        self.vault.choose_pin(pin).await.map(|opening| self.see(opening))
    }

    async fn unlock(&self, pin: &str) -> Result<Opening<SqlCipherCache>, Fault> {
        self.vault.unlock(pin).await.map(|opening| self.see(opening))
    }

    async fn start_over(&self) -> Result<Opening<SqlCipherCache>, Fault> {
        self.vault.start_over().await.map(|opening| self.see(opening))
    }
}
