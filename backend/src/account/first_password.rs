//! First passwords: made here by chance, handed over in person by whoever asked for one, and good for nothing but choosing
//! one of one's own, for a few days. Nobody chooses one for somebody else.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use doseline_shared::{
    api::{account::FirstPassword, invitation::CODE_ALPHABET},
    id::{ClinicId, PersonId},
};

use super::password::Passwords;
use crate::{
    config::Limits,
    fault::Fault,
    random,
    store::{
        self, Tx,
        person::{First, Person},
    },
};

/// Groups of a first password, and the characters of each: about 73 bits.
const GROUPS: usize = 3;
const IN_EACH: usize = 5;

/// One that was made: as it is handed over, and as it is kept.
#[derive(Clone)]
pub struct Made {
    /// To be handed over.
    pub first: FirstPassword,
    /// Its hash.
    pub hash: String,
}

impl Made {
    /// What is kept beside the hash, of an account that nobody has had a password of their own for.
    pub const fn by(&self, clinic: ClinicId) -> First {
        First {
            until: self.first.until,
            clinic: Some(clinic),
        }
    }
}

/// Makes one.
pub async fn make(passwords: &Passwords, limits: &Limits, now: DateTime<Utc>) -> Result<Made, Fault> {
    let password = fresh();
    let hash = passwords.hash(password.clone()).await?;
    let until = (now + TimeDelta::days(limits.first_password_days.into())).trunc_subsecs(0);
    let first = FirstPassword { password, until };
    Ok(Made { first, hash })
}

/// Lets through whoever has a password of their own, or a first one whose time is not over.
pub fn serves(person: &Person, now: DateTime<Utc>) -> Result<(), Fault> {
    match person.first {
        Some(first) if first.until <= now => Err(Fault::FirstPasswordEnded { account: person.id }),
        Some(_) | None => Ok(()),
    }
}

/// Puts it in place of the one before, and ends the sessions that began with that: where the clinic made the account and its
/// person has not chosen a password of their own. False where they have: then it is nobody's but theirs.
pub async fn hand_over_by(
    tx: &mut Tx,
    clinic: ClinicId,
    person: PersonId,
    made: &Made,
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    if !store::person::hand_over_by(tx, person, &made.hash, made.first.until, clinic).await? {
        return Ok(false);
    }
    store::session::end_person(tx, person, now).await?;
    Ok(true)
}

/// In small letters, which a phone's keyboard begins with where a password is asked for.
fn fresh() -> String {
    let groups: Vec<String> = (0..GROUPS).map(|_| random::text(CODE_ALPHABET, IN_EACH)).collect();
    groups.join("-").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::password;

    #[test]
    fn a_first_password_can_be_read_out_and_is_no_easy_one() {
        let one = fresh();
        assert_eq!(one.split('-').map(str::len).collect::<Vec<_>>(), [5, 5, 5]);
        assert!(
            !one.contains(|sign: char| "01ilou".contains(sign) || sign.is_uppercase()),
            "{one}"
        );
        assert_ne!(one, fresh());
        assert_eq!(
            password::check("password", &one, "Ngozi Bello", "ngozi@clinic.example"),
            Ok(())
        );
        let bits = (CODE_ALPHABET.len() as f64).log2() * (GROUPS * IN_EACH) as f64;
        assert!(bits > 60.0, "{bits}");
    }
}
