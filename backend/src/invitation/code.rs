//! Codes: twelve characters that can be read out, about 59 bits; kept only as a hash, tried only so often.

use doseline_shared::api::invitation::{CODE_ALPHABET, CODE_LENGTH};

use crate::{
    account::attempt::Limit,
    app::{App, Caller},
    random,
};

/// A fresh code, in groups of four.
pub(super) fn fresh() -> String {
    let groups: Vec<String> = (0..CODE_LENGTH / 4).map(|_| random::text(CODE_ALPHABET, 4)).collect();
    groups.join("-")
}

/// What is kept of a code. Case, spaces and hyphens do not matter.
pub(super) fn hash(entered: &str) -> String {
    random::digest(&[b"invitation", random::bare(entered).as_bytes()])
}

/// How often codes may be tried.
pub(super) fn limits(app: &App, caller: Caller) -> Vec<Limit> {
    vec![
        Limit::code_person(app, caller.person),
        Limit::code_address(app, caller.origin),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_twelve_readable_characters_in_groups_and_survives_being_typed() {
        let code = fresh();
        assert_eq!(code.len(), CODE_LENGTH + 2);
        assert!(code.chars().all(|c| c == '-' || CODE_ALPHABET.contains(c)), "{code}");
        let typed = format!(" {} ", code.to_lowercase().replace('-', " "));
        assert_eq!(hash(&typed), hash(&code));
        assert_ne!(fresh(), code);
    }
}
