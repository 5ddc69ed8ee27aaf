//! The record of one medication's doses, indexed for what is asked of it.
//!
//! Owns no rule of precedence: that is the fold's. Events are shared, not copied, since a device keeps years of them.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{DoseAct, DoseEvent};
use crate::{
    id::DoseEventId,
    order,
    schedule::{Answer, OccurrenceKey},
};

/// The record of one medication's doses.
#[derive(Clone, Debug, Default)]
pub struct Doses {
    by_occurrence: HashMap<OccurrenceKey, Vec<Arc<DoseEvent>>>,
    /// In the order they were recorded.
    all: BTreeMap<(DateTime<Utc>, DoseEventId), Arc<DoseEvent>>,
    retracted: HashSet<DoseEventId>,
}

impl Doses {
    /// Takes an entry in. One that is there already is taken in once.
    pub fn insert(&mut self, event: Arc<DoseEvent>) {
        if self
            .all
            .insert((event.recorded_at, event.id), Arc::clone(&event))
            .is_some()
        {
            return;
        }
        if let DoseAct::Retracted { event: target } = event.what {
            self.retracted.insert(target);
        }
        if let Some(occurrence) = &event.occurrence {
            self.by_occurrence.entry(occurrence.clone()).or_default().push(event);
        }
    }

    /// Takes an entry out again.
    pub fn remove(&mut self, event: &DoseEvent) {
        self.all.remove(&(event.recorded_at, event.id));
        if let DoseAct::Retracted { event: target } = event.what {
            self.retracted.remove(&target);
        }
        if let Some(occurrence) = &event.occurrence
            && let Some(events) = self.by_occurrence.get_mut(occurrence)
        {
            events.retain(|other| other.id != event.id);
        }
    }

    /// The entries that answer an occurrence.
    pub fn of(&self, occurrence: &OccurrenceKey) -> Vec<&DoseEvent> {
        self.by_occurrence
            .get(occurrence)
            .map(|events| events.iter().map(Arc::as_ref).collect())
            .unwrap_or_default()
    }

    /// All entries, the newest first.
    pub fn newest(&self) -> impl Iterator<Item = &DoseEvent> {
        self.all.values().rev().map(Arc::as_ref)
    }

    /// Whether an entry was taken back.
    pub fn retracted(&self, event: DoseEventId) -> bool {
        self.retracted.contains(&event)
    }

    /// The entries that say a dose was taken and that count, since `since`, at most one for each occurrence, by time.
    pub fn taken(&self, since: DateTime<Utc>) -> Vec<&DoseEvent> {
        self.effective(since, |what| matches!(what, DoseAct::Taken { .. }))
    }

    /// The entries that say a dose was left out, as [`Self::taken`].
    pub fn skipped(&self, since: DateTime<Utc>) -> Vec<&DoseEvent> {
        self.effective(since, |what| matches!(what, DoseAct::Skipped { .. }))
    }

    fn effective(&self, since: DateTime<Utc>, is: impl Fn(&DoseAct) -> bool) -> Vec<&DoseEvent> {
        let mut answered = HashSet::new();
        // An entry is recorded at its time or later, give or take a minute, so what happened since was recorded since.
        let recorded = since.checked_sub_signed(TimeDelta::minutes(2)).unwrap_or(since);
        let mut found: Vec<&DoseEvent> = self
            .all
            .range((recorded, DoseEventId::from_uuid(Uuid::nil()))..)
            .map(|(_, event)| event.as_ref())
            .filter(|event| is(&event.what) && !self.retracted.contains(&event.id))
            .filter(|event| event.at >= since)
            .filter(|event| {
                event
                    .occurrence
                    .as_ref()
                    .is_none_or(|occurrence| answered.insert(occurrence))
            })
            .collect();
        order::by_key(&mut found, |event| (event.at, event.id));
        found
    }

    /// The doses that a chain counts from: each taken or skipped one, and when.
    pub fn answers(&self) -> Vec<Answer> {
        let ever = DateTime::<Utc>::UNIX_EPOCH;
        self.taken(ever)
            .into_iter()
            .chain(self.skipped(ever))
            .map(|event| Answer {
                occurrence: event.occurrence.clone(),
                at: event.at.to_utc(),
            })
            .collect()
    }
}

impl FromIterator<DoseEvent> for Doses {
    fn from_iter<I: IntoIterator<Item = DoseEvent>>(events: I) -> Self {
        let mut doses = Self::default();
        for event in events {
            doses.insert(Arc::new(event));
        }
        doses
    }
}
