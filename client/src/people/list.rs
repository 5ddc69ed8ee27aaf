//! Caregivers and clinics of one's own record, and those one cares for.

use doseline_shared::{
    api::{ErrorCode, invitation::GRANT},
    id::GrantId,
    order,
    record::{Grantee, RecordKind},
};

use crate::{
    alert::telling,
    ask::{EndGrant, Fault},
    cache::Batch,
    core::Core,
    host::Host,
    regimen::list::name_of,
    vault::Vault,
    view::{CaredFor, PeopleView},
};

impl<H: Host, V: Vault> Core<H, V> {
    /// Caregivers and clinics of one's own record, and those one cares for.
    pub(crate) async fn open_people(&self) -> Result<PeopleView, Fault> {
        let me = self.me()?;
        if let Some(patient) = me.patient {
            self.ensure_held(patient).await?;
        } else {
            self.ensure_feed().await?;
        }
        self.people()
    }

    pub(crate) fn people(&self) -> Result<PeopleView, Fault> {
        let me = self.me()?;
        let now = self.host.now();
        let state = self.state.borrow();
        let own = me.patient.and_then(|patient| state.replica.chart(patient));
        let mut grants: Vec<_> = own.into_iter().flat_map(|chart| chart.grants().cloned()).collect();
        order::by_key(&mut grants, |grant| (!grant.holds(now), std::cmp::Reverse(grant.from)));
        let telling = own.map(|chart| telling(chart, now)).unwrap_or_default();
        let mut cares_for: Vec<_> = state
            .replica
            .charts()
            .flat_map(|(patient, chart)| chart.grants().map(move |grant| (patient, grant)))
            .filter(|(_, grant)| grant.holds(now) && grant.to == Grantee::Caregiver { person: me.person })
            .map(|(patient, grant)| CaredFor {
                grant: grant.id,
                patient,
                name: name_of(&state, patient),
                scope: grant.scope,
                until: grant.until,
            })
            .collect();
        order::by(&mut cares_for, |one, other| one.name.cmp(&other.name));
        Ok(PeopleView {
            patient: me.patient,
            grants,
            telling,
            cares_for,
            network: self.network(),
        })
    }

    /// Ends a grant at once. Only the backend can; the device then removes what is no longer for it.
    pub(crate) async fn end_grant(&self, ask: EndGrant) -> Result<PeopleView, Fault> {
        self.me()?;
        self.delete(&GRANT.replace("{grant}", &ask.grant.to_string())).await?;
        if let Err(fault) = self.sync_once().await {
            tracing::info!(sync.fault = fault.code.name(), "no sync after the end of a grant");
            self.forget_grant(ask.grant).await?;
        }
        self.people()
    }

    /// The backend has ended it, and its own word on that has not arrived yet.
    async fn forget_grant(&self, grant: GrantId) -> Result<(), Fault> {
        let _writing = self.writing.lock().await;
        let me = self.me()?;
        let batch = {
            let state = self.state.borrow();
            let held = state
                .replica
                .charts()
                .flat_map(|(patient, chart)| chart.grants().map(move |grant| (patient, grant)))
                .find(|(_, held)| held.id == grant);
            let Some((patient, held)) = held else {
                return Err(Fault::of(ErrorCode::NotFound));
            };
            let for_me = held.to == Grantee::Caregiver { person: me.person };
            Batch {
                remove: vec![(RecordKind::Grant, grant.uuid())],
                remove_patients: if for_me { vec![patient] } else { Vec::new() },
                ..Batch::default()
            }
        };
        self.commit(batch).await
    }
}
