//! Passwords: Argon2id, checked beside the async threads, a bounded number at a time.
//!
//! Parameters are OWASP's least (19 MiB, two passes, one lane). An unknown e-mail costs the same check as a known one,
//! against a hash that no password fits.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version, password_hash::SaltString,
};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;
use zxcvbn::zxcvbn;

use crate::{fault::Fault, random};

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Makes and checks hashes of passwords.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    unknown: Arc<str>,
}

impl Passwords {
    /// At most `at_once` hashes at the same time; 0 takes one for each core.
    pub fn new(at_once: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let at_once = if at_once == 0 { cores } else { at_once };
        let nobodys = random::hex(&random::bytes::<32>());
        Self {
            turns: Arc::new(Semaphore::new(at_once)),
            unknown: hash(nobodys.as_bytes()).into(),
        }
    }

    /// The hash of `password` in PHC form.
    pub async fn hash(&self, password: String) -> Result<String, Fault> {
        let password = Zeroizing::new(password);
        self.in_turn(move || hash(password.as_bytes())).await
    }

    /// Whether `password` fits `known`. Takes as long where there is no hash.
    pub async fn fits(&self, password: String, known: Option<String>) -> Result<bool, Fault> {
        let password = Zeroizing::new(password);
        let there = known.is_some();
        let against = known.unwrap_or_else(|| self.unknown.to_string());
        let fits = self.in_turn(move || verify(password.as_bytes(), &against)).await?;
        Ok(fits && there)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| Fault::Unavailable { retry_after: 1 })?;
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        })
        .await
        .map_err(|_| Fault::Internal)
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the constants are within Argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &[u8]) -> String {
    let salt = SaltString::encode_b64(&random::bytes::<16>()).expect("16 bytes are a salt of a permitted length");
    argon2()
        .hash_password(password, &salt)
        .expect("a password is never longer than Argon2's 4 GiB")
        .to_string()
}

fn verify(password: &[u8], against: &str) -> bool {
    PasswordHash::new(against).is_ok_and(|parsed| argon2().verify_password(password, &parsed).is_ok())
}

/// Guesses after which a password is found that is too easy: lists of common ones, names, and what is made of them by
/// rules that everybody knows, end well before.
const FEWEST_GUESSES: u64 = 1_000_000;

/// Whether `password` may be one of the person with this name and e-mail, by NIST SP 800-63B: long enough, not among those
/// that are tried first, and nothing asked about the kinds of its characters.
pub fn check(path: &str, password: &str, name: &str, email: &str) -> Result<(), Fault> {
    match password.chars().count() {
        0..8 => return Err(Fault::field(path, "a password has at least 8 characters")),
        8..=256 => {}
        257.. => return Err(Fault::field(path, "a password has at most 256 characters")),
    }
    let own: Vec<&str> = name
        .split_whitespace()
        .chain(email.split(['@', '.']))
        .chain([name, email, "doseline"])
        .collect();
    if zxcvbn(password, &own).guesses() < FEWEST_GUESSES {
        return Err(Fault::field(
            path,
            "this password is among those that are tried first: choose another, such as several words",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_first_is_no_password_whatever_its_characters() {
        let check = |password: &str| check("password", password, "Adaeze Obi", "adaeze.obi@clinic.example");
        for easy in [
            "password",
            "P@ssw0rd1",
            "12345678",
            "qwertyuiop",
            "adaezeobi",
            "Adaeze1990",
            "doseline1",
            "aaaaaaaaaaaa",
        ] {
            assert!(check(easy).is_err(), "{easy}");
        }
        for good in [
            "correct horse",
            "tall lamp sings",
            "xk7qm2vw",
            "ọ̀rọ̀ àṣírí mi dára",
            "a story's own password",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        assert!(check("short").is_err() && check(&"long ".repeat(60)).is_err());
        assert_eq!(check(&"four tall lamps sing ".repeat(10)), Ok(()));
    }

    #[tokio::test]
    async fn a_hash_says_its_parameters_and_fits_only_its_password() {
        let passwords = Passwords::new(1);
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(
            passwords
                .fits("correct horse".to_owned(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!passwords.fits("correct horsf".to_owned(), Some(hash)).await.unwrap());
        assert!(!passwords.fits("correct horse".to_owned(), None).await.unwrap());
    }
}
