//! The reader of schedules: what anyone may send to the preview, and every device with a plan.

use doseline_shared::schedule::{Schedule, parse, validate};
use serde_json::Value;

use crate::{expansion, path};

/// Refuses by a path that leads somewhere, or lets in what is then held to the laws of expansion.
pub fn run(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    match parse(&value) {
        Ok(schedule) => {
            assert_eq!(
                validate(&schedule),
                Ok(()),
                "let in, and refused when it is held in memory"
            );
            let written = serde_json::to_value(&schedule).expect("a schedule has a wire form");
            assert_eq!(
                parse(&written).as_ref(),
                Ok(&schedule),
                "reads otherwise once it is written"
            );
            // What a device has stored is read by shape only; it must be the same.
            let stored: Schedule = serde_json::from_value(value).expect("what is let in has the shape of a schedule");
            assert_eq!(stored, schedule);
            expansion::hold(&schedule);
        }
        Err(error) => {
            assert!(path::leads(&value, &error.path), "{} leads nowhere", error.path);
            assert!(!error.problem.is_empty());
            // A device may have stored it all the same; if it is let in from memory, it stays what it is.
            if let Ok(schedule) = serde_json::from_value::<Schedule>(value)
                && validate(&schedule).is_ok()
            {
                let written = serde_json::to_value(&schedule).expect("a schedule has a wire form");
                assert_eq!(
                    parse(&written).as_ref(),
                    Ok(&schedule),
                    "valid in memory, and another once written"
                );
            }
        }
    }
}
