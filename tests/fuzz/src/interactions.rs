//! A clinic's list of interactions: a CSV file from a spreadsheet.

use doseline_backend::interaction::file::pairs;
use doseline_shared::safety::{InteractionPair, Severity, normal};

/// Refuses with faults that name lines of the file, or reads as the same once it is written.
pub fn run(bytes: &[u8]) {
    match pairs(bytes.to_vec()) {
        Ok(list) => {
            for pair in &list {
                assert_ne!(pair.a, pair.b, "a pair of one");
                for name in [&pair.a, &pair.b] {
                    assert_eq!(&normal(name), name, "no normal form");
                }
            }
            assert_eq!(pairs(written(&list).into_bytes()).as_ref(), Ok(&list));
        }
        Err(faults) => {
            assert!(!faults.first.is_empty(), "refused for no reason");
            let lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).count() as u64;
            for fault in &faults.first {
                assert!(
                    (1..=lines.max(1)).contains(&fault.line),
                    "{fault} in a file of {lines} lines"
                );
            }
            assert!(faults.first.is_sorted_by_key(|fault| fault.line), "out of order");
        }
    }
}

/// The list as the file that it could have come from.
fn written(list: &[InteractionPair]) -> String {
    let mut text = String::from("a,b,severity,text,source\n");
    for pair in list {
        let severity = match pair.severity {
            Severity::Minor => "minor",
            Severity::Moderate => "moderate",
            Severity::Major => "major",
            Severity::Contraindicated => "contraindicated",
        };
        let cells = [&pair.a, &pair.b, severity, &pair.text, &pair.source];
        let quoted = cells.map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
        text.push_str(&quoted.join(","));
        text.push('\n');
    }
    text
}
