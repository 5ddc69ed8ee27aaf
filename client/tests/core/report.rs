//! The report for the doctor: from what is on the device, for those who may see the record, and for nobody else.

use chrono::{Duration, NaiveDate};
use doseline_client::{
    ask::{OpenReport, OpenToday, PrintReport},
    view::{ReportSideEffect, ReportView, WhenText},
};
use doseline_shared::{
    api::{ErrorCode, report::Document},
    id::{DeviceId, PatientId, SideEffectEntryId},
    record::{Record, Report, Scope, Severity, SideEffectAct, SideEffectEntry, Symptom},
    report::Note,
};
use uuid::Uuid;

use crate::{
    people::{grant, person},
    world::{Phone, World, at, daily, time},
};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn report(phone: &Phone, patient: Option<PatientId>) -> Result<ReportView, ErrorCode> {
    let (from, to) = (date("2026-02-10"), date("2026-03-11"));
    phone.ask(OpenReport { patient, from, to }).map_err(|fault| fault.code)
}

#[test]
fn a_report_needs_no_network_and_holds_what_has_not_been_sent_yet() {
    let world = World::new();
    world.clock.set(at("2026-03-01T06:50:00Z"));
    let ada = world.phone_of("ada@example.org");
    ada.add(daily("Metformin", &["08:00", "20:00"]));
    ada.sync();
    world.server.borrow_mut().offline = true;
    world.clock.set(at("2026-03-01T07:10:00Z"));
    ada.take(&ada.doses()[0]);
    world.clock.set(at("2026-03-02T12:00:00Z"));
    let seen = report(&ada, None).unwrap();
    assert_eq!(
        (seen.name.as_str(), seen.zone.name()),
        ("ada@example.org", "Africa/Lagos")
    );
    assert_eq!(
        (seen.from, seen.to, seen.today),
        (date("2026-02-10"), date("2026-03-02"), date("2026-03-02"))
    );
    let [metformin] = seen.medicines.as_slice() else {
        panic!("{seen:?}")
    };
    assert_eq!(metformin.instruction.as_deref(), Some("with food"));
    let times = vec![time("08:00"), time("20:00")];
    assert_eq!(metformin.when, WhenText::Daily { times });
    // Three are over: one taken, and of two nothing is known or they were missed, as the device saw.
    assert_eq!((seen.overall.taken, seen.overall.prescribed), (1, 3));
    assert_eq!(metformin.record.taking, seen.overall);
    let notes = metformin.record.notes.iter();
    assert!(
        notes.clone().count() > 0
            && notes
                .clone()
                .all(|stretch| matches!(stretch.note, Note::Missed {} | Note::NoEntry {} | Note::NotReminded {}))
    );
}

#[test]
fn a_side_effect_is_told_with_the_medicine_that_is_suspected_and_its_last_day() {
    let world = World::new();
    let ada = world.phone_of("ada@example.org");
    let medication = ada.add(daily("Metformin", &["08:00"])).row.medication;
    ada.sync();
    let patient = ada.today().patient;
    let reported = Report {
        symptom: Symptom::Nausea,
        severity: Severity::Moderate,
        from: date("2026-02-20"),
        medication: Some(medication),
        note: Some("after breakfast".to_owned()),
    };
    let id = |number| SideEffectEntryId::from_uuid(Uuid::from_u128(number));
    let acts = [
        SideEffectAct::Reported {
            report: reported.clone(),
        },
        SideEffectAct::Ended {
            entry: id(1),
            on: date("2026-02-23"),
        },
    ];
    for (number, what) in (1..).zip(acts) {
        world
            .server
            .borrow_mut()
            .write(Record::SideEffectEntry(SideEffectEntry {
                id: id(number),
                patient,
                what,
                recorded_at: at("2026-03-01T07:00:00Z").fixed_offset(),
                by: person(&ada),
                device: DeviceId::from_uuid(Uuid::from_u128(9)),
            }));
    }
    ada.sync();
    let seen = report(&ada, None).unwrap().side_effects;
    let expected = ReportSideEffect {
        report: reported,
        medicine: Some("Metformin".to_owned()),
        last: Some(date("2026-02-22")),
    };
    assert_eq!(seen, [expected]);
}

#[test]
fn a_caregiver_who_may_see_has_the_report_until_the_grant_ends_and_a_stranger_never() {
    let world = World::new();
    let ada = world.phone_of("ada@example.org");
    ada.add(daily("Warfarin", &["08:00"]));
    ada.sync();
    let patient = ada.today().patient;
    let chidi = world.phone_of("chidi@example.org");
    assert_eq!(report(&chidi, Some(patient)), Err(ErrorCode::NotFound));
    grant(&world, patient, person(&chidi), Scope::View, false);
    chidi.sync();
    let seen = report(&chidi, Some(patient)).unwrap();
    assert_eq!((seen.name.as_str(), seen.medicines.len()), ("ada@example.org", 1));
    grant(&world, patient, person(&chidi), Scope::View, true);
    chidi.sync();
    assert_eq!(report(&chidi, Some(patient)), Err(ErrorCode::NotFound));
    assert!(report(&ada, None).is_ok());
}

#[test]
fn a_range_with_no_days_and_one_longer_than_a_year_are_refused() {
    let world = World::new();
    let ada = world.phone_of("ada@example.org");
    let ask = |from: &str, to: &str| {
        let (from, to) = (date(from), date(to));
        let fault = ada
            .ask(OpenReport {
                patient: None,
                from,
                to,
            })
            .unwrap_err();
        (fault.code, fault.field)
    };
    let no_days = (ErrorCode::InvalidField, Some("range".to_owned()));
    assert_eq!(ask("2026-02-20", "2026-02-10"), no_days);
    assert_eq!(ask("2026-04-01", "2026-04-10"), no_days, "it is the first of March");
    assert_eq!(ask("2025-01-01", "2026-03-01"), (ErrorCode::TooMuch, None));
}

#[test]
fn the_backend_makes_the_file_where_the_device_cannot_and_only_with_a_network() {
    let world = World::new();
    let ada = world.phone_of("ada@example.org");
    let document = Document {
        locale: "en".to_owned(),
        title: "Report".to_owned(),
        name: "Ada".to_owned(),
        under: Vec::new(),
        made: String::new(),
        running: String::new(),
        foot: String::new(),
        blocks: Vec::new(),
        most_pages: Some(2),
    };
    let print = || {
        ada.ask(PrintReport {
            document: document.clone(),
        })
    };
    assert_eq!(print().unwrap(), b"\"Ada\"", "as it came");
    // An access token that has run out is replaced on the way.
    world.server.borrow_mut().tokens_run_out = true;
    assert_eq!(print().unwrap(), b"\"Ada\"");
    world.server.borrow_mut().offline = true;
    assert_eq!(print().unwrap_err().code, ErrorCode::Offline);
    world.pass(Duration::minutes(1));
    assert!(ada.ask(OpenToday { patient: None }).is_ok());
}
