//! Three-way merge of records that two devices edited at once.
//!
//! Owns which edits fit together. What does not fit is named and shown to a person; nothing is overwritten silently. The
//! merge does not depend on which side is called local.

use thiserror::Error;

use crate::record::{Allergy, Condition, Dispense, Medication, Patient, Revision};

/// Both sides changed these fields, each in its own way.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("both sides changed {}", .fields.join(", "))]
pub struct MergeConflict {
    /// The fields, by their names on the wire, in the order of the record.
    pub fields: Vec<&'static str>,
}

/// Collects fields that do not fit.
#[derive(Default)]
struct Fields {
    clash: Vec<&'static str>,
}

impl Fields {
    /// The one value of a field: the side that changed it, or both where they agree.
    fn pick<T: Clone + PartialEq>(&mut self, name: &'static str, base: &T, local: &T, remote: &T) -> T {
        if local == remote || remote == base {
            return local.clone();
        }
        if local != base {
            self.clash.push(name);
        }
        remote.clone()
    }

    /// `merged`, or what stood in its way.
    fn done<T>(self, merged: T) -> Result<T, MergeConflict> {
        if self.clash.is_empty() {
            Ok(merged)
        } else {
            Err(MergeConflict { fields: self.clash })
        }
    }
}

macro_rules! merge_fields {
    ($fields:ident, $base:ident, $local:ident, $remote:ident, $name:ident) => {
        $fields.pick(stringify!($name), &$base.$name, &$local.$name, &$remote.$name)
    };
}

/// Merges two edits of one medication. The version is the greater of the two.
pub fn medication(base: &Medication, local: &Medication, remote: &Medication) -> Result<Medication, MergeConflict> {
    let mut fields = Fields::default();
    let merged = Medication {
        id: merge_fields!(fields, base, local, remote, id),
        patient: merge_fields!(fields, base, local, remote, patient),
        clinic: merge_fields!(fields, base, local, remote, clinic),
        version: local.version.max(remote.version),
        name: merge_fields!(fields, base, local, remote, name),
        codes: merge_fields!(fields, base, local, remote, codes),
        ingredients: merge_fields!(fields, base, local, remote, ingredients),
        instruction: merge_fields!(fields, base, local, remote, instruction),
        look: merge_fields!(fields, base, local, remote, look),
        critical: merge_fields!(fields, base, local, remote, critical),
        plan: plan(&mut fields, &base.plan, &local.plan, &remote.plan),
        status: merge_fields!(fields, base, local, remote, status),
        authored: merge_fields!(fields, base, local, remote, authored),
        stock: merge_fields!(fields, base, local, remote, stock),
    };
    fields.done(merged)
}

/// The plan is one unit, because two schedules that were never seen together may be dangerous together. Two cases are
/// sure: where one side's plan begins with the whole of the other's, the longer one holds; and where one side only
/// appended revisions while the other only corrected those that were there, both hold.
fn plan(fields: &mut Fields, base: &[Revision], local: &[Revision], remote: &[Revision]) -> Vec<Revision> {
    let corrected_and_appended = |corrected: &[Revision], appended: &[Revision]| {
        if corrected.len() != base.len() || base.is_empty() {
            return None;
        }
        let added = appended.strip_prefix(base)?;
        let follows = match (corrected.last(), added.first()) {
            (Some(last), Some(next)) => last.number < next.number && last.from <= next.from,
            _ => false,
        };
        follows.then(|| [corrected, added].concat())
    };
    if local == base || remote == base || local == remote {
        return fields.pick("plan", &base, &local, &remote).to_vec();
    }
    if local.starts_with(base) && remote.starts_with(base) {
        if local.starts_with(remote) {
            return local.to_vec();
        }
        if remote.starts_with(local) {
            return remote.to_vec();
        }
    }
    corrected_and_appended(local, remote)
        .or_else(|| corrected_and_appended(remote, local))
        .unwrap_or_else(|| fields.pick("plan", &base, &local, &remote).to_vec())
}

/// Merges two edits of one patient. The version is the greater of the two.
pub fn patient(base: &Patient, local: &Patient, remote: &Patient) -> Result<Patient, MergeConflict> {
    let mut fields = Fields::default();
    let merged = Patient {
        id: merge_fields!(fields, base, local, remote, id),
        version: local.version.max(remote.version),
        person: merge_fields!(fields, base, local, remote, person),
        name: merge_fields!(fields, base, local, remote, name),
        birth_date: merge_fields!(fields, base, local, remote, birth_date),
        zone: merge_fields!(fields, base, local, remote, zone),
    };
    fields.done(merged)
}

/// Merges two edits of one allergy. The version is the greater of the two.
pub fn allergy(base: &Allergy, local: &Allergy, remote: &Allergy) -> Result<Allergy, MergeConflict> {
    let mut fields = Fields::default();
    let merged = Allergy {
        id: merge_fields!(fields, base, local, remote, id),
        patient: merge_fields!(fields, base, local, remote, patient),
        clinic: merge_fields!(fields, base, local, remote, clinic),
        version: local.version.max(remote.version),
        substance: merge_fields!(fields, base, local, remote, substance),
        codes: merge_fields!(fields, base, local, remote, codes),
        active: merge_fields!(fields, base, local, remote, active),
    };
    fields.done(merged)
}

/// Merges two edits of one condition. The version is the greater of the two.
pub fn condition(base: &Condition, local: &Condition, remote: &Condition) -> Result<Condition, MergeConflict> {
    let mut fields = Fields::default();
    let merged = Condition {
        id: merge_fields!(fields, base, local, remote, id),
        patient: merge_fields!(fields, base, local, remote, patient),
        clinic: merge_fields!(fields, base, local, remote, clinic),
        version: local.version.max(remote.version),
        name: merge_fields!(fields, base, local, remote, name),
        codes: merge_fields!(fields, base, local, remote, codes),
        onset: merge_fields!(fields, base, local, remote, onset),
        active: merge_fields!(fields, base, local, remote, active),
    };
    fields.done(merged)
}

/// Merges two edits of one dispense. The version is the greater of the two.
pub fn dispense(base: &Dispense, local: &Dispense, remote: &Dispense) -> Result<Dispense, MergeConflict> {
    let mut fields = Fields::default();
    let merged = Dispense {
        id: merge_fields!(fields, base, local, remote, id),
        patient: merge_fields!(fields, base, local, remote, patient),
        medication: merge_fields!(fields, base, local, remote, medication),
        clinic: merge_fields!(fields, base, local, remote, clinic),
        version: local.version.max(remote.version),
        on: merge_fields!(fields, base, local, remote, on),
        quantity: merge_fields!(fields, base, local, remote, quantity),
        days_supply: merge_fields!(fields, base, local, remote, days_supply),
        class: merge_fields!(fields, base, local, remote, class),
        status: merge_fields!(fields, base, local, remote, status),
    };
    fields.done(merged)
}
