//! What an import has done, for the operator: counts, and every resource that was not imported with its reason.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use chrono_tz::Tz;
use doseline_shared::record::RecordKind;

use super::fhir::{Intake, Note, WhyLeft};

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Did {
    /// It is new.
    Added,
    /// It has changed.
    Changed,
    /// It is there already.
    Unchanged,
    /// It differs from what was set in Doseline since; what was set stands.
    Kept,
    /// It is not taken in: see the reasons.
    Left,
}

/// The report on one file.
#[derive(Clone, Debug)]
pub struct Report {
    file: PathBuf,
    zone: Tz,
    /// How many records of each kind, by what became of them.
    pub records: BTreeMap<(RecordKind, Did), usize>,
    /// How many resources of each type were left out for a reason of their type.
    pub left: BTreeMap<(String, WhyLeft), usize>,
    /// Resources that were left out for a reason of their own.
    pub left_each: Vec<(String, WhyLeft)>,
    /// What to know about resources that were imported.
    pub notes: Vec<(String, Note)>,
}

impl Report {
    pub(super) fn new(file: &Path, zone: Tz, intake: &Intake) -> Self {
        let mut left = BTreeMap::new();
        let mut left_each = Vec::new();
        for one in &intake.left {
            match &one.source {
                Some(source) => left_each.push((source.clone(), one.why)),
                None => *left.entry((one.kind.clone(), one.why)).or_default() += 1,
            }
        }
        Self {
            file: file.to_owned(),
            zone,
            records: BTreeMap::new(),
            left,
            left_each,
            notes: intake.notes.clone(),
        }
    }

    pub(super) fn with(mut self, did: Vec<(RecordKind, Did)>, notes: Vec<(String, Note)>) -> Self {
        for (kind, did) in did {
            *self.records.entry((kind, did)).or_default() += 1;
        }
        self.notes.extend(notes);
        self
    }

    /// How many records became `did`.
    pub fn count(&self, did: Did) -> usize {
        let those = self.records.iter().filter(|((_, of), _)| *of == did);
        those.map(|(_, count)| count).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: imported, times in {}", self.file.display(), self.zone)?;
        for ((kind, did), count) in &self.records {
            let did = match did {
                Did::Added => "added",
                Did::Changed => "changed",
                Did::Unchanged => "unchanged",
                Did::Kept => "kept as set here",
                Did::Left => continue,
            };
            writeln!(f, "  {}: {count} {did}", kind.name())?;
        }
        if !self.notes.is_empty() {
            writeln!(f, "To know:")?;
            for (source, note) in &self.notes {
                writeln!(f, "  {source}: {note}")?;
            }
        }
        if !self.left.is_empty() || !self.left_each.is_empty() {
            writeln!(f, "Not imported:")?;
            for ((kind, why), count) in &self.left {
                writeln!(f, "  {kind}: {count}, {why}")?;
            }
            for (source, why) in &self.left_each {
                writeln!(f, "  {source}: {why}")?;
            }
        }
        Ok(())
    }
}
