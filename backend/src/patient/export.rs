//! A copy of everything that is kept about a patient. For the patient alone; that it was taken stands in the audit.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use doseline_shared::{
    access::Action,
    api::export::{Export, FORMAT, Looked, Written},
    id::{ClinicId, PatientId, PersonId},
};

use crate::{
    access,
    app::{App, Caller, Target},
    fault::Fault,
    store::{
        self, StoreError, Tx,
        access::{Reader, Scope, System},
        audit, change,
    },
};

/// Pieces are read by the system once the patient was let through: by then whose they are is decided.
const SYSTEM: System = System::new("a copy for the patient themselves");

/// Everything that is kept about the patient.
pub async fn export(app: &App, caller: Caller, target: Target, patient: PatientId) -> Result<Export, Fault> {
    let now = app.now();
    let copy = async move |tx: &mut Tx, reader: &Reader| {
        let actor = access::actor(tx, caller.person).await?;
        access::allow(tx, &actor, Action::Export, patient, now).await?;
        reader.opened(tx, patient);
        let (history, audit) = (history(tx, patient).await?, looked(tx, patient).await?);
        let people: BTreeSet<PersonId> = history
            .iter()
            .filter_map(|written| written.by)
            .chain(audit.iter().filter_map(|looked| looked.by))
            .collect();
        let clinics: BTreeSet<ClinicId> = audit.iter().filter_map(|looked| looked.clinic).collect();
        Ok(Export {
            format: FORMAT.to_owned(),
            patient,
            made_at: now,
            people: people_of(tx, people).await?,
            clinics: clinics_of(tx, clinics).await?,
            history,
            audit,
        })
    };
    app.read_as(caller, target, now, copy).await
}

async fn history(tx: &mut Tx, patient: PatientId) -> Result<Vec<Written>, Fault> {
    let mut history = Vec::new();
    let mut standing = HashMap::new();
    let mut after = 0;
    loop {
        let links = change::links(tx, &SYSTEM, patient, after).await?;
        let Some(last) = links.last() else { break };
        after = last.link;
        for link in links {
            standing.insert((link.kind.clone(), link.record), link.link);
            history.push(Written {
                link: link.link,
                at: link.at,
                by: link.actor,
                device: link.device,
                why: link.why,
                record: serde_json::from_str(&link.body).map_err(|_| StoreError::Damaged("a body cannot be read"))?,
                kind: link.kind,
                id: link.record,
                version: link.version,
                stands: false,
            });
        }
    }
    for written in &mut history {
        written.stands = standing.get(&(written.kind.clone(), written.id)) == Some(&written.link);
    }
    Ok(history)
}

/// Who has looked. From which address is theirs, and left out.
async fn looked(tx: &mut Tx, patient: PatientId) -> Result<Vec<Looked>, Fault> {
    let mut looked = Vec::new();
    let mut after = 0;
    loop {
        let events = audit::events(tx, &SYSTEM, patient.uuid(), after).await?;
        let Some(last) = events.last() else { break };
        after = last.link;
        looked.extend(events.into_iter().map(|event| Looked {
            link: event.link,
            at: event.at,
            by: event.actor,
            asked: event.asked,
            outcome: event.outcome,
            why: event.why,
            clinic: event.clinic,
        }));
    }
    Ok(looked)
}

async fn people_of(tx: &mut Tx, people: BTreeSet<PersonId>) -> Result<BTreeMap<String, String>, Fault> {
    let mut names = BTreeMap::new();
    for id in people {
        if let Some(person) = store::person::by_id(tx, id).await? {
            names.insert(id.to_string(), person.name);
        }
    }
    Ok(names)
}

async fn clinics_of(tx: &mut Tx, clinics: BTreeSet<ClinicId>) -> Result<BTreeMap<String, String>, Fault> {
    let mut names = BTreeMap::new();
    for id in clinics {
        if let Some(clinic) = store::clinic::by_id(tx, id).await? {
            names.insert(id.to_string(), clinic.name);
        }
    }
    Ok(names)
}
