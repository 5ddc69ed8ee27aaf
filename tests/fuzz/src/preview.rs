//! The public preview: a request from anyone, without a sign-in.

use doseline_shared::api::preview::{MAX_OCCURRENCES, MAX_RANGE_DAYS, Preview, Previewed, TooMuch};
use serde_json::Value;

use crate::path;

/// Refuses by a path that leads somewhere, or answers in order, in the range and within the limits.
pub fn run(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    let preview = match Preview::parse(&value) {
        Ok(preview) => preview,
        Err(error) => {
            assert!(path::leads(&value, &error.path), "{} leads nowhere", error.path);
            return;
        }
    };
    let written = serde_json::to_value(&preview).expect("a request has a wire form");
    assert_eq!(
        Preview::parse(&written).as_ref(),
        Ok(&preview),
        "reads otherwise once it is written"
    );
    match preview.answer() {
        Ok(answer) => {
            let found = &answer.occurrences;
            assert!(found.len() <= MAX_OCCURRENCES);
            assert!(found.is_sorted_by_key(|one| one.due), "out of order");
            assert!(found.iter().all(|one| preview.from <= one.due && one.due < preview.to));
            let sent = serde_json::to_vec(&answer).expect("an answer has a wire form");
            let read: Previewed = serde_json::from_slice(&sent).expect("an answer is read as it was sent");
            assert_eq!(read, answer);
        }
        Err(TooMuch::Range) => assert!((preview.to - preview.from).num_days() >= MAX_RANGE_DAYS),
        Err(TooMuch::Occurrences) => {}
    }
}
