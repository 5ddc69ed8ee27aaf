//! The second factor of one's account: setting it up, its recovery codes, and a clinic that asks for it. All of it is the
//! backend's; nothing is kept on the device but whether one has to be set up first.

use doseline_shared::{
    api::second_factor::{
        CONFIRM, Confirm, Enrolment, FirstCode, RECOVERY_CODES, REMOVE, REQUIREMENT, RecoveryCodes, Removal,
        Requirement, SECOND_FACTOR, SecondFactor,
    },
    id::ClinicId,
};

use super::backend::written;
use crate::{
    ask::{AskForSecondFactor, BeginSecondFactor, ConfirmSecondFactor, Fault, NewRecoveryCodes, RemoveSecondFactor},
    core::Core,
    host::Host,
    people::invitation::qr,
    vault::Vault,
    view::EnrolmentView,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// Whether there is one.
    pub(crate) async fn open_second_factor(&self) -> Result<SecondFactor, Fault> {
        self.get(SECOND_FACTOR).await
    }

    /// Begins: what the authenticator app is to know.
    pub(crate) async fn begin_second_factor(&self, ask: BeginSecondFactor) -> Result<EnrolmentView, Fault> {
        let body = Confirm {
            password: ask.password.0,
            code: None,
        };
        let enrolment: Enrolment = self.post(SECOND_FACTOR, &body).await?;
        let (qr_path, qr_size) = qr(&enrolment.uri)?;
        Ok(EnrolmentView {
            key: in_fours(&enrolment.key),
            qr_path,
            qr_size,
        })
    }

    /// Finishes with the app's first code. What was closed until then is fetched.
    pub(crate) async fn confirm_second_factor(&self, ask: ConfirmSecondFactor) -> Result<RecoveryCodes, Fault> {
        let body = FirstCode {
            code: ask.code.0,
            end_others: ask.end_others,
        };
        let codes = self.post(CONFIRM, &body).await?;
        self.note_second_factor_missing(false).await?;
        self.work.ring();
        self.listen.ring();
        Ok(codes)
    }

    /// New recovery codes in place of the old ones.
    pub(crate) async fn new_recovery_codes(&self, ask: NewRecoveryCodes) -> Result<RecoveryCodes, Fault> {
        let body = Confirm {
            password: ask.password.0,
            code: Some(ask.code.0),
        };
        self.post(RECOVERY_CODES, &body).await
    }

    /// Takes it away.
    pub(crate) async fn remove_second_factor(&self, ask: RemoveSecondFactor) -> Result<SecondFactor, Fault> {
        let body = Removal {
            password: ask.password.0,
            code: Some(ask.code.0),
            end_others: ask.end_others,
        };
        self.send("POST", REMOVE, Some(written(&body)?)).await?;
        let state = self.open_second_factor().await?;
        self.note_second_factor_missing(state.required).await?;
        Ok(state)
    }

    /// Whom a clinic asks for one.
    pub(crate) async fn open_requirement(&self, clinic: ClinicId) -> Result<Requirement, Fault> {
        self.get(&REQUIREMENT.replace("{clinic}", &clinic.to_string())).await
    }

    /// Asks the holders of these roles, and no others.
    pub(crate) async fn ask_for_second_factor(&self, ask: AskForSecondFactor) -> Result<Requirement, Fault> {
        let path = REQUIREMENT.replace("{clinic}", &ask.clinic.to_string());
        let answer = self
            .send("PUT", &path, Some(written(&Requirement { roles: ask.roles })?))
            .await?;
        super::backend::read(&answer)
    }

    /// Remembers whether one has to be set up before anything else is open.
    pub(crate) async fn note_second_factor_missing(&self, is_missing: bool) -> Result<(), Fault> {
        self.note_of_me(|me| me.second_factor_missing = is_missing).await
    }
}

/// A key as it is easier to type.
fn in_fours(key: &str) -> String {
    let signs: Vec<char> = key.chars().collect();
    let groups: Vec<String> = signs.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_in_groups_of_four() {
        assert_eq!(in_fours("ABCDEFGHJK"), "ABCD EFGH JK");
    }
}
