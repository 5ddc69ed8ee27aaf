//! What a report for the doctor says, from the replica: with no network, and with what has not been sent yet.

use chrono::NaiveDate;
use doseline_shared::{
    access::Action,
    api::ErrorCode,
    record::{Medication, MedicationStatus},
    report::{self, MedicineReport, RangeFault},
    side_effect::SideEffect,
};

use crate::{
    ask::{Fault, OpenReport},
    core::Core,
    dose::{
        slate::revision_now,
        time::{before, date_of},
    },
    host::Host,
    people::rights::may,
    regimen::{
        list::name_of,
        when::{dose_text, when_text},
    },
    replica::Chart,
    vault::Vault,
    view::{ReportMedicine, ReportSideEffect, ReportView, WhenText},
};

impl<H: Host, V: Vault> Core<H, V> {
    /// A report.
    ///
    /// # Errors
    /// `Forbidden` where the person may know that the patient exists, and no more; the field at fault where the range has
    /// no days; `TooMuch` where it is longer than a year.
    pub(crate) async fn open_report(&self, ask: OpenReport) -> Result<ReportView, Fault> {
        let patient = self.patient_or_own(ask.patient)?;
        self.ensure_held(patient).await?;
        let now = self.host.now();
        let state = self.state.borrow();
        let chart = state.replica.chart(patient).ok_or(Fault::of(ErrorCode::NotFound))?;
        if !may(&state, patient, Action::SeeRecord, now) {
            return Err(Fault::of(ErrorCode::Forbidden));
        }
        let zone = self.clock_of(&state, patient, now);
        let today = date_of(now, zone);
        let dates = report::range(ask.from, ask.to, today).map_err(|fault| match fault {
            RangeFault::NoDays => Fault::field("range"),
            RangeFault::TooLong => Fault::of(ErrorCode::TooMuch),
        })?;
        let found = report::report(chart, &dates, now);
        Ok(ReportView {
            name: name_of(&state, patient),
            birth_date: chart.patient().and_then(|patient| patient.birth_date),
            zone,
            today,
            from: found.from,
            to: found.to,
            overall: found.overall,
            medicines: found
                .medicines
                .into_iter()
                .filter_map(|record| {
                    let medication = chart.medication(record.medication)?;
                    Some(medicine(chart, medication, record, found.to))
                })
                .collect(),
            side_effects: report::felt(chart.side_effects(), &dates)
                .iter()
                .map(|felt| side_effect(chart, felt))
                .collect(),
            allergies: chart.active_allergies(),
            conditions: chart.active_conditions(),
        })
    }
}

/// A medicine as it was to be taken on the last day.
fn medicine(chart: &Chart, medication: &Medication, record: MedicineReport, last: NaiveDate) -> ReportMedicine {
    let schedule = revision_now(medication, last).map(|revision| &revision.schedule);
    ReportMedicine {
        name: medication.name.clone(),
        when: schedule.map_or(WhenText::NotYet {}, |schedule| when_text(schedule, Some(chart))),
        dose: schedule.map(dose_text),
        instruction: medication.instruction.clone(),
        critical: medication.critical,
        stopped: match medication.status {
            MedicationStatus::Active {} => None,
            MedicationStatus::Stopped { from } => Some(from),
        },
        record,
    }
}

fn side_effect(chart: &Chart, felt: &SideEffect<'_>) -> ReportSideEffect {
    ReportSideEffect {
        report: felt.report.clone(),
        medicine: felt
            .report
            .medication
            .and_then(|suspected| chart.medicine_name(suspected)),
        last: felt.ended.map(|(first_without, _)| before(first_without, 1)),
    }
}
