//! Named cases, with instants that another implementation found: see `cases/generate.py`.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use doseline_shared::schedule::{Context, occurrences, parse};
use serde_json::Value;

#[derive(serde::Deserialize)]
struct Case {
    name: String,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    schedule: Value,
    /// When, and which.
    due: Vec<(DateTime<Utc>, String)>,
}

#[test]
fn each_named_case_gives_the_instants_of_another_implementation() {
    let cases: Vec<Case> = include_str!("../cases/expansion.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(cases.len() >= 300);
    // Those at a change of the clocks are named by its date.
    let at_a_change = |case: &&Case| {
        let head = case.name.split_once(": ").map(|(head, _)| head);
        head.and_then(|head| head.rsplit(' ').next()?.parse::<NaiveDate>().ok())
            .is_some()
    };
    assert!(cases.iter().filter(at_a_change).count() >= 60);
    let mut expected = 0;
    for case in cases {
        let schedule = parse(&case.schedule).unwrap();
        let found: Vec<_> = occurrences(&schedule, case.from..case.to, &Context::new(Tz::UTC))
            .into_iter()
            .map(|found| (found.due, found.id.to_string()))
            .collect();
        expected += case.due.len();
        assert_eq!(found, case.due, "{}", case.name);
    }
    assert!(expected > 3_000, "{expected} instants");
}
