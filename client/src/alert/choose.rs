//! The patient chooses how soon someone is told of missed doses.

use doseline_shared::{
    access::Action,
    api::{ErrorCode, sync::OperationBody},
    id::OperationId,
    record::{AlertRule, Record, RecordKind},
};

use crate::{
    ask::{ChooseTelling, Fault},
    cache::{Batch, Pending},
    core::Core,
    host::Host,
    people::rights::may,
    vault::Vault,
    view::PeopleView,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// Chooses how soon someone is told of one's own missed doses. The same again changes nothing.
    ///
    /// # Errors
    /// `NotFound` where nobody like that may see the record; the field at fault where the time is out of bounds.
    pub(crate) async fn choose_telling(&self, ask: ChooseTelling) -> Result<PeopleView, Fault> {
        let me = self.me()?;
        let patient = self.patient_or_own(None)?;
        self.ensure_held(patient).await?;
        let _writing = self.writing.lock().await;
        let now = self.now();
        let id = AlertRule::id_of(patient, ask.to, ask.of);
        let pending = {
            let state = self.state.borrow();
            let chart = state.replica.chart(patient).ok_or(Fault::of(ErrorCode::NotFound))?;
            if !may(&state, patient, Action::Invite, now) {
                return Err(Fault::of(ErrorCode::Forbidden));
            }
            if !chart.grants().any(|grant| grant.to == ask.to) {
                return Err(Fault::of(ErrorCode::NotFound));
            }
            let stored = state.replica.stored(patient, RecordKind::AlertRule, id.uuid());
            let version = stored.as_ref().map_or(0, Record::version);
            let rule = AlertRule {
                id,
                patient,
                version,
                to: ask.to,
                of: ask.of,
                tell: ask.tell,
            };
            rule.validate().map_err(|error| Fault::field(error.path))?;
            // A choice on top of one that still waits starts from that one.
            let waiting = chart.alert_rule(id).cloned();
            if waiting.as_ref() == Some(&rule) {
                None
            } else {
                Some(Pending {
                    id: OperationId::from_uuid(self.new_id()),
                    person: me.person,
                    body: OperationBody::PutAlertRule { base: version, rule },
                    base: waiting.map(Record::AlertRule).or(stored),
                    trouble: None,
                })
            }
        };
        if let Some(pending) = pending {
            self.commit(Batch {
                pending: vec![pending],
                ..Batch::default()
            })
            .await?;
            self.work.ring();
        }
        self.people()
    }
}
