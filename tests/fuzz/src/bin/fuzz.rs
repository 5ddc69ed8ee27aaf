//! libFuzzer's way in: hands its bytes to the target that `DOSELINE_FUZZ` names.
#![no_main]

use std::sync::OnceLock;

use doseline_fuzz::{Target, target};

static TARGET: OnceLock<Target> = OnceLock::new();

/// The target of this run.
fn chosen() -> Target {
    let name = std::env::var("DOSELINE_FUZZ").unwrap_or_default();
    target(&name).expect("`cargo xtask fuzz` names a target that this build knows")
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (TARGET.get_or_init(chosen).run)(bytes));
