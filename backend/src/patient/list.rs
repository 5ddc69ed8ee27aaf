//! Which patients the caller sees: their own record, those they care for, those of their clinics.

use doseline_shared::{
    access::Action,
    api::partner::{MAX_PATIENTS, PatientName, Patients},
    id::PatientId,
    record::{Record, RecordKind},
};
use serde::Deserialize;

use crate::{
    access,
    app::{App, Caller, Target},
    fault::Fault,
    store::{self, Tx, access::Reader},
};

/// What is asked.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskPatients {
    after: Option<PatientId>,
    limit: Option<usize>,
}

/// Who the patients are, after the one given, by their ids.
pub async fn list(app: &App, caller: Caller, target: Target, asked: AskPatients) -> Result<Patients, Fault> {
    let (now, limit) = (app.now(), asked.limit.unwrap_or(MAX_PATIENTS));
    if !(1..=MAX_PATIENTS).contains(&limit) {
        return Err(Fault::field("limit", format!("must be from 1 to {MAX_PATIENTS}")));
    }
    let names = async move |tx: &mut Tx, reader: &Reader| {
        let actor = access::actor(tx, caller.person).await?;
        let seen = store::access::patients(tx, reader).await?;
        let mut after = seen
            .into_iter()
            .map(|seen| seen.patient)
            .filter(|patient| asked.after.is_none_or(|after| *patient > after));
        let mut patients = Vec::new();
        for patient in after.by_ref().take(limit) {
            access::allow(tx, &actor, Action::SeePatient, patient, now).await?;
            let record = store::record::get(tx, reader, RecordKind::Patient, patient.uuid()).await?;
            if let Some(Record::Patient(record)) = record {
                patients.push(PatientName {
                    patient,
                    name: record.name,
                    birth_date: record.birth_date,
                    zone: record.zone,
                });
            }
        }
        let more = after.next().is_some();
        let next = patients.last().map(|last| last.patient).filter(|_| more);
        Ok(Patients { patients, next })
    };
    app.read_as(caller, target, now, names).await
}
