//! The second factor: codes of an authenticator app (RFC 6238), and recovery codes for when it is lost.
//!
//! A code of the app serves once, and so do all older ones; a recovery code serves once. The app's key lies encrypted in
//! the store, and recovery codes are kept as HMACs, both under keys that are derived from the key file: a copy of the
//! database opens neither.

use chrono::{DateTime, Utc};
use doseline_shared::{
    api::{
        invitation::CODE_ALPHABET,
        second_factor::{Confirm, Enrolment, FirstCode, RECOVERY_CODE_COUNT, RecoveryCodes, Removal, SecondFactor},
    },
    id::PersonId,
};
use ring::hmac;
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use super::{
    attempt::{self, Limit},
    email, first_password,
};
use crate::{
    app::{App, Caller},
    fault::Fault,
    lock::Lock,
    random,
    store::{self, Store, Tx, audit::Act, person::Person},
};

/// What the authenticator app shows beside the account.
const ISSUER: &str = "Doseline";

/// Bytes of a key, as RFC 4226 recommends.
const KEY_LENGTH: usize = 20;

/// Characters of a recovery code: about 49 bits.
const RECOVERY_LENGTH: usize = 10;

const ONE_ALREADY: Fault = Fault::Conflict {
    path: None,
    problem: "there is a second factor already: remove it first",
};

const NONE: Fault = Fault::Conflict {
    path: None,
    problem: "there is no second factor",
};

/// Encrypts the keys of apps, checks their codes, and says what is kept of recovery codes.
pub struct Authenticators {
    apps: Lock,
    recovery: hmac::Key,
}

impl Authenticators {
    /// With these keys: for those of apps, and for recovery codes.
    pub fn new(apps: &[u8; 32], recovery: &[u8; 32]) -> Self {
        Self {
            apps: Lock::new(apps, "second factors"),
            recovery: hmac::Key::new(hmac::HMAC_SHA256, recovery),
        }
    }

    /// What is kept of a recovery code. Case, spaces and hyphens do not matter.
    fn kept_of(&self, person: PersonId, code: &str) -> String {
        random::hex(hmac::sign(&self.recovery, digest_of(person, code).as_bytes()).as_ref())
    }

    fn kept_of_all(&self, person: PersonId, codes: &[String]) -> Vec<String> {
        codes.iter().map(|code| self.kept_of(person, code)).collect()
    }

    /// The key as it is kept, bound to its person.
    fn locked(&self, person: PersonId, key: &[u8]) -> Result<String, Fault> {
        self.apps.locked(person.uuid(), key)
    }

    /// What checks the codes of a key that is kept.
    fn open(&self, person: PersonId, kept: &str) -> Result<Totp, Fault> {
        totp(&self.apps.open(person.uuid(), kept)?, "")
    }
}

fn totp(key: &[u8], account: &str) -> Result<Totp, Fault> {
    Builder::new()
        .with_secret(Secret::new(key.into()))
        .with_issuer(Some(ISSUER))
        // The label of the address is issuer and account with a colon between them.
        .with_account_name(account.replace(':', ""))
        .build()
        .map_err(|_| Fault::Internal)
}

/// Whether the caller has a second factor, and whether a clinic asks for one.
pub async fn state(app: &App, caller: Caller) -> Result<SecondFactor, Fault> {
    app.store
        .read(async move |tx: &mut Tx| {
            let found = store::second_factor::of_person(tx, caller.person).await?;
            let left = store::second_factor::codes_left(tx, caller.person).await?;
            Ok(SecondFactor {
                since: found.and_then(|found| found.since),
                recovery_codes_left: u32::try_from(left).unwrap_or(u32::MAX),
                required: store::second_factor::is_asked(tx, caller.person).await?,
            })
        })
        .await
}

/// Begins: a key for the app. Sign-ins need it only once its first code has come back.
pub async fn begin(app: &App, caller: Caller, request: Confirm) -> Result<Enrolment, Fault> {
    let person = with_password(app, caller, request.password).await?;
    let key: Zeroizing<[u8; KEY_LENGTH]> = Zeroizing::new(random::bytes());
    let totp = totp(key.as_slice(), &person.email)?;
    let uri = totp.to_url().map_err(|_| Fault::Internal)?;
    let locked = app.authenticators.locked(person.id, key.as_slice())?;
    let now = app.now();
    app.store
        .write(async move |tx: &mut Tx| {
            if store::second_factor::begin(tx, person.id, &locked, now).await? {
                Ok(())
            } else {
                Err(ONE_ALREADY)
            }
        })
        .await?;
    Ok(Enrolment {
        key: totp.secret().to_base32(),
        uri,
    })
}

/// Finishes with the app's first code: from now on sign-ins need one. Gives the recovery codes, and ends the caller's other
/// sessions where they ask for it.
pub async fn confirm(app: &App, caller: Caller, request: FirstCode) -> Result<RecoveryCodes, Fault> {
    let limits = vec![Limit::own_account(app, caller.person)];
    attempt::take(app, limits.clone()).await?;
    let (now, codes, within) = (app.now(), fresh_codes(), app.clone());
    let kept = app.authenticators.kept_of_all(caller.person, &codes);
    app.store
        .write(async move |tx: &mut Tx| {
            let person = caller.person;
            let begun = store::second_factor::of_person(tx, person).await?;
            let begun = begun.ok_or(Fault::Conflict {
                path: None,
                problem: "begin first: ask for a key",
            })?;
            if begun.since.is_some() {
                return Err(ONE_ALREADY);
            }
            let totp = within.authenticators.open(person, &begun.key)?;
            let wrong = Fault::SecondFactorWrong { account: person };
            let step = step_of(&totp, &request.code, now).ok_or_else(|| wrong.clone())?;
            let is_new = store::second_factor::use_step(tx, person, step).await?;
            if !is_new || !store::second_factor::finish(tx, person, now).await? {
                return Err(wrong);
            }
            store::second_factor::keep_codes(tx, person, &kept).await?;
            if request.end_others {
                store::session::end_others(tx, person, caller.session, now).await?;
            }
            Ok(store::audit::acted(tx, caller.acting_on_own("second_factor_set_up", now)).await?)
        })
        .await?;
    attempt::forgive(app, limits).await?;
    app.tell(caller.person);
    Ok(RecoveryCodes { codes })
}

/// New recovery codes in place of the old ones.
pub async fn recovery_codes(app: &App, caller: Caller, request: Confirm) -> Result<RecoveryCodes, Fault> {
    let codes = fresh_codes();
    let kept = app.authenticators.kept_of_all(caller.person, &codes);
    let act = caller.acting_on_own("recovery_codes_renewed", app.now());
    confirmed(app, caller, request, async move |tx: &mut Tx| {
        store::second_factor::keep_codes(tx, caller.person, &kept).await?;
        Ok(store::audit::acted(tx, act.clone()).await?)
    })
    .await?;
    Ok(RecoveryCodes { codes })
}

/// Sign-ins need it no longer. Where a clinic asks for one, another has to be set up then. Ends the caller's other sessions
/// where they ask for it.
pub async fn remove(app: &App, caller: Caller, request: Removal) -> Result<(), Fault> {
    let (now, end_others) = (app.now(), request.end_others);
    let act = caller.acting_on_own("second_factor_removed", now);
    let confirm = Confirm {
        password: request.password,
        code: request.code,
    };
    confirmed(app, caller, confirm, async move |tx: &mut Tx| {
        store::second_factor::remove(tx, caller.person).await?;
        if end_others {
            store::session::end_others(tx, caller.person, caller.session, now).await?;
        }
        Ok(store::audit::acted(tx, act.clone()).await?)
    })
    .await?;
    app.tell(caller.person);
    Ok(())
}

/// Takes the second factor off an account, and ends its sessions: an operator's act.
///
/// # Errors
/// [`Fault::NotFound`] where no account has this e-mail; [`Fault::Conflict`] where it has no second factor.
pub async fn reset(store: &Store, email: &str, now: DateTime<Utc>) -> Result<(), Fault> {
    let email = email::normal("email", email)?;
    store
        .write(async move |tx: &mut Tx| {
            let person = store::person::by_email(tx, &email).await?.ok_or(Fault::NotFound)?.id;
            if store::second_factor::of_person(tx, person).await?.is_none() {
                return Err(NONE);
            }
            store::second_factor::remove(tx, person).await?;
            store::session::end_person(tx, person, now).await?;
            let act = Act::of_operator(person.uuid(), "second_factor_reset", String::new(), now);
            Ok(store::audit::acted(tx, act).await?)
        })
        .await
}

/// Does something dangerous in the transaction that uses the code up, after password and code.
async fn confirmed<F>(app: &App, caller: Caller, request: Confirm, act: F) -> Result<(), Fault>
where
    F: AsyncFn(&mut Tx) -> Result<(), Fault> + Send + Sync + 'static,
{
    let limits = vec![Limit::own_account(app, caller.person)];
    with_password(app, caller, request.password).await?;
    let (now, within, code) = (app.now(), app.clone(), request.code);
    app.store
        .write(async move |tx: &mut Tx| {
            if store::second_factor::of_person(tx, caller.person)
                .await?
                .is_none_or(|found| found.since.is_none())
            {
                return Err(NONE);
            }
            check(tx, &within, caller.person, code.as_deref(), now).await?;
            act(tx).await
        })
        .await?;
    attempt::forgive(app, limits).await
}

/// The caller, where the password is theirs and serves. Attempts are limited: whoever has found a device signed in is not to guess.
pub(crate) async fn with_password(app: &App, caller: Caller, password: String) -> Result<Person, Fault> {
    attempt::take(app, vec![Limit::own_account(app, caller.person)]).await?;
    let person = app
        .store
        .read(async move |tx: &mut Tx| Ok::<_, Fault>(store::person::by_id(tx, caller.person).await?))
        .await?
        .ok_or(Fault::SignedOut)?;
    match app.passwords.fits(password, Some(person.password_hash.clone())).await? {
        true => first_password::serves(&person, app.now()).map(|()| person),
        false => Err(Fault::WrongCredentials { account: None }),
    }
}

/// Lets a person through who has no second factor, or who sends a code of it, which is then used up.
pub(super) async fn check(
    tx: &mut Tx,
    app: &App,
    person: PersonId,
    code: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let found = store::second_factor::of_person(tx, person).await?;
    let Some(found) = found.filter(|found| found.since.is_some()) else {
        return Ok(());
    };
    let code = code.ok_or(Fault::SecondFactorNeeded)?;
    let totp = app.authenticators.open(person, &found.key)?;
    let is_used_up = match step_of(&totp, code, now) {
        Some(step) => store::second_factor::use_step(tx, person, step).await?,
        None => {
            let kept = app.authenticators.kept_of(person, code);
            store::second_factor::use_code(tx, person, &kept, now).await?
                // One that was made before HMACs were kept.
                || store::second_factor::use_code(tx, person, &digest_of(person, code), now).await?
        }
    };
    if is_used_up {
        Ok(())
    } else {
        Err(Fault::SecondFactorWrong { account: person })
    }
}

/// The step of 30 seconds that a code of the app is of: this one, the one before or the next. Spaces do not matter.
fn step_of(totp: &Totp, code: &str, now: DateTime<Utc>) -> Option<u64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let is_code = digits.len() == usize::from(totp.digits()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_code {
        return None;
    }
    totp.check(&digits, u64::try_from(now.timestamp()).unwrap_or(0))
}

fn fresh_codes() -> Vec<String> {
    let code = || {
        let half = || random::text(CODE_ALPHABET, RECOVERY_LENGTH / 2);
        format!("{}-{}", half(), half())
    };
    (0..RECOVERY_CODE_COUNT).map(|_| code()).collect()
}

fn digest_of(person: PersonId, code: &str) -> String {
    random::digest(&[
        b"recovery code",
        person.uuid().as_bytes(),
        random::bare(code).as_bytes(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_for_its_person_only_and_with_its_key_only() {
        let (ours, others) = (
            Authenticators::new(&[1; 32], &[3; 32]),
            Authenticators::new(&[2; 32], &[4; 32]),
        );
        let now = DateTime::from_timestamp(1_772_000_000, 0).unwrap();
        let (ada, chidi) = (random::id(now, PersonId::new), random::id(now, PersonId::new));
        let kept = ours.locked(ada, &[7; KEY_LENGTH]).unwrap();
        assert_eq!(ours.open(ada, &kept).unwrap().secret().as_bytes(), [7; KEY_LENGTH]);
        assert!(ours.open(chidi, &kept).is_err() && others.open(ada, &kept).is_err());
        assert_ne!(kept, ours.locked(ada, &[7; KEY_LENGTH]).unwrap());
    }

    #[test]
    fn codes_are_those_of_rfc_6238_one_step_early_and_late_too() {
        // RFC 6238, appendix B, of which authenticator apps show the last six digits.
        let totp = totp(b"12345678901234567890", "ada").unwrap();
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            let step = u64::try_from(seconds).unwrap() / 30;
            assert_eq!(step_of(&totp, code, at(seconds)), Some(step));
            assert_eq!(step_of(&totp, code, at(seconds + 30)), Some(step));
            assert_eq!(step_of(&totp, code, at(seconds - 30)), Some(step));
            assert_eq!(step_of(&totp, code, at(seconds + 61)), None);
        }
        assert_eq!(step_of(&totp, "287 082", at(59)), Some(1));
        assert_eq!(step_of(&totp, "28708", at(59)), None);
        assert_eq!(step_of(&totp, "٢٨٧٠٨٢", at(59)), None);
    }

    #[test]
    fn a_recovery_code_survives_being_typed_and_is_its_persons_only() {
        let now = DateTime::from_timestamp(1_772_000_000, 0).unwrap();
        let (ada, chidi) = (random::id(now, PersonId::new), random::id(now, PersonId::new));
        let codes = fresh_codes();
        assert_eq!(codes.len(), RECOVERY_CODE_COUNT);
        let typed = format!(" {} ", codes[0].to_lowercase().replace('-', " "));
        let (ours, others) = (
            Authenticators::new(&[1; 32], &[3; 32]),
            Authenticators::new(&[1; 32], &[4; 32]),
        );
        let kept = ours.kept_of(ada, &codes[0]);
        assert_eq!(ours.kept_of(ada, &typed), kept);
        assert!(ours.kept_of(chidi, &codes[0]) != kept && others.kept_of(ada, &codes[0]) != kept);
        assert_ne!(codes[0], codes[1]);
    }
}
