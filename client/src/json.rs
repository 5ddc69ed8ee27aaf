//! Reading JSON: always by way of [`serde_json::Value`].
//!
//! A type that is read straight from text is compiled a second time for that reader, with the reader's parsing inside it.
//! By way of a value, each type is compiled once and the parser once, which is a good part of what a browser downloads.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// What `text` stands for.
///
/// # Errors
/// It is no JSON, or not that of a `T`.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    serde_json::from_value(value(text)?)
}

/// Parsed, and nothing more. A plain function, so that there is one of it.
#[inline(never)]
fn value(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_was_written_and_nothing_follows_it() {
        assert_eq!(
            read::<Vec<(String, u32)>>(r#"[["a", 1]]"#).unwrap(),
            [("a".to_owned(), 1)]
        );
        for wrong in ["[[\"a\", -1]]", "[] []", "", "{"] {
            assert!(read::<Vec<(String, u32)>>(wrong).is_err(), "{wrong}");
        }
    }
}
