//! Stories over the whole of Doseline: each drives real programs and fails when the thing it names breaks.

#![expect(clippy::print_stdout, reason = "a story tells its seed and what it measured")]

mod audit;
mod chaos;
mod copy;
mod devices;
mod every_kind;
mod feel;
mod first_password;
mod https;
mod import;
mod interactions;
mod interface;
mod keyboard;
mod main_job;
mod offline;
mod password;
mod regimen;
mod report;
mod screens;
mod second_factor;
mod secrets;
mod sleep;
mod stock;
mod stopping;
mod systems;
mod telling;
mod travel;
mod tray;
mod watch;
mod webhooks;
mod window;
mod worklist;

use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The helper that is a device in a process of its own.
const DEVICE: &str = env!("CARGO_BIN_EXE_device");

static MACHINE: RwLock<()> = RwLock::const_new(());

/// For a story that does not look at the clock: it may run beside others of its kind.
async fn beside_others() -> RwLockReadGuard<'static, ()> {
    MACHINE.read().await
}

/// For a story that holds the product to seconds: nothing else keeps the machine busy meanwhile.
async fn alone() -> RwLockWriteGuard<'static, ()> {
    MACHINE.write().await
}
