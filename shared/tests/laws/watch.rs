//! The watch: a dose that nobody answers is missed once, whoever looks and however often, and whoever cares is told in time.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use doseline_shared::{
    dose::{Closing, DoseAct, DoseEvent, Doses, SYSTEM, closing_id, slate::Regimen},
    id::{DoseEventId, GrantId, MedicationId, PatientId, PersonId},
    record::{Alert, AlertFor, AlertRule, Grant, Grantee, Medication, Patient, Scope, Tell},
    schedule::{Days, OccurrenceKey},
    travel::Zones,
    watch::{Findings, Watched, look},
};
use proptest::{collection::vec, prelude::*};
use uuid::Uuid;

use crate::build::{at, event, last_taken, medication, taken, tz, wall};

const CARER: Grantee = Grantee::Caregiver {
    person: PersonId::from_uuid(Uuid::from_u128(7)),
};

/// A patient's record as the watch knows it.
struct Chart {
    patient: Patient,
    medications: Vec<Medication>,
    doses: BTreeMap<MedicationId, Doses>,
    grants: Vec<Grant>,
    rules: Vec<AlertRule>,
    alerts: Vec<Alert>,
    since: DateTime<Utc>,
}

impl Regimen for Chart {
    fn zones(&self) -> Zones<'_> {
        self.patient.zones()
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
    /// Eight in the morning and eight in the evening in UTC, missed after four hours; someone cares.
    fn new() -> Self {
        let patient = Patient {
            id: PatientId::from_uuid(Uuid::from_u128(2)),
            version: 1,
            person: Some(PersonId::from_uuid(Uuid::from_u128(3))),
            name: "Ada".to_owned(),
            birth_date: None,
            zone: tz("UTC"),
            travels: Vec::new(),
        };
        let grant = Grant {
            id: GrantId::from_uuid(Uuid::from_u128(5)),
            patient: patient.id,
            version: 1,
            to: CARER,
            name: "Chidi".to_owned(),
            scope: Scope::View,
            from: at("2026-01-01T00:00:00Z"),
            until: None,
            ended_at: None,
        };
        let times = [("am", "08:00"), ("pm", "20:00")];
        Self {
            patient,
            medications: vec![medication(vec![("2026-01-01", wall("UTC", &times, Days::Every {}))])],
            doses: BTreeMap::new(),
            grants: vec![grant],
            rules: Vec::new(),
            alerts: Vec::new(),
            since: at("2026-03-01T00:00:00Z"),
        }
    }

    fn critical(mut self) -> Self {
        self.medications[0].critical = true;
        self
    }

    fn rule(mut self, of: AlertFor, tell: Tell) -> Self {
        self.rules.push(AlertRule {
            id: AlertRule::id_of(self.patient.id, CARER, of),
            patient: self.patient.id,
            version: 1,
            to: CARER,
            of,
            tell,
        });
        self
    }

    fn log(&mut self, event: DoseEvent) {
        self.doses.entry(event.medication).or_default().insert(event.into());
    }

    /// Looks, without writing anything.
    fn look(&self, now: &str) -> Findings {
        self.look_at(at(now))
    }

    fn look_at(&self, now: DateTime<Utc>) -> Findings {
        let watched = Watched {
            patient: &self.patient,
            regimen: self,
            grants: &self.grants,
            rules: &self.rules,
            alerts: &self.alerts,
            since: self.since,
        };
        look(&watched, now)
    }

    /// Looks, and writes what is found.
    fn watch(&mut self, now: DateTime<Utc>) -> Findings {
        let findings = self.look_at(now);
        for event in &findings.missed {
            self.log(event.clone());
        }
        self.alerts
            .extend(findings.raised.iter().map(|(alert, _)| alert.clone()));
        for changed in &findings.changed {
            let alert = self.alerts.iter_mut().find(|alert| alert.id == changed.id);
            *alert.expect("only what was raised can change") = changed.clone();
        }
        findings
    }
}

fn key(text: &str) -> OccurrenceKey {
    text.parse().unwrap()
}

fn minutes(minutes: u32) -> Tell {
    Tell::After { minutes }
}

fn next(findings: &Findings) -> DateTime<Utc> {
    findings.next.expect("something is to come").at
}

#[test]
fn a_dose_that_nobody_answers_is_missed_when_its_time_is_over_and_told_an_hour_later() {
    let mut chart = Chart::new();
    let before = chart.watch(at("2026-03-01T11:59:59Z"));
    assert!(before.is_empty(), "{before:?}");
    assert_eq!(next(&before), at("2026-03-01T12:00:00Z"));

    let over = chart.watch(at("2026-03-01T12:00:00Z"));
    let [missed] = &*over.missed else { panic!("{over:?}") };
    assert_eq!(
        missed.id,
        closing_id(missed.medication, &key("2026-03-01/am"), Closing::Missed)
    );
    assert_eq!((missed.by, missed.at.to_utc()), (SYSTEM, at("2026-03-01T12:00:00Z")));
    assert!(over.raised.is_empty());
    assert_eq!(next(&over), at("2026-03-01T13:00:00Z"));
    assert!(!over.heed, "nothing stands yet that an entry could change");

    let told = chart.watch(at("2026-03-01T13:00:00Z"));
    assert!(told.missed.is_empty());
    let [(alert, moment)] = &*told.raised else {
        panic!("{told:?}")
    };
    assert_eq!((alert.to, *moment), (CARER, at("2026-03-01T13:00:00Z")));
    assert!(told.heed);
    assert_eq!(next(&told), at("2026-03-02T00:00:00Z"));
    assert!(chart.watch(at("2026-03-01T13:00:01Z")).is_empty());
}

#[test]
fn what_is_dangerous_to_miss_is_told_after_five_minutes_and_first() {
    let mut chart = Chart::new().critical();
    let mut other = chart.medications[0].clone();
    other.id = MedicationId::from_uuid(Uuid::from_u128(0));
    other.critical = false;
    chart.medications.insert(0, other);
    let over = chart.watch(at("2026-03-01T12:00:00Z"));
    assert_eq!(over.missed.len(), 2);
    assert_eq!(
        over.next.map(|next| (next.at, next.critical)),
        Some((at("2026-03-01T12:05:00Z"), true))
    );
    let both = chart.look("2026-03-01T13:30:00Z");
    let critical: Vec<bool> = both.raised.iter().map(|(alert, _)| alert.critical).collect();
    assert_eq!(critical, [true, false]);
}

#[test]
fn the_rule_for_a_medicine_holds_before_the_one_for_its_kind() {
    let id = medication(Vec::new()).id;
    let of = AlertFor::Medication { medication: id };
    let at_moment = |chart: Chart| {
        next(&{
            let mut chart = chart;
            chart.watch(at("2026-03-01T12:00:00Z"))
        })
    };
    let kind = || Chart::new().rule(AlertFor::Others {}, minutes(240));
    assert_eq!(at_moment(kind()), at("2026-03-01T16:00:00Z"));
    assert_eq!(at_moment(kind().rule(of, minutes(15))), at("2026-03-01T12:15:00Z"));
    let never = kind().rule(of, Tell::Never {});
    assert_eq!(
        at_moment(never),
        at("2026-03-02T00:00:00Z"),
        "only the evening is to come"
    );
    let as_others = kind().rule(of, Tell::AsOthers {});
    assert_eq!(
        at_moment(as_others),
        at("2026-03-01T16:00:00Z"),
        "what was said of it is taken back"
    );
    let critical = kind().critical();
    assert_eq!(
        at_moment(critical),
        at("2026-03-01T12:05:00Z"),
        "the rule is for the others"
    );
}

#[test]
fn a_dose_logged_in_the_meantime_is_not_told_and_one_logged_late_settles_the_alert() {
    let mut chart = Chart::new();
    chart.watch(at("2026-03-01T12:00:00Z"));
    let mut chart_in_time = Chart::new();
    chart_in_time.watch(at("2026-03-01T12:00:00Z"));
    chart_in_time.log(event(9, 4 * 60 + 30, taken()));
    assert!(chart_in_time.watch(at("2026-03-01T13:00:00Z")).is_empty());

    chart.watch(at("2026-03-01T13:00:00Z"));
    assert!(chart.alerts[0].stands());
    chart.log(event(9, 5 * 60 + 30, taken()));
    let late = chart.watch(at("2026-03-01T13:30:00Z"));
    assert_eq!(late.changed.len(), 1);
    assert_eq!(chart.alerts[0].answered_at, Some(at("2026-03-01T13:30:00Z")));
    assert!(!chart.alerts[0].stands());
    assert!(chart.watch(at("2026-03-01T13:31:00Z")).is_empty());

    // The entry was a mistake: the dose is open again, and so is the alert.
    let retracted = DoseAct::Retracted {
        event: DoseEventId::from_uuid(Uuid::from_u128(9)),
    };
    chart.log(event(10, 6 * 60, retracted));
    chart.watch(at("2026-03-01T14:00:00Z"));
    assert!(chart.alerts[0].stands());
    assert_eq!(chart.alerts.len(), 1);
}

#[test]
fn a_failed_reminder_is_not_the_patients_miss_and_is_told_all_the_same() {
    let mut chart = Chart::new();
    let reason = doseline_shared::dose::NotNotified::Refused;
    chart.log(event(9, 1, DoseAct::NotNotified { reason }));
    let over = chart.watch(at("2026-03-01T12:00:00Z"));
    assert!(over.missed.is_empty(), "{over:?}");
    assert_eq!(chart.watch(at("2026-03-01T13:00:00Z")).raised.len(), 1);
}

#[test]
fn a_reminder_that_was_put_off_gets_its_turn() {
    let mut chart = Chart::new();
    let until = at("2026-03-01T11:50:00Z");
    chart.log(event(9, 60, DoseAct::Snoozed { until }));
    assert_eq!(
        next(&chart.watch(at("2026-03-01T12:00:00Z"))),
        at("2026-03-01T12:20:00Z")
    );
    assert_eq!(chart.watch(at("2026-03-01T12:20:00Z")).missed.len(), 1);
}

#[test]
fn nobody_is_watched_without_an_account_and_nothing_from_before_the_watch_began() {
    let mut chart = Chart::new();
    chart.patient.person = None;
    assert_eq!(chart.look("2026-03-05T12:00:00Z"), Findings::default());
    let mut chart = Chart::new();
    chart.since = at("2026-03-01T12:00:00Z");
    let findings = chart.watch(at("2026-03-01T14:00:00Z"));
    assert!(findings.is_empty(), "{findings:?}");
    // A grant tells from its beginning on.
    let mut chart = Chart::new();
    chart.grants[0].from = at("2026-03-01T12:30:00Z");
    chart.watch(at("2026-03-01T12:00:00Z"));
    assert!(chart.watch(at("2026-03-01T15:00:00Z")).raised.is_empty());
}

#[test]
fn after_a_long_silence_two_days_are_closed_and_nobody_is_told_of_what_is_stale() {
    let mut chart = Chart::new();
    let findings = chart.watch(at("2026-03-10T12:00:00Z"));
    // Those whose time was over after noon of the 8th.
    assert_eq!(findings.missed.len(), 4);
    // Of the last day only: the morning of the 9th and the evening after it.
    assert_eq!(findings.raised.len(), 2);
}

#[test]
fn a_chain_that_counts_from_the_last_dose_heeds_every_entry() {
    let mut chart = Chart::new();
    chart.medications = vec![medication(vec![(
        "2026-03-01",
        last_taken("UTC", 480, "2026-03-01T08:00:00Z"),
    )])];
    let findings = chart.watch(at("2026-03-01T08:00:00Z"));
    assert!(findings.heed);
    assert_eq!(next(&findings), at("2026-03-01T12:00:00Z"));
}

proptest! {
    /// However often and whenever it is looked at, as long as no look is two days after the one before: each dose that
    /// nobody took is missed once and told once, and no other; and a look when the watch asked for it is in time.
    #[test]
    fn whenever_one_looks_each_miss_is_recorded_and_told_exactly_once(
        steps in vec(1_i64..600, 1..40),
        taken_days in vec(any::<bool>(), 14),
        critical in any::<bool>(),
    ) {
        let mut chart = if critical { Chart::new().critical() } else { Chart::new() };
        for (number, _) in taken_days.iter().enumerate().filter(|(_, taken)| **taken) {
            // Number 0 is the morning of the first day, 1 its evening.
            let mut entry = event(100 + number as u128, 12 * 60 * number as i64, taken());
            let due = at("2026-03-01T08:00:00Z") + TimeDelta::hours(12 * number as i64);
            let slot = if number % 2 == 0 { "am" } else { "pm" };
            entry.occurrence = Some(key(&format!("{}/{slot}", due.date_naive())));
            entry.due = Some(due);
            chart.log(entry);
        }
        let mut now = at("2026-03-01T00:30:00Z");
        let end = at("2026-03-08T00:30:00Z");
        let mut steps = steps.iter().cycle();
        let (mut missed, mut raised) = (Vec::new(), Vec::new());
        while now < end {
            let found = chart.watch(now);
            prop_assert!(chart.look_at(now).is_empty(), "the same look again finds the same again");
            missed.extend(found.missed.iter().map(|event| event.id));
            raised.extend(found.raised.iter().map(|(alert, _)| alert.id));
            let step = TimeDelta::minutes(*steps.next().expect("it goes round"));
            // Half of the looks come when they were asked for.
            now = match (step.num_minutes() % 2 == 0, found.next) {
                (true, Some(next)) => next.at,
                (true, None) | (false, _) => now + step,
            };
        }
        chart.watch(end).missed.iter().for_each(|event| missed.push(event.id));
        let open = taken_days.iter().take(14).filter(|taken| !**taken).count();
        prop_assert!(missed.len() <= open && missed.len() + 1 >= open, "{} of {open}", missed.len());
        prop_assert!(raised.len() <= missed.len() && raised.len() + 2 >= missed.len());
        for ids in [missed.iter().map(|id| id.uuid()).collect::<Vec<_>>(), raised.iter().map(|id| id.uuid()).collect()] {
            let mut once = ids.clone();
            once.sort_unstable();
            once.dedup();
            prop_assert_eq!(once.len(), ids.len());
        }
    }
}
