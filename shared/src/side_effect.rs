//! Side effects as a fold over their entries.
//!
//! Owns the precedence between entries. The fold depends on the set of entries only: neither on their order nor on how
//! often one of them arrived.

use chrono::NaiveDate;

use crate::{
    id::SideEffectEntryId,
    order,
    record::{Medication, MedicationStatus, Report, Severity, SideEffectAct, SideEffectEntry},
};

/// A side effect as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SideEffect<'a> {
    /// The entry that reported it.
    pub entry: &'a SideEffectEntry,
    /// What that says.
    pub report: &'a Report,
    /// The first local date without it, and the entry that says so; none where it goes on.
    pub ended: Option<(NaiveDate, SideEffectEntryId)>,
}

impl SideEffect<'_> {
    /// Whether it is to be shown with a medication: this one is suspected of it, or none is and it began while this one was
    /// taken.
    pub fn concerns(&self, medication: &Medication) -> bool {
        let began = self.report.from;
        match self.report.medication {
            Some(suspected) => suspected == medication.id,
            None => {
                first_day(medication) <= began
                    && match medication.status {
                        MedicationStatus::Active {} => true,
                        MedicationStatus::Stopped { from } => began < from,
                    }
            }
        }
    }

    /// Whether it still goes on, keeps the patient from what they normally do, and was reported on this local date or
    /// later: somebody should ask how they are.
    pub fn is_pressing(&self, since: NaiveDate) -> bool {
        self.report.severity == Severity::Severe && self.ended.is_none() && since <= self.entry.recorded_at.date_naive()
    }
}

/// The local date on which a medication was first to be taken; where it never had times, the one on which it came into the
/// record.
fn first_day(medication: &Medication) -> NaiveDate {
    let authored = medication.authored.map(|authored| authored.date_naive());
    medication.begins().or(authored).unwrap_or(NaiveDate::MIN)
}

/// The side effects that these entries of one patient report, those that began last first.
///
/// - An entry that a retraction names does not count. A retraction is not itself retracted: what was taken back by mistake
///   is reported anew.
/// - Of several entries that say that one side effect has stopped, the one recorded first stands, then the one with the
///   smaller id.
pub fn side_effects<'a>(entries: impl IntoIterator<Item = &'a SideEffectEntry>) -> Vec<SideEffect<'a>> {
    let entries: Vec<&SideEffectEntry> = entries.into_iter().collect();
    let counts = |id: SideEffectEntryId| {
        !entries
            .iter()
            .any(|other| matches!(other.what, SideEffectAct::Retracted { entry } if entry == id))
    };
    let ended = |report: SideEffectEntryId| {
        let ends = entries.iter().filter_map(|other| match other.what {
            SideEffectAct::Ended { entry, on } if entry == report && counts(other.id) => {
                Some((other.recorded_at, other.id, on))
            }
            SideEffectAct::Reported { .. } | SideEffectAct::Ended { .. } | SideEffectAct::Retracted { .. } => None,
        });
        ends.min().map(|(_, id, on)| (on, id))
    };
    let mut all: Vec<SideEffect<'a>> = entries
        .iter()
        .filter(|entry| counts(entry.id))
        .filter_map(|entry| match &entry.what {
            SideEffectAct::Reported { report } => Some(SideEffect {
                entry,
                report,
                ended: ended(entry.id),
            }),
            SideEffectAct::Ended { .. } | SideEffectAct::Retracted { .. } => None,
        })
        .collect();
    let newness = |one: &SideEffect<'_>| (one.report.from, one.entry.recorded_at, one.entry.id);
    order::by(&mut all, |one, other| newness(other).cmp(&newness(one)));
    all.dedup_by_key(|one| one.entry.id);
    all
}
