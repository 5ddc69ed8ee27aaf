//! Stories over the whole of Doseline: each drives real programs and fails when the thing it names breaks.

mod chaos;
mod devices;
mod regimen;

/// The helper that is a device in a process of its own.
const DEVICE: &str = env!("CARGO_BIN_EXE_device");
