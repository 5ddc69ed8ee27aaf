//! Pull: changes after a cursor, within what the caller may see now.

use std::collections::HashSet;

use doseline_shared::{
    access::Action,
    api::sync::{HINTS, MAX_CHANGES, PatientScope, Pulled},
    id::PatientId,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    access,
    app::{App, Caller, Target},
    fault::Fault,
    page, random,
    store::{
        self, Tx,
        access::Reader,
        change::{Cursor, Pull},
    },
};

/// What a device asks of the caller's whole feed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskChanges {
    /// Changes after this cursor; with none, the feed's present end.
    after: Option<String>,
    /// At most so many.
    #[schemars(range(min = 1, max = MAX_CHANGES))]
    limit: Option<usize>,
    /// The tag of the scope that the device knows.
    scope: Option<String>,
}

/// What a device asks of one patient's feed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskPatientChanges {
    /// Changes after this cursor; with none, from the beginning.
    after: Option<String>,
    /// At most so many.
    #[schemars(range(min = 1, max = MAX_CHANGES))]
    limit: Option<usize>,
}

/// The caller's feed after a cursor; with none, its present end.
pub async fn changes(app: &App, caller: Caller, target: Target, asked: AskChanges) -> Result<Pulled, Fault> {
    let (now, limit) = (app.now(), page::limit(asked.limit, MAX_CHANGES)?);
    let after = asked.after.as_deref().map(cursor).transpose()?;
    let pull = async move |tx: &mut Tx, reader: &Reader| {
        let scope = scope(tx, reader).await?;
        let scope = (asked.scope.as_deref() != Some(scope.tag.as_str())).then_some(scope);
        let pulled = match &after {
            None => Pulled {
                changes: Vec::new(),
                cursor: store::change::end(tx, reader).await?.to_string(),
                more: false,
                scope: None,
            },
            Some(after) => pulled(store::change::after(tx, reader, after, limit).await?)?,
        };
        Ok(Pulled { scope, ..pulled })
    };
    app.read_as(caller, target, now, pull).await
}

/// One patient's feed after a cursor; with none, from its beginning.
pub async fn patient_changes(
    app: &App,
    caller: Caller,
    target: Target,
    patient: PatientId,
    asked: AskPatientChanges,
) -> Result<Pulled, Fault> {
    let (now, limit) = (app.now(), page::limit(asked.limit, MAX_CHANGES)?);
    let after = asked.after.as_deref().map(cursor).transpose()?;
    let pull = async move |tx: &mut Tx, reader: &Reader| {
        let actor = access::actor(tx, caller.person).await?;
        access::allow(tx, &actor, Action::SeePatient, patient, now).await?;
        pulled(store::change::of_patient(tx, reader, patient, after.as_ref(), limit).await?)
    };
    app.read_as(caller, target, now, pull).await
}

/// The patients that the reader sees, the lists of interactions that stand for them, and what stands for all of it.
async fn scope(tx: &mut Tx, reader: &Reader) -> Result<PatientScope, Fault> {
    let (seen, lists) = store::access::scope(tx, reader).await?;
    let patients: Vec<PatientId> = seen.into_iter().map(|seen| seen.patient).collect();
    let ids: Vec<u8> = patients
        .iter()
        .flat_map(|patient| patient.uuid().into_bytes())
        .collect();
    let revisions: Vec<u8> = lists
        .iter()
        .flat_map(|list| [list.clinic.uuid().as_bytes(), list.revision.as_bytes()].concat())
        .collect();
    let digest = random::digest(&[b"scope", &ids, &revisions]);
    Ok(PatientScope {
        tag: digest.chars().take(32).collect(),
        patients,
        lists,
    })
}

/// The patients that the caller sees now, for the filter of hints.
pub(super) async fn visible(app: &App, caller: Caller) -> Result<HashSet<PatientId>, Fault> {
    let seen = async |tx: &mut Tx, reader: &Reader| {
        let seen = store::access::patients(tx, reader).await?;
        Ok(seen.into_iter().map(|seen| seen.patient).collect())
    };
    let target = Target(format!("GET {HINTS}"));
    app.read_as(caller, target, app.now(), seen).await
}

fn pulled(pull: Pull) -> Result<Pulled, Fault> {
    match pull {
        Pull::Page(page) => Ok(Pulled {
            changes: page.changes,
            cursor: page.cursor.to_string(),
            more: page.more,
            scope: None,
        }),
        Pull::StartAfresh(_) => Err(Fault::Conflict {
            path: Some("after"),
            problem: "this cursor is void: pull every patient from the beginning",
        }),
    }
}

fn cursor(text: &str) -> Result<Cursor, Fault> {
    text.parse()
        .map_err(|_| Fault::field("after", "must be a cursor that a pull has given"))
}
