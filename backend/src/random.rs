//! The system's source of randomness, and identities made from it.

use chrono::{DateTime, Utc};
use ring::rand::{SecureRandom, SystemRandom};

/// `N` random bytes.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .expect("the kernel of a supported system always has randomness once it has booted");
    bytes
}

/// What a new identity for the instant `now` is made from.
pub fn id<T>(now: DateTime<Utc>, make: impl FnOnce(DateTime<Utc>, [u8; 10]) -> T) -> T {
    make(now, bytes())
}

/// SHA-256 of `parts`, each with its length before it, in hexadecimal.
pub fn digest(parts: &[&[u8]]) -> String {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    hex(context.finish().as_ref())
}

/// A random text of `length` characters of `alphabet`, which is ASCII, each as likely as the others.
pub fn text(alphabet: &str, length: usize) -> String {
    let alphabet = alphabet.as_bytes();
    // Above the greatest multiple of the alphabet's length the first characters would come more often.
    let fair = 256 - 256 % alphabet.len();
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let [byte] = bytes::<1>().map(usize::from);
        if let (true, Some(character)) = (byte < fair, alphabet.get(byte % alphabet.len())) {
            text.push(char::from(*character));
        }
    }
    text
}

/// A code as it counts, however it was typed: without spaces and hyphens, in capitals, no longer than any is.
pub fn bare(code: &str) -> String {
    code.chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_uppercase())
        .take(64)
        .collect()
}

/// `bytes` in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
