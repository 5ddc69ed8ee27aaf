//! The patient chooses how soon someone is told of missed doses.

use doseline_shared::{
    access::Action,
    api::{ErrorCode, sync::OperationBody},
    record::{AlertFor, AlertRule, Record, RecordKind},
};

use crate::{
    ask::{ChooseTelling, Fault},
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
    /// `NotFound` where nobody like that may see the record, or it has no such medicine; the field at fault where the time is out of bounds.
    pub(crate) async fn choose_telling(&self, ask: ChooseTelling) -> Result<PeopleView, Fault> {
        self.me()?;
        let patient = self.patient_or_own(None)?;
        self.ensure_held(patient).await?;
        let _writing = self.writing.lock().await;
        let now = self.now();
        let id = AlertRule::id_of(patient, ask.to, ask.of);
        let choice = {
            let state = self.state.borrow();
            let chart = state.replica.chart(patient).ok_or(Fault::of(ErrorCode::NotFound))?;
            if !may(&state, patient, Action::Invite, now) {
                return Err(Fault::of(ErrorCode::Forbidden));
            }
            if !chart.grants().any(|grant| grant.to == ask.to) {
                return Err(Fault::of(ErrorCode::NotFound));
            }
            if let AlertFor::Medication { medication } = ask.of
                && chart.medication(medication).is_none()
            {
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
                let edit = OperationBody::PutAlertRule { base: version, rule };
                Some((edit, waiting.map(Record::AlertRule).or(stored)))
            }
        };
        if let Some(choice) = choice {
            self.enqueue([choice]).await?;
        }
        self.people()
    }
}
