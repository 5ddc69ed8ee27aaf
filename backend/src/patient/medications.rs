//! A patient's medications as they stand: their schedules on the wire, whether each is taken, and its next dose.

use chrono::{DateTime, TimeDelta, Utc};
use doseline_shared::{
    api::patient::{Medications, Prescribed},
    dose::slate::{Regimen, due, is_active, revision_now},
    id::PatientId,
    record::Medication,
    schedule::Occurrence,
};

use crate::{
    app::{App, Caller, Target},
    chart::Chart,
    fault::Fault,
};

/// How far to look for the next dose, in days, from near to far: most are found near.
const AHEAD_DAYS: [i64; 3] = [2, 35, 366];

/// How far back an open dose can lie whose time is not over, in days.
const BACK_DAYS: i64 = 8;

/// The medications of a patient.
pub async fn medications(app: &App, caller: Caller, target: Target, patient: PatientId) -> Result<Medications, Fault> {
    let now = app.now();
    let chart = Chart::read(app, caller, target, patient, now).await?;
    tokio::task::spawn_blocking(move || Medications {
        patient,
        zone: chart.zone(),
        medications: chart
            .medications()
            .map(|medication| prescribed(&chart, medication, now))
            .collect(),
    })
    .await
    .map_err(|_| Fault::Internal)
}

fn prescribed(chart: &Chart, medication: &Medication, now: DateTime<Utc>) -> Prescribed {
    let today = chart.today(now);
    let schedule = revision_now(medication, today).map(|revision| &revision.schedule);
    Prescribed::new(
        medication,
        is_active(medication, today),
        schedule,
        next_due(chart, medication, now),
    )
}

fn next_due(chart: &Chart, medication: &Medication, now: DateTime<Utc>) -> Option<Occurrence> {
    AHEAD_DAYS.into_iter().find_map(|days| {
        let range = now - TimeDelta::days(BACK_DAYS)..now + TimeDelta::days(days);
        due(chart, medication, range)
            .into_iter()
            .find(|due| due.open() && due.expected() && now < due.ends())
            .map(|due| due.occurrence)
    })
}
