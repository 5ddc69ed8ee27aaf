//! Ending a person's place in a clinic, at once. A clinic keeps at least one administrator.

use doseline_shared::{
    access::{Action, StaffRole},
    id::{ClinicId, PersonId},
};

use crate::{
    access,
    app::{App, Caller},
    fault::Fault,
    store::{self, Tx},
};

/// Removes a member of staff. For the clinic's administrators.
pub async fn remove_staff(app: &App, caller: Caller, clinic: ClinicId, person: PersonId) -> Result<(), Fault> {
    let now = app.now();
    app.store
        .write(async move |tx: &mut Tx| {
            let actor = access::actor(tx, caller.person).await?;
            let why = access::allow_in_clinic(&actor, Action::ManageStaff(clinic), clinic, now)?;
            let staff = store::clinic::staff(tx, clinic).await?;
            let member = staff
                .iter()
                .find(|member| member.person == person)
                .ok_or(Fault::NotFound)?;
            let administrators = staff.iter().filter(|member| member.role == StaffRole::Administrator);
            if member.role == StaffRole::Administrator && administrators.count() == 1 {
                return Err(Fault::Conflict {
                    path: None,
                    problem: "a clinic keeps at least one administrator: add another first",
                });
            }
            store::clinic::remove_staff(tx, clinic, person, now).await?;
            let act = caller.acting(clinic.uuid(), "staff_removed", person.to_string(), why, now);
            store::audit::acted(tx, act).await?;
            Ok(())
        })
        .await?;
    app.tell(person);
    Ok(())
}
