//! Which patients the caller sees: their own record, those they care for, those of their clinics.

use doseline_shared::{
    api::partner::{MAX_PATIENTS, PatientName, Patients},
    id::PatientId,
    record::Patient,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    app::{App, Caller, Target},
    fault::Fault,
    page,
    store::{self, Tx, access::Reader},
};

/// What is asked.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskPatients {
    /// Patients after this one; the `next` of the answer before.
    after: Option<PatientId>,
    /// At most so many.
    #[schemars(range(min = 1, max = MAX_PATIENTS))]
    limit: Option<usize>,
}

/// Who the patients are, after the one given, by their ids.
pub async fn list(app: &App, caller: Caller, target: Target, asked: AskPatients) -> Result<Patients, Fault> {
    let (now, limit) = (app.now(), page::limit(asked.limit, MAX_PATIENTS)?);
    let names = async move |tx: &mut Tx, reader: &Reader| {
        let (seen, more) = store::record::patients(tx, reader, asked.after, limit).await?;
        let name = |patient: Patient| PatientName {
            patient: patient.id,
            name: patient.name,
            birth_date: patient.birth_date,
            zone: patient.zone,
        };
        let next = seen.last().map(|last| last.id).filter(|_| more);
        Ok(Patients {
            patients: seen.into_iter().map(name).collect(),
            next,
        })
    };
    app.read_as(caller, target, now, names).await
}
