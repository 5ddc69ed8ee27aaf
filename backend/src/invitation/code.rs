//! Codes: twelve characters that can be read out, about 59 bits; kept only as a hash, tried only so often.

use doseline_shared::api::invitation::{CODE_ALPHABET, CODE_LENGTH};

use crate::{
    account::attempt::Limit,
    app::{App, Caller},
    random,
};

/// A fresh code, in groups of four.
pub(super) fn fresh() -> String {
    let alphabet = CODE_ALPHABET.as_bytes();
    let mut code = String::with_capacity(CODE_LENGTH + CODE_LENGTH / 4);
    let mut made = 0;
    while made < CODE_LENGTH {
        let [byte] = random::bytes::<1>();
        // Above the greatest multiple of the alphabet's length the first characters would come more often.
        let fair = 256 - 256 % alphabet.len();
        let (true, Some(character)) = (
            usize::from(byte) < fair,
            alphabet.get(usize::from(byte) % alphabet.len()),
        ) else {
            continue;
        };
        if made > 0 && made % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(*character));
        made += 1;
    }
    code
}

/// What is kept of a code. Case, spaces and hyphens do not matter.
pub(super) fn hash(entered: &str) -> String {
    let bare: String = entered
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_uppercase())
        .take(64)
        .collect();
    random::digest(&[b"invitation", bare.as_bytes()])
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
