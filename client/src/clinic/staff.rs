//! A clinic's staff. All of it is the backend's; nothing is kept on the device.

use doseline_shared::{
    api::account::{AddedStaff, FIRST_PASSWORD, FirstPassword, NewStaff, STAFF, STAFF_MEMBER, Staff},
    id::{ClinicId, PersonId},
};

use crate::{
    account::backend::read,
    ask::{AddStaff, Fault, RemoveStaff, RenewFirstPassword},
    core::Core,
    host::Host,
    vault::Vault,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// A clinic's staff.
    pub(crate) async fn open_staff(&self, clinic: ClinicId) -> Result<Vec<Staff>, Fault> {
        self.get(&STAFF.replace("{clinic}", &clinic.to_string())).await
    }

    /// Creates a member of staff. The first password in the answer is shown once.
    pub(crate) async fn add_staff(&self, ask: AddStaff) -> Result<AddedStaff, Fault> {
        let body = NewStaff {
            name: ask.name.trim().to_owned(),
            email: ask.email.trim().to_owned(),
            role: ask.role,
        };
        self.post(&STAFF.replace("{clinic}", &ask.clinic.to_string()), &body)
            .await
    }

    /// Makes a new first password. It is shown once too.
    pub(crate) async fn renew_first_password(&self, ask: RenewFirstPassword) -> Result<FirstPassword, Fault> {
        let path = path(FIRST_PASSWORD, ask.clinic, ask.person);
        read(&self.send("POST", &path, None).await?)
    }

    /// Ends a membership.
    pub(crate) async fn remove_staff(&self, ask: RemoveStaff) -> Result<Vec<Staff>, Fault> {
        self.delete(&path(STAFF_MEMBER, ask.clinic, ask.person)).await?;
        self.open_staff(ask.clinic).await
    }
}

fn path(pattern: &str, clinic: ClinicId, person: PersonId) -> String {
    pattern
        .replace("{clinic}", &clinic.to_string())
        .replace("{person}", &person.to_string())
}
