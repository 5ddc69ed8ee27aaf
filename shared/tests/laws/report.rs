//! The report for the doctor: what it says of each dose adds up to its figures, and nothing is left out or said twice.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use doseline_shared::{
    dose::{DoseAct, DoseEvent, Doses, NotNotified, slate::Regimen},
    id::{DoseEventId, MedicationId, SideEffectEntryId},
    record::{Medication, MedicationStatus, Severity, SideEffectAct, Symptom},
    report::{AsNeeded, MOST_DAYS, MedicineReport, Note, RangeFault, Report, Stretch, felt, range, report},
    schedule::{Days, OccurrenceKey, Rule, Schedule},
    travel::Zones,
};
use proptest::{collection::vec, prelude::*, sample::select};
use uuid::Uuid;

use crate::build::{at, date, event, medication, side_effect_entry, taken, time, wall};

const LAGOS: Tz = Tz::Africa__Lagos;

/// Medicines with the record of their doses, on the clock of Lagos.
#[derive(Default)]
struct Chart {
    medications: Vec<Medication>,
    doses: BTreeMap<MedicationId, Doses>,
    entries: u128,
}

impl Regimen for Chart {
    fn zones(&self) -> Zones<'_> {
        LAGOS.into()
    }

    fn medication(&self, id: MedicationId) -> Option<&Medication> {
        self.medications.iter().find(|medication| medication.id == id)
    }

    fn medications(&self) -> impl Iterator<Item = &Medication> {
        self.medications.iter()
    }

    fn doses(&self, medication: MedicationId) -> Option<&Doses> {
        self.doses.get(&medication)
    }
}

impl Chart {
    /// Adds a medicine with these schedules, and gives its identity.
    fn with(&mut self, plan: Vec<(&str, Schedule)>) -> MedicationId {
        let id = MedicationId::from_uuid(Uuid::from_u128(100 + self.medications.len() as u128));
        self.medications.push(Medication { id, ..medication(plan) });
        id
    }

    fn enter(&mut self, medication: MedicationId, occurrence: Option<(&str, &str)>, when: &str, what: DoseAct) {
        self.entries += 1;
        let happened = DateTime::parse_from_rfc3339(when).unwrap();
        let entry = DoseEvent {
            id: DoseEventId::from_uuid(Uuid::from_u128(1_000 + self.entries)),
            medication,
            occurrence: occurrence.map(|(day, slot)| OccurrenceKey::Wall {
                date: date(day),
                slot: slot.to_owned(),
            }),
            at: happened,
            recorded_at: happened.to_utc(),
            ..event(self.entries, 0, what)
        };
        self.doses.entry(medication).or_default().insert(entry.into());
    }

    fn report(&self, from: &str, to: &str, now: DateTime<Utc>) -> Report {
        report(self, &(date(from)..=date(to)), now)
    }
}

fn twice_daily() -> Schedule {
    wall("Africa/Lagos", &[("am", "08:00"), ("pm", "20:00")], Days::Every {})
}

fn as_needed() -> Schedule {
    Schedule {
        rule: Rule::AsNeeded {
            min_gap_min: 240,
            max_count: Some(2),
            max_amount: None,
            per_min: 1_440,
            ingredients: vec!["paracetamol".to_owned()],
        },
        ..twice_daily()
    }
}

fn stretch(note: Note, first: &str, last: &str, times: &[&str]) -> Stretch {
    Stretch {
        note,
        first: date(first),
        last: date(last),
        times: times.iter().map(|text| time(text)).collect(),
    }
}

#[test]
fn a_week_of_a_medicine_is_told_dose_by_dose_and_days_alike_together() {
    let mut chart = Chart::default();
    let pills = chart.with(vec![("2026-01-01", twice_daily())]);
    // Monday to Sunday. The first morning in time, the first evening five hours late: after midnight, it is that
    // evening's still.
    chart.enter(pills, Some(("2026-03-02", "am")), "2026-03-02T08:10:00+01:00", taken());
    chart.enter(pills, Some(("2026-03-02", "pm")), "2026-03-03T01:00:00+01:00", taken());
    for day in ["2026-03-03", "2026-03-04", "2026-03-05"] {
        chart.enter(
            pills,
            Some((day, "am")),
            &format!("{day}T12:00:00+01:00"),
            DoseAct::Missed {},
        );
        chart.enter(pills, Some((day, "pm")), &format!("{day}T20:00:00+01:00"), taken());
    }
    let dentist = Some("dentist".to_owned());
    let skipped = DoseAct::Skipped {
        reason: dentist.clone(),
    };
    chart.enter(pills, Some(("2026-03-06", "am")), "2026-03-06T07:00:00+01:00", skipped);
    let asleep = DoseAct::NotNotified {
        reason: NotNotified::Asleep,
    };
    chart.enter(pills, Some(("2026-03-06", "pm")), "2026-03-06T23:00:00+01:00", asleep);
    // Of Saturday nothing is recorded but one too many, late in the evening; on Sunday at noon the evening is to come.
    chart.enter(pills, None, "2026-03-07T23:30:00+01:00", taken());
    chart.enter(pills, Some(("2026-03-08", "am")), "2026-03-08T08:00:00+01:00", taken());

    let found = chart.report("2026-03-02", "2026-03-08", at("2026-03-08T12:00:00Z"));
    let [only] = found.medicines.as_slice() else {
        panic!("{found:?}")
    };
    let counts = only.taking;
    assert_eq!(
        (
            counts.prescribed,
            counts.taken,
            counts.skipped,
            counts.missed,
            counts.extra
        ),
        (13, 6, 1, 3, 1)
    );
    assert_eq!(only.late, 1);
    assert_eq!(
        only.notes,
        [
            stretch(Note::Missed {}, "2026-03-03", "2026-03-05", &["08:00"]),
            stretch(
                Note::Skipped { reason: dentist },
                "2026-03-06",
                "2026-03-06",
                &["08:00"]
            ),
            stretch(Note::NoEntry {}, "2026-03-07", "2026-03-07", &["08:00", "20:00"]),
            stretch(Note::NotReminded {}, "2026-03-06", "2026-03-06", &["20:00"]),
            stretch(Note::Late {}, "2026-03-02", "2026-03-02", &["20:00"]),
            stretch(Note::Extra {}, "2026-03-07", "2026-03-07", &["23:30"]),
        ]
    );
    // T/E, T/(T + skipped + missed), (T + skipped)/E; the figure itself counts the extra dose.
    let pair = |ratio: doseline_shared::adherence::Ratio| (ratio.num, ratio.den);
    assert_eq!(pair(counts.rate()), (7, 13));
    assert_eq!(pair(counts.lower()), (6, 13));
    assert_eq!(pair(counts.upper()), (6, 10));
    assert_eq!(pair(counts.completeness()), (7, 13));
    assert_eq!(found.overall, counts);
    assert_eq!(only.changed, None);
}

#[test]
fn what_is_taken_as_needed_is_counted_by_local_day_and_has_no_figure() {
    let mut chart = Chart::default();
    let pills = chart.with(vec![("2026-01-01", as_needed())]);
    for when in [
        // Half an hour after midnight in Lagos: the third, though the second in UTC.
        "2026-03-03T00:30:00+01:00",
        "2026-03-03T07:00:00+01:00",
        "2026-03-03T12:00:00+01:00",
        "2026-03-09T12:00:00+01:00",
        // Out of the range.
        "2026-03-10T00:30:00+01:00",
    ] {
        chart.enter(pills, None, when, taken());
    }
    let above = DoseAct::Taken {
        amount: None,
        override_reason: Some("pain".to_owned()),
    };
    chart.enter(pills, None, "2026-03-09T13:00:00+01:00", above);
    let found = chart.report("2026-03-01", "2026-03-09", at("2026-03-12T00:00:00Z"));
    let used = AsNeeded {
        doses: 5,
        days: 2,
        most: 3,
        above_limit: 1,
    };
    assert_eq!(found.medicines[0].as_needed, used);
    assert_eq!(found.medicines[0].notes, []);
    assert_eq!((found.overall.prescribed, found.overall.extra), (0, 0));
}

#[test]
fn a_dose_of_a_medicine_without_times_is_no_extra_one() {
    let mut chart = Chart::default();
    let untimed = chart.with(Vec::new());
    chart.enter(untimed, None, "2026-03-02T08:10:00+01:00", taken());
    let report = chart.report("2026-03-02", "2026-03-08", at("2026-03-09T12:00:00Z"));
    assert_eq!(report.overall.extra, 0);
    assert_eq!(report.medicines[0].notes, []);
    assert_eq!(report.medicines[0].as_needed.doses, 1, "it is counted all the same");
}

#[test]
fn a_report_names_the_medicines_of_its_days_and_since_when_they_are_taken_as_they_are() {
    let mut chart = Chart::default();
    let always = chart.with(vec![("2026-01-01", twice_daily())]);
    let edited = chart.with(vec![
        ("2026-01-01", twice_daily()),
        ("2026-03-05", wall("Africa/Lagos", &[("am", "09:00")], Days::Every {})),
    ]);
    let no_times = chart.with(Vec::new());
    let before = chart.with(vec![("2026-01-01", twice_daily())]);
    let within = chart.with(vec![("2026-01-01", twice_daily())]);
    let to_come = chart.with(vec![("2026-03-20", twice_daily())]);
    let ended = chart.with(vec![(
        "2026-01-01",
        Schedule {
            end: Some(date("2026-02-10")),
            ..twice_daily()
        },
    )]);
    for medication in &mut chart.medications {
        let stopped = match medication.id {
            id if id == before => date("2026-03-01"),
            id if id == within => date("2026-03-03"),
            _ => continue,
        };
        medication.status = MedicationStatus::Stopped { from: stopped };
    }
    let found = chart.report("2026-03-01", "2026-03-09", at("2026-03-12T00:00:00Z"));
    let of = |id: MedicationId| found.medicines.iter().find(|medicine| medicine.medication == id);
    let changed = |id| of(id).map(|medicine: &MedicineReport| medicine.changed);
    assert_eq!(changed(always), Some(None));
    assert_eq!(changed(edited), Some(Some(date("2026-03-05"))));
    assert_eq!(changed(no_times), Some(None));
    assert_eq!(
        of(within).unwrap().taking.prescribed,
        4,
        "two days until it was stopped"
    );
    assert_eq!(of(edited).unwrap().taking.prescribed, 4 * 2 + 5);
    for id in [before, to_come, ended] {
        assert_eq!(of(id), None);
    }
}

#[test]
fn a_range_ends_today_at_the_latest_and_has_a_year_at_most() {
    let days = |from, to| range(date(from), date(to), date("2026-11-24"));
    assert_eq!(
        days("2026-11-01", "2026-12-31"),
        Ok(date("2026-11-01")..=date("2026-11-24"))
    );
    assert_eq!(
        days("2026-11-24", "2026-11-24"),
        Ok(date("2026-11-24")..=date("2026-11-24"))
    );
    for (from, to) in [
        ("2026-11-02", "2026-11-01"),
        ("2026-11-25", "2026-11-30"),
        ("0001-01-01", "2026-01-01"),
    ] {
        assert_eq!(days(from, to), Err(RangeFault::NoDays), "{from} {to}");
    }
    let longest = date("2026-11-24") - TimeDelta::days(MOST_DAYS - 1);
    assert!(range(longest, date("2026-11-24"), date("2026-11-24")).is_ok());
    let longer = range(longest - TimeDelta::days(1), date("2026-11-24"), date("2026-11-24"));
    assert_eq!(longer, Err(RangeFault::TooLong));
}

#[test]
fn what_was_felt_on_a_day_of_the_range_is_in_the_report() {
    let reported = |from: &str| SideEffectAct::Reported {
        report: doseline_shared::record::Report {
            symptom: Symptom::Nausea,
            severity: Severity::Mild,
            from: date(from),
            medication: None,
            note: None,
        },
    };
    let ended = |entry: u128, on: &str| SideEffectAct::Ended {
        entry: SideEffectEntryId::from_uuid(Uuid::from_u128(entry)),
        on: date(on),
    };
    let entries = [
        side_effect_entry(1, 1, reported("2026-02-01")),
        // The first day without it is the first of the range.
        side_effect_entry(2, 2, reported("2026-02-02")),
        side_effect_entry(3, 3, ended(2, "2026-03-01")),
        // It was felt on the first of the range still.
        side_effect_entry(4, 4, reported("2026-02-03")),
        side_effect_entry(5, 5, ended(4, "2026-03-02")),
        side_effect_entry(6, 6, reported("2026-03-09")),
        side_effect_entry(7, 7, reported("2026-03-10")),
    ];
    let found = felt(&entries, &(date("2026-03-01")..=date("2026-03-09")));
    let ids: Vec<u128> = found.iter().map(|felt| felt.entry.id.uuid().as_u128()).collect();
    assert_eq!(ids, [6, 4, 1]);
}

fn fates() -> impl Strategy<Value = Vec<&'static str>> {
    vec(
        select(vec!["taken", "late", "skipped", "missed", "asleep", "held", ""]),
        2..120,
    )
}

proptest! {
    /// Each dose that was not taken in time is in exactly one stretch, and the counts of the stretches are the counts of
    /// the figure.
    #[test]
    fn what_is_said_of_single_doses_adds_up_to_the_figure(fates in fates()) {
        let mut chart = Chart::default();
        let pills = chart.with(vec![("2026-01-01", twice_daily())]);
        let mut day: NaiveDate = date("2026-03-01");
        for pair in fates.chunks(2) {
            for (fate, (slot, hour, later)) in pair.iter().zip([("am", "08", "13"), ("pm", "20", "23")]) {
                let (at, what) = match *fate {
                    "taken" => (hour, taken()),
                    "late" => (later, taken()),
                    "skipped" => (hour, DoseAct::Skipped { reason: None }),
                    "missed" => (later, DoseAct::Missed {}),
                    "asleep" => (later, DoseAct::NotNotified { reason: NotNotified::Asleep }),
                    "held" => (hour, DoseAct::Held {}),
                    _ => continue,
                };
                let text = day.to_string();
                chart.enter(pills, Some((&text, slot)), &format!("{text}T{at}:59:00+01:00"), what);
            }
            day = day.succ_opt().unwrap();
        }
        let last = day.pred_opt().unwrap().to_string();
        let found = chart.report("2026-03-01", &last, at("2026-12-01T00:00:00Z"));
        let medicine = &found.medicines[0];
        let said = |is: fn(&Note) -> bool| -> usize {
            medicine
                .notes
                .iter()
                .filter(|stretch| is(&stretch.note))
                .map(|stretch| usize::try_from((stretch.last - stretch.first).num_days() + 1).unwrap() * stretch.times.len())
                .sum()
        };
        let counts = medicine.taking;
        let held = said(|note| matches!(note, Note::Held {}));
        let late = said(|note| matches!(note, Note::Late {}));
        prop_assert_eq!(said(|note| matches!(note, Note::Missed {})), counts.missed as usize);
        prop_assert_eq!(said(|note| matches!(note, Note::Skipped { .. })), counts.skipped as usize);
        prop_assert_eq!(late, medicine.late as usize);
        let on_time = counts.taken as usize - late;
        prop_assert_eq!(on_time + said(|_| true), counts.prescribed as usize + held);
        // No two stretches of one kind could be one.
        for pair in medicine.notes.windows(2) {
            let joined = pair[0].note == pair[1].note
                && pair[0].times == pair[1].times
                && pair[0].last.succ_opt() == Some(pair[1].first);
            prop_assert!(!joined, "{:?}", pair);
        }
    }
}
