//! Three-way merge of records that two devices edited at once.
//!
//! Owns which edits fit together. What does not fit is named and shown to a person; nothing is overwritten silently. The
//! merge does not depend on which side is called local.

use thiserror::Error;

use crate::{
    order,
    record::{Alert, AlertRule, Allergy, Condition, Dispense, Medication, Patient, Revision, Seen},
    travel::Travel,
};

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

/// Merges a record field by field: each by [`Fields::pick`], or by a function of its own.
macro_rules! merges {
    ($($(#[$doc:meta])* $merge:ident: $record:ident { $($field:ident $(by $own:ident)?),+ })+) => {$(
        $(#[$doc])*
        pub fn $merge(base: &$record, local: &$record, remote: &$record) -> Result<$record, MergeConflict> {
            let mut fields = Fields::default();
            let merged = $record {
                version: local.version.max(remote.version),
                $($field: merges!(fields, base, local, remote, $field $(by $own)?),)+
            };
            fields.done(merged)
        }
    )+};
    ($fields:ident, $base:ident, $local:ident, $remote:ident, $field:ident) => {
        $fields.pick(stringify!($field), &$base.$field, &$local.$field, &$remote.$field)
    };
    ($fields:ident, $base:ident, $local:ident, $remote:ident, $field:ident by $own:ident) => {
        $own(&mut $fields, &$base.$field, &$local.$field, &$remote.$field)
    };
}

merges! {
    /// Merges two edits of one medication. The version is the greater of the two.
    medication: Medication {
        id, patient, clinic, name, codes, ingredients, instruction, look, critical, plan by plan, status, authored,
        stock
    }
    /// Merges two edits of one patient. The version is the greater of the two.
    patient: Patient { id, person, name, birth_date, zone, travels by all_travels }
    /// Merges two edits of one allergy. The version is the greater of the two.
    allergy: Allergy { id, patient, clinic, substance, codes, active }
    /// Merges two edits of one condition. The version is the greater of the two.
    condition: Condition { id, patient, clinic, name, codes, onset, active }
    /// Merges two edits of one rule. The version is the greater of the two.
    alert_rule: AlertRule { id, patient, to, of, tell }
    /// Merges two edits of one alert: whoever saw it first has seen it. The version is the greater of the two.
    alert: Alert {
        id, patient, medication, occurrence, due, missed_at, to, critical, raised_at, seen by first_seen, answered_at
    }
    /// Merges two edits of one dispense. The version is the greater of the two.
    dispense: Dispense {
        id, patient, medication, clinic, on, quantity, days_supply, class, status
    }
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

/// Answers are only ever added.
fn all_travels(_: &mut Fields, _: &[Travel], local: &[Travel], remote: &[Travel]) -> Vec<Travel> {
    let mut all = [local, remote].concat();
    order::once(&mut all);
    all
}

/// Whoever saw an alert first has seen it.
fn first_seen(_: &mut Fields, _: &Option<Seen>, local: &Option<Seen>, remote: &Option<Seen>) -> Option<Seen> {
    [local, remote].into_iter().flatten().min().copied()
}
