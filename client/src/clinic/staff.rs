//! A clinic's staff. All of it is the backend's; nothing is kept on the device.

use doseline_shared::{
    api::account::{NewStaff, STAFF, STAFF_MEMBER, Staff},
    id::ClinicId,
};

use crate::{
    ask::{AddStaff, Fault, RemoveStaff},
    core::Core,
    host::Host,
    vault::Vault,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// A clinic's staff.
    pub(crate) async fn open_staff(&self, clinic: ClinicId) -> Result<Vec<Staff>, Fault> {
        self.get(&STAFF.replace("{clinic}", &clinic.to_string())).await
    }

    /// Creates a member of staff.
    pub(crate) async fn add_staff(&self, ask: AddStaff) -> Result<Vec<Staff>, Fault> {
        let body = NewStaff {
            name: ask.name.trim().to_owned(),
            email: ask.email.trim().to_owned(),
            password: ask.password.0,
            role: ask.role,
        };
        self.post::<_, Staff>(&STAFF.replace("{clinic}", &ask.clinic.to_string()), &body)
            .await?;
        self.open_staff(ask.clinic).await
    }

    /// Ends a membership.
    pub(crate) async fn remove_staff(&self, ask: RemoveStaff) -> Result<Vec<Staff>, Fault> {
        let path = STAFF_MEMBER
            .replace("{clinic}", &ask.clinic.to_string())
            .replace("{person}", &ask.person.to_string());
        self.delete(&path).await?;
        self.open_staff(ask.clinic).await
    }
}
