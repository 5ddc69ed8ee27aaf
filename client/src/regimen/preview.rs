//! What a draft would do: its sentence and the next due times, while it is being typed.

use chrono::NaiveDate;
use chrono_tz::Tz;
use doseline_shared::{
    dose::{Doses, slate::Regimen},
    id::MedicationId,
    record::{Allergy, Medication},
    safety::{self, Interactions, Warning},
    travel::Zones,
};

use super::{
    draft::{Setting, follows, schedule},
    page::next,
    save::applied,
    when::{dose_text, when_text},
};
use crate::{
    ask::{Fault, PreviewDraft},
    core::Core,
    dose::{slate::revision_now, time::date_of},
    host::Host,
    interaction::{lists_of, told},
    replica::Chart,
    vault::Vault,
    view::{DraftView, DraftWarning, WhenText},
};

/// Most due times shown.
const SHOWN: usize = 12;

impl<H: Host, V: Vault> Core<H, V> {
    /// What a draft would do, in the zone of the patient whom it is for.
    pub(crate) fn preview_draft(&self, ask: &PreviewDraft) -> Result<DraftView, Fault> {
        let patient = ask.patient.or(self.me()?.patient);
        let state = self.state.borrow();
        let zone = patient.map_or_else(|| self.host.zone(), |patient| self.zone_of(&state, patient));
        let now = self.host.now();
        let today = date_of(now, zone);
        let chart = patient.and_then(|patient| state.replica.chart(patient));
        let before = chart.zip(ask.medication).and_then(|(chart, id)| chart.medication(id));
        let setting = Setting {
            zone,
            today,
            before: before
                .and_then(|before| revision_now(before, today))
                .map(|revision| &revision.schedule),
        };
        let nothing = DraftView {
            dose: None,
            when: WhenText::NotYet {},
            next: Vec::new(),
            faults: Vec::new(),
            warnings: chart.map_or_else(Vec::new, |chart| {
                let added = applied(before, &ask.draft, None, today, now);
                warnings(&added, chart, &lists_of(&state, chart, now), today)
            }),
        };
        // A new one has no identity yet, so that nothing can follow it.
        let id = ask.medication.unwrap_or(MedicationId::from_uuid(uuid::Uuid::nil()));
        let read = schedule(&ask.draft, &setting).and_then(|schedule| {
            follows(id, schedule.as_ref(), chart).map_err(|fault| vec![fault])?;
            Ok(schedule)
        });
        Ok(match read {
            Ok(None) => nothing,
            Ok(Some(schedule)) => {
                let medication = applied(before, &ask.draft, Some(schedule.clone()), today, now);
                let regimen = Changed {
                    chart,
                    here: zone,
                    medication: &medication,
                };
                DraftView {
                    dose: Some(dose_text(&schedule)),
                    when: when_text(&schedule, chart),
                    next: next(&regimen, &medication, Some(&schedule), SHOWN, now, zone),
                    ..nothing
                }
            }
            Err(faults) => DraftView { faults, ..nothing },
        })
    }
}

/// What to know before the medicine is added, in the names that people gave.
fn warnings(added: &Medication, chart: &Chart, lists: &[&Interactions], today: NaiveDate) -> Vec<DraftWarning> {
    let regimen: Vec<Medication> = chart.medications().cloned().collect();
    let allergies: Vec<Allergy> = chart.allergies().cloned().collect();
    safety::warnings(added, &regimen, &allergies, lists, today)
        .into_iter()
        .filter_map(|warning| match warning {
            Warning::Duplicate { with, ingredient } => Some(DraftWarning::Duplicate {
                ingredient,
                with: chart.medication(with)?.name.clone(),
            }),
            Warning::Allergy { allergy } => Some(DraftWarning::Allergy {
                substance: chart.allergies().find(|one| one.id == allergy)?.substance.clone(),
            }),
            Warning::Interaction { with, pair } => {
                let other = match with == added.id {
                    true => None,
                    false => Some(chart.medication(with)?.name.clone()),
                };
                Some(DraftWarning::Interaction {
                    met: told(added.name.clone(), other, &pair),
                })
            }
        })
        .collect()
}

/// The regimen as it would be.
struct Changed<'a> {
    chart: Option<&'a Chart>,
    /// Where the record is not here yet.
    here: Tz,
    medication: &'a Medication,
}

impl Regimen for Changed<'_> {
    fn zones(&self) -> Zones<'_> {
        self.chart.map_or(self.here.into(), Regimen::zones)
    }

    fn medication(&self, id: MedicationId) -> Option<&Medication> {
        if id == self.medication.id {
            return Some(self.medication);
        }
        self.chart.and_then(|chart| chart.medication(id))
    }

    fn medications(&self) -> impl Iterator<Item = &Medication> {
        let others = self.chart.into_iter().flat_map(Chart::medications);
        others
            .filter(|other| other.id != self.medication.id)
            .chain([self.medication])
    }

    fn doses(&self, medication: MedicationId) -> Option<&Doses> {
        self.chart.and_then(|chart| chart.doses(medication))
    }
}
