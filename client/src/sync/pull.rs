//! Fetching: the whole feed from a cursor on, and each patient that the device does not hold yet from the beginning.
//!
//! The feed's end is noted before any patient is fetched, so nothing falls between the two. A cursor is written in the
//! same batch as the changes before it.

use std::collections::HashSet;

use doseline_shared::{
    api::{
        ErrorCode,
        sync::{CHANGES, MAX_CHANGES, PATIENT_CHANGES, PatientScope},
    },
    id::PatientId,
    order,
    record::Record,
};
use futures::{StreamExt, TryStreamExt, stream};

use super::{
    afresh::Afresh,
    page::{Page, decode},
};
use crate::{
    account::backend::written, ask::Fault, cache::Batch, core::Core, host::Host, json, state::value, vault::Vault,
};

/// Patients that are fetched side by side.
const SIDE_BY_SIDE: usize = 4;

impl<H: Host, V: Vault> Core<H, V> {
    /// Fetches everything that is new. The caller holds `syncing`.
    pub(super) async fn pull(&self) -> Result<(), Fault> {
        if self.value(value::FEED).is_none() {
            self.start_feed().await?;
        } else if let Err(fault) = self.pull_feed().await {
            if fault.code != ErrorCode::Conflict {
                return Err(fault);
            }
            tracing::warn!("the backend does not know our cursor: fetching everything afresh");
            self.begin_afresh().await?;
            self.start_feed().await?;
        }
        let me = self.me()?;
        let mut missing: Vec<_> = {
            let state = self.state.borrow();
            self.scope()
                .into_iter()
                .filter(|patient| !state.held(*patient))
                .collect()
        };
        order::by_key(&mut missing, |patient| Some(*patient) != me.patient);
        stream::iter(missing)
            .map(|patient| self.pull_patient(patient))
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect::<()>()
            .await
    }

    /// The patient's records are on the device: at once, or after they have been fetched.
    pub(crate) async fn ensure_held(&self, patient: PatientId) -> Result<(), Fault> {
        if self.state.borrow().held(patient) {
            return Ok(());
        }
        // Records that came before a restored backend asked for them afresh still serve.
        if self.value(&value::afresh(patient)).is_some() {
            return Ok(());
        }
        self.ensure_feed().await?;
        if self.state.borrow().held(patient) {
            return Ok(());
        }
        self.pull_patient(patient).await
    }

    /// Notes where the feed ends at present and whom the person may see.
    pub(super) async fn start_feed(&self) -> Result<(), Fault> {
        let sitting = self.sitting.get();
        let page = decode(&self.send("GET", CHANGES, None).await?)?;
        self.take(sitting, page, |batch, page| {
            batch.values.push((value::FEED.to_owned(), Some(page.cursor.clone())));
        })
        .await
    }

    async fn pull_feed(&self) -> Result<(), Fault> {
        loop {
            let sitting = self.sitting.get();
            let after = self.value(value::FEED).unwrap_or_default();
            let tag = self.scope_tag();
            let path = format!(
                "{CHANGES}?after={}&limit={MAX_CHANGES}&scope={}",
                in_query(&after),
                in_query(&tag.unwrap_or_default())
            );
            let page = decode(&self.send("GET", &path, None).await?)?;
            let more = page.more;
            self.take(sitting, page, |batch, page| {
                if page.cursor != after {
                    batch.values.push((value::FEED.to_owned(), Some(page.cursor.clone())));
                }
            })
            .await?;
            if !more {
                return Ok(());
            }
            self.push().await?;
        }
    }

    async fn pull_patient(&self, patient: PatientId) -> Result<(), Fault> {
        let mut afresh = self.value(&value::afresh(patient)).is_some().then(Afresh::default);
        let mut after = match afresh {
            Some(_) => None,
            None => self.value(&value::cursor(patient)),
        };
        loop {
            let sitting = self.sitting.get();
            let mut path = PATIENT_CHANGES.replace("{patient}", &patient.to_string());
            path.push_str(&format!("?limit={MAX_CHANGES}"));
            if let Some(after) = &after {
                path.push_str(&format!("&after={}", in_query(after)));
            }
            let mut page = match self.send("GET", &path, None).await {
                Ok(body) => decode(&body)?,
                Err(fault) if fault.code == ErrorCode::Conflict && after.is_some() => {
                    // A cursor from before a restore: from the beginning, then.
                    after = None;
                    continue;
                }
                // No longer visible: the feed's next scope takes the patient off the device.
                Err(fault) if matches!(fault.code, ErrorCode::NotFound | ErrorCode::Forbidden) => {
                    return if self.scope().contains(&patient) {
                        Ok(())
                    } else {
                        Err(fault)
                    };
                }
                Err(fault) => return Err(fault),
            };
            if let Some(afresh) = &mut afresh {
                afresh.note(&mut page, &self.state.borrow());
            }
            let more = page.more;
            after = Some(page.cursor.clone());
            let fresh = afresh.is_some();
            self.take(sitting, page, |batch, page| {
                let cursor = (more && !fresh).then(|| page.cursor.clone());
                if !fresh {
                    batch.values.push((value::cursor(patient), cursor));
                    batch
                        .values
                        .extend((!more).then(|| (value::held(patient), Some("1".to_owned()))));
                }
            })
            .await?;
            if !more {
                break;
            }
            self.push().await?;
        }
        match afresh {
            Some(afresh) => self.end_afresh(patient, afresh).await,
            None => Ok(()),
        }
    }

    /// Writes a page, with what `mark` adds, where the person who asked for it is still signed in.
    async fn take(&self, sitting: u64, page: Page, mark: impl FnOnce(&mut Batch, &Page)) -> Result<(), Fault> {
        let _writing = self.writing.lock().await;
        if sitting != self.sitting.get() {
            return Err(Fault::of(ErrorCode::SignedOut));
        }
        let mut batch = Batch::default();
        mark(&mut batch, &page);
        let out_of_scope = match &page.scope {
            Some(scope) => {
                batch.values.push((value::SCOPE.to_owned(), Some(written(scope)?)));
                self.patients_outside(scope)
            }
            None => HashSet::new(),
        };
        batch.put = self.new_to_us(page.records, &out_of_scope);
        batch.quarantine = page.unreadable;
        batch.quarantine.retain(|entry| !out_of_scope.contains(&entry.patient));
        batch.remove_patients = out_of_scope.into_iter().collect();
        let nothing = batch.put.is_empty()
            && batch.quarantine.is_empty()
            && batch.remove_patients.is_empty()
            && batch.values.is_empty();
        if nothing { Ok(()) } else { self.commit(batch).await }
    }

    /// The records that say more than what the device has.
    fn new_to_us(&self, records: Vec<Record>, out_of_scope: &HashSet<PatientId>) -> Vec<Record> {
        let state = self.state.borrow();
        newest(records, |record| {
            !out_of_scope.contains(&record.patient())
                && state
                    .replica
                    .stored(record.patient(), record.kind(), record.id())
                    .is_none_or(|stored| stored.version() <= record.version() && stored != *record)
        })
    }

    /// The patients that the person may see, as the backend said last.
    pub(crate) fn scope(&self) -> Vec<PatientId> {
        self.patient_scope().map(|scope| scope.patients).unwrap_or_default()
    }

    fn scope_tag(&self) -> Option<String> {
        self.patient_scope().map(|scope| scope.tag)
    }

    pub(crate) fn patient_scope(&self) -> Option<PatientScope> {
        json::read(&self.value(value::SCOPE)?).ok()
    }

    fn patients_outside(&self, scope: &PatientScope) -> HashSet<PatientId> {
        let inside: HashSet<_> = scope.patients.iter().copied().collect();
        let state = self.state.borrow();
        let marked = state
            .values
            .keys()
            .filter_map(|name| name.strip_prefix("patient/")?.split('/').next()?.parse().ok());
        state
            .replica
            .charts()
            .map(|(patient, _)| patient)
            .chain(marked)
            .chain(state.quarantine.values().map(|entry| entry.patient))
            .filter(|patient| !inside.contains(patient))
            .collect()
    }
}

/// The records that `wanted` lets through; of several versions of one, only the last of the page.
fn newest(records: Vec<Record>, wanted: impl Fn(&Record) -> bool) -> Vec<Record> {
    let mut seen = HashSet::with_capacity(records.len());
    let mut kept: Vec<_> = records
        .into_iter()
        .rev()
        .filter(|record| seen.insert(record.id()) && wanted(record))
        .collect();
    kept.reverse();
    kept
}

/// Text as it may stand in a query.
fn in_query(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
