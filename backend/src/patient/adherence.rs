//! A measure of adherence over a range of local dates, per medication and over all.
//!
//! PDC and MPR are counted from what was handed out, and from nothing else; the others from the record of doses.

use chrono::{DateTime, Days, NaiveDate, Utc};
use doseline_shared::{
    adherence::{self, Fill, Measure, NoFigure, Ratio},
    api::patient::{Adherence, Bounds, DEFAULT_DAYS, Figure, MAX_DAYS, MeasureName, MedicationFigure, Share},
    dose::slate::Regimen,
    id::PatientId,
    record::{Dispense, DrugClass, Medication},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::log::{Log, after, has_times};
use crate::{
    app::{App, Caller, Target},
    chart::Chart,
    fault::Fault,
};

/// What is asked.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskAdherence {
    /// First local date; four weeks before the last where it is missing.
    #[schemars(with = "Option<NaiveDate>")]
    from: Option<String>,
    /// Last local date, inclusive; the patient's present date where it is missing.
    #[schemars(with = "Option<NaiveDate>")]
    to: Option<String>,
    /// Which measure; `taking` where it is missing.
    #[schemars(with = "Option<MeasureName>")]
    measure: Option<String>,
}

/// What is asked, read.
#[derive(Clone, Copy)]
struct Asked {
    from: NaiveDate,
    to: NaiveDate,
    measure: MeasureName,
}

/// The measure asked for.
pub async fn adherence(
    app: &App,
    caller: Caller,
    target: Target,
    patient: PatientId,
    asked: AskAdherence,
) -> Result<Adherence, Fault> {
    let now = app.now();
    let chart = Chart::read(app, caller, target, patient, now).await?;
    let asked = asked.read(chart.today(now))?;
    tokio::task::spawn_blocking(move || answer(&chart, asked, now))
        .await
        .map_err(|_| Fault::Internal)
}

impl AskAdherence {
    fn read(&self, today: NaiveDate) -> Result<Asked, Fault> {
        let to = date("to", self.to.as_deref())?.unwrap_or(today);
        let from = date("from", self.from.as_deref())?
            .or_else(|| to.checked_sub_days(Days::new(DEFAULT_DAYS - 1)))
            .unwrap_or(to);
        if to < from {
            return Err(Fault::field("from", "must not be after to"));
        }
        if to.signed_duration_since(from).num_days() >= MAX_DAYS {
            return Err(Fault::TooMuch {
                path: Some("from".to_owned()),
                problem: format!("the range is longer than {MAX_DAYS} days: ask for a part of it"),
            });
        }
        let measure = match self.measure.as_deref() {
            None => MeasureName::Taking,
            Some(name) => MeasureName::of(name).ok_or_else(|| {
                Fault::field(
                    "measure",
                    "must be taking, correct_dosing, timing, persistence, pdc or mpr",
                )
            })?,
        };
        Ok(Asked { from, to, measure })
    }
}

fn date(path: &str, text: Option<&str>) -> Result<Option<NaiveDate>, Fault> {
    text.map(|text| {
        text.parse()
            .ok()
            .filter(|date| (FIRST..=LAST).contains(date))
            .ok_or_else(|| Fault::field(path, "must be a local date from 1900 to 2099, like 2026-03-01"))
    })
    .transpose()
}

const FIRST: NaiveDate = NaiveDate::from_ymd_opt(1900, 1, 1).expect("it is a date");
const LAST: NaiveDate = NaiveDate::from_ymd_opt(2099, 12, 31).expect("it is a date");

fn answer(chart: &Chart, asked: Asked, now: DateTime<Utc>) -> Adherence {
    let medications: Vec<_> = chart.medications().filter(|medication| has_times(medication)).collect();
    let figures: Vec<_> = medications
        .iter()
        .map(|medication| MedicationFigure {
            medication: medication.id,
            name: medication.name.clone(),
            figure: of_medication(chart, medication, asked, now),
        })
        .collect();
    Adherence {
        patient: chart.patient.id,
        zone: chart.zone(),
        from: asked.from,
        to: asked.to,
        measure: asked.measure,
        source: asked.measure.source(),
        overall: overall(chart, &medications, &figures, asked, now),
        medications: figures,
    }
}

fn of_medication(chart: &Chart, medication: &Medication, asked: Asked, now: DateTime<Utc>) -> Figure {
    match asked.measure {
        MeasureName::Pdc | MeasureName::Mpr => supplied(chart, medication, asked, now),
        MeasureName::Taking | MeasureName::CorrectDosing | MeasureName::Timing | MeasureName::Persistence => {
            let log = Log::of(chart, medication, asked.from, asked.to, now);
            logged(&log, asked, chart.today(now))
        }
    }
}

/// Over all: doses and days are counted together; intervals and supplies belong to one medication, so their counts are
/// summed.
fn overall(
    chart: &Chart,
    medications: &[&Medication],
    figures: &[MedicationFigure],
    asked: Asked,
    now: DateTime<Utc>,
) -> Figure {
    match asked.measure {
        MeasureName::Taking | MeasureName::CorrectDosing | MeasureName::Persistence => {
            let mut all = Log::default();
            for medication in medications {
                all.extend(Log::of(chart, medication, asked.from, asked.to, now));
            }
            logged(&all, asked, chart.today(now))
        }
        MeasureName::Timing | MeasureName::Pdc | MeasureName::Mpr => {
            let sum = |count: fn(&Share) -> u32| {
                figures
                    .iter()
                    .fold(0_u32, |sum, one| sum.saturating_add(count(&one.figure.share)))
            };
            let ratio = Ratio {
                num: sum(|share| share.numerator),
                den: sum(|share| share.denominator),
            };
            let definition = definition(asked.measure.measure());
            let reason = (ratio.den == 0).then(|| "no medication has this figure in the range".to_owned());
            let definition = format!("{definition} Over all: both counts summed over the medications that have it.");
            figure(ratio, definition, reason)
        }
    }
}

/// A figure from the record of doses.
fn logged(log: &Log, asked: Asked, today: NaiveDate) -> Figure {
    let measure = asked.measure.measure();
    let mut bounds = None;
    let ratio = match measure {
        Measure::Taking {} => {
            let taking = adherence::taking(&log.closed, u32::try_from(log.extra.len()).unwrap_or(u32::MAX));
            bounds = Some(Bounds::new(&taking));
            taking.rate()
        }
        Measure::CorrectDosing {} => log.days.clone().map_or(NOTHING, |days| {
            adherence::correct_dosing(&log.closed, &log.extra, days).ratio
        }),
        Measure::Timing { tolerance_percent } => adherence::timing(&log.closed, tolerance_percent).ratio,
        Measure::Persistence { gap_days } => {
            // The present day counts where a dose was taken on it, and is no gap where none was.
            let last = log.taken.iter().max().copied();
            let end = log.days.as_ref().map_or(asked.from, |days| days.end);
            let end = last.map_or(end, |last| end.max(after(last))).min(after(today));
            adherence::persistence(&log.taken, gap_days, end).map_or(NOTHING, |found| found.figure.ratio)
        }
        // Never from the record of doses.
        Measure::Pdc { .. } | Measure::Mpr {} => NOTHING,
    };
    let reason = (ratio.den == 0).then(|| "the record of doses has nothing to measure in the range".to_owned());
    Figure {
        bounds,
        ..figure(ratio, definition(measure), reason)
    }
}

/// A figure from what was handed out.
fn supplied(chart: &Chart, medication: &Medication, asked: Asked, now: DateTime<Utc>) -> Figure {
    let dispenses: Vec<Dispense> = chart
        .dispenses
        .iter()
        .filter(|dispense| dispense.medication == medication.id)
        .cloned()
        .collect();
    let fills: Vec<Fill> = adherence::fills(&dispenses);
    // Of the days to come nothing is known.
    let period = asked.from..=asked.to.min(chart.today(now));
    let class = dispenses
        .iter()
        .map(|dispense| dispense.class)
        .min()
        .unwrap_or(DrugClass::Other);
    let none = |why: NoFigure| {
        if fills.is_empty() {
            "there are no dispensing records of this medication".to_owned()
        } else {
            why.to_string()
        }
    };
    let measure = match asked.measure.measure() {
        Measure::Pdc { .. } => Measure::Pdc {
            adherent_percent: class.adherent_percent(),
        },
        other @ (Measure::Taking {}
        | Measure::CorrectDosing {}
        | Measure::Timing { .. }
        | Measure::Persistence { .. }
        | Measure::Mpr {}) => other,
    };
    let found = match asked.measure {
        MeasureName::Pdc => {
            adherence::pdc(&fills, &period, &[], class).map(|covered| (covered.figure.ratio, Some(covered.adherent)))
        }
        MeasureName::Mpr
        | MeasureName::Taking
        | MeasureName::CorrectDosing
        | MeasureName::Timing
        | MeasureName::Persistence => adherence::mpr(&fills, &period, &[]).map(|figure| (figure.ratio, None)),
    };
    match found {
        Ok((ratio, adherent)) => Figure {
            adherent,
            ..figure(ratio, definition(measure), None)
        },
        Err(why) => figure(NOTHING, definition(measure), Some(none(why))),
    }
}

const NOTHING: Ratio = Ratio { num: 0, den: 0 };

/// The definition, and what is not known here. Stays in hospital are no records of this backend.
fn definition(measure: Measure) -> String {
    match measure {
        Measure::Pdc { .. } | Measure::Mpr {} => {
            format!("{} No stays in hospital are on record here.", measure.definition())
        }
        Measure::Taking {} | Measure::CorrectDosing {} | Measure::Timing { .. } | Measure::Persistence { .. } => {
            measure.definition()
        }
    }
}

fn figure(ratio: Ratio, definition: String, reason: Option<String>) -> Figure {
    Figure {
        share: Share::new(ratio, definition),
        reason,
        bounds: None,
        adherent: None,
    }
}
