//! What the lists say of a patient's regimen, in the names that people gave their medicines.

use chrono::{DateTime, NaiveDate, Utc};
use doseline_shared::{
    id::MedicationId,
    record::Grantee,
    safety::{InteractionPair, Interactions, Met, interacting},
};

use crate::{replica::Chart, state::State, view::InteractionView};

/// The lists that stand for the patient: of the clinics that see the record now.
pub(crate) fn lists_of<'a>(state: &'a State, chart: &Chart, now: DateTime<Utc>) -> Vec<&'a Interactions> {
    let sees = |clinic| {
        chart
            .grants()
            .any(|grant| grant.holds(now) && grant.to == Grantee::Clinic { clinic })
    };
    let standing = state.lists.iter().filter(|(clinic, _)| sees(**clinic));
    standing.map(|(_, list)| &list.pairs).collect()
}

/// All that they say of the regimen, the gravest first.
pub(crate) fn met(state: &State, chart: &Chart, now: DateTime<Utc>, today: NaiveDate) -> Vec<InteractionView> {
    views(chart, &all(state, chart, now, today))
}

/// What they say of one medicine.
pub(crate) fn met_by(
    state: &State,
    chart: &Chart,
    medication: MedicationId,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> Vec<InteractionView> {
    let mut all = all(state, chart, now, today);
    all.retain(|met| met.one == medication || met.other == medication);
    views(chart, &all)
}

/// All that they say of the regimen, by medicine.
pub(super) fn all(state: &State, chart: &Chart, now: DateTime<Utc>, today: NaiveDate) -> Vec<Met> {
    interacting(chart.medications(), &lists_of(state, chart, now), today)
}

fn views(chart: &Chart, all: &[Met]) -> Vec<InteractionView> {
    all.iter().filter_map(|met| view(chart, met)).collect()
}

/// An interaction in the medicines' names.
pub(super) fn view(chart: &Chart, met: &Met) -> Option<InteractionView> {
    let other = match met.one == met.other {
        true => None,
        false => Some(chart.medicine_name(met.other)?),
    };
    Some(told(chart.medicine_name(met.one)?, other, &met.pair))
}

/// What a pair says of two medicines of these names.
pub(crate) fn told(one: String, other: Option<String>, pair: &InteractionPair) -> InteractionView {
    InteractionView {
        one,
        other,
        ingredients: (pair.a.clone(), pair.b.clone()),
        severity: pair.severity,
        text: pair.text.clone(),
        source: pair.source.clone(),
        key: on_one_line(&format!(
            "{} {} {:?} {} {}",
            pair.a, pair.b, pair.severity, pair.text, pair.source
        )),
    }
}

/// The words of a text on one line, since what a person knows of is kept line by line.
fn on_one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}
