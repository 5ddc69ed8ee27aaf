//! What must hold of each reader of Doseline for any bytes whatever.
//!
//! Owns the targets: each takes bytes as they may come from anyone, reads them, and panics where a promise is broken.
//! `cargo xtask fuzz` searches for such bytes; the ones that it has found worth keeping lie in `corpus/`, a folder for
//! each target, and the tests go through them every time. The sentences of the locale files are no target: their reader
//! takes only what was compiled in.

mod expansion;
#[cfg(feature = "backend")]
mod fhir;
#[cfg(feature = "backend")]
mod interactions;
mod path;
mod preview;
mod push;
#[cfg(feature = "backend")]
mod request;
mod schedule;

/// A reader, held to its promises.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What `cargo xtask fuzz` calls it; also the folder of its corpus.
    pub name: &'static str,
    /// Reads the bytes. Panics where a promise is broken.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target {
        name: "schedule",
        run: schedule::run,
    },
    Target {
        name: "preview",
        run: preview::run,
    },
    Target {
        name: "push",
        run: push::run,
    },
    #[cfg(feature = "backend")]
    Target {
        name: "interactions",
        run: interactions::run,
    },
    #[cfg(feature = "backend")]
    Target {
        name: "fhir",
        run: fhir::run,
    },
    #[cfg(feature = "backend")]
    Target {
        name: "request",
        run: request::run,
    },
];

/// The target of this name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().find(|target| target.name == name).copied()
}
