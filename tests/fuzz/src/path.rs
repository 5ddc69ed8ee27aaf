//! Whether the path of a refusal leads to a place of what was read.

use serde_json::Value;

/// Whether `path`, such as `rule.times[1].at`, leads from `value` to a field that is there, or to one that is missing
/// from an object that is there. Names of fields are anyone's and may hold dots and brackets themselves, so every way to
/// read the path is tried.
pub fn leads(value: &Value, path: &str) -> bool {
    path.is_empty() || leads_in(value, path)
}

/// Whether `path`, which is not empty, leads on from inside `value`.
fn leads_in(value: &Value, path: &str) -> bool {
    match value {
        Value::Object(map) => {
            let missing = path.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            let there = |(name, inner): (&String, &Value)| {
                path.strip_prefix(name.as_str())
                    .is_some_and(|rest| leads_on(inner, rest))
            };
            (missing && !path.is_empty()) || map.iter().any(there)
        }
        Value::Array(items) => {
            let place = path.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            place.is_some_and(|(place, rest)| {
                let item = place.parse::<usize>().ok().and_then(|place| items.get(place));
                item.is_some_and(|item| leads_on(item, rest))
            })
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Whether what is left of a path behind `value` leads on.
fn leads_on(value: &Value, rest: &str) -> bool {
    match (value, rest.strip_prefix('.')) {
        _ if rest.is_empty() => true,
        (Value::Object(_), Some(rest)) => leads_in(value, rest),
        (Value::Array(_), None) => leads_in(value, rest),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::leads;

    #[test]
    fn a_path_leads_to_what_is_there_or_missing_and_nowhere_else() {
        let value = json!({"rule": {"times": [{"at": "08:00"}, {}]}, "a.b": {"c[0]": 1}, "..": []});
        for path in [
            "",
            "rule",
            "rule.times[0].at",
            "rule.times[1].at",
            "rule.days",
            "a.b.c[0]",
            "..",
        ] {
            assert!(leads(&value, path), "{path}");
        }
        for path in [
            "rule.times[2]",
            "rule.times.at",
            "rule.times[0].at.x",
            "rule.Days",
            "rule.",
        ] {
            assert!(!leads(&value, path), "{path}");
        }
    }
}
