//! The audit trails: what is read for a person is written down first, by many at once without a gap, and whatever is
//! changed in it afterwards shows.

use std::net::{IpAddr, Ipv4Addr};

use doseline_backend::store::{
    Store, StoreError, Tx,
    access::{Reader, System},
    audit::{self, Act, Broken, Notes, Reading, Refusal, Report, Stored},
    record,
};
use doseline_shared::{
    access::StaffRole,
    change::BrokenBy,
    id::{ClinicId, DeviceId, PatientId, PersonId},
    record::{Grantee, Record, RecordKind},
};
use uuid::Uuid;

use crate::bench::{Bench, dose, minutes, noon, on_both_engines};

on_both_engines!(
    who_reads_is_written_down_with_the_way_that_was_open,
    what_gives_nothing_leaves_no_trace,
    what_cannot_be_written_down_is_not_given,
    readers_of_one_patient_leave_a_trail_without_a_gap,
    a_refusal_goes_to_the_trail_of_whom_it_concerns,
    what_is_done_to_an_account_is_in_its_trail_and_so_is_who_was_not_let_in,
    whatever_is_done_to_a_trail_shows,
    a_trail_cut_short_or_gone_shows_against_the_seal,
    a_seal_covers_only_the_trails_that_have_grown,
);

fn reading(person: PersonId, asked: &str) -> Reading {
    Reading {
        person,
        device: DeviceId::from_uuid(Uuid::from_u128(5)),
        origin: IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)),
        asked: asked.to_owned(),
        at: noon() + minutes(1),
    }
}

async fn read(store: &Store, person: PersonId, patient: PatientId) -> Result<Vec<Record>, StoreError> {
    let job = async move |tx: &mut Tx, reader: &Reader| record::of_patient(tx, reader, patient).await;
    audit::read(store, reading(person, "GET /a"), job).await
}

async fn trail(bench: &Bench, of: Uuid) -> Vec<Stored> {
    bench
        .read(async move |tx| audit::events(tx, &System::new("a test looks"), of, 0).await)
        .await
}

async fn verify(bench: &Bench) -> Report {
    bench.read(async |tx: &mut Tx| audit::verify(tx).await).await
}

async fn seal(bench: &Bench) -> Option<(u64, u64)> {
    let seal = bench.write(async |tx| audit::seal(tx, noon()).await).await;
    seal.map(|seal| (seal.number, seal.heads))
}

/// Ada, whom a caregiver and a clinic's front desk may see.
async fn known(bench: &Bench) -> (PatientId, [PersonId; 3], ClinicId) {
    let (own, chidi, desk) = (
        bench.a_person("Ada Obi").await,
        bench.a_person("Chidi").await,
        bench.a_person("Bola").await,
    );
    let ada = bench.a_patient("Ada Obi", Some(own)).await;
    bench.put(0, Record::DoseEvent(dose(ada))).await;
    bench.grants(ada, Grantee::Caregiver { person: chidi }).await;
    let clinic = bench.a_clinic(&[(desk, StaffRole::FrontDesk)]).await;
    bench.grants(ada, Grantee::Clinic { clinic }).await;
    (ada, [own, chidi, desk], clinic)
}

async fn who_reads_is_written_down_with_the_way_that_was_open(bench: Bench) {
    let (ada, people, clinic) = known(&bench).await;
    for person in people {
        assert!(
            !read(&bench.store, person, ada)
                .await
                .expect("it can be read")
                .is_empty()
        );
    }
    // Whoever is both counts as the nearer.
    let [_, chidi, _] = people;
    let other = bench.a_clinic(&[(chidi, StaffRole::Nurse)]).await;
    bench.grants(ada, Grantee::Clinic { clinic: other }).await;
    read(&bench.store, chidi, ada).await.expect("it can be read");

    let trail = trail(&bench, ada.uuid()).await;
    let seen: Vec<_> = trail
        .iter()
        .map(|event| (event.actor, event.why.as_str(), event.clinic))
        .collect();
    let [own, chidi, desk] = people.map(Some);
    let expected = [
        (own, "own", None),
        (chidi, "caregiver", None),
        (desk, "staff", Some(clinic)),
        (chidi, "caregiver", None),
    ];
    assert_eq!(seen, expected);
    let first = &trail[0];
    assert_eq!(
        (first.at, first.origin.as_deref()),
        (noon() + minutes(1), Some("10.0.0.1"))
    );
    assert_eq!((first.asked.as_str(), first.outcome.as_str()), ("GET /a", "read"));
    assert_eq!(verify(&bench).await.broken, None);
}

async fn what_gives_nothing_leaves_no_trace(bench: Bench) {
    let (ada, [_, _, desk], _) = known(&bench).await;
    let stranger = bench.a_person("Stranger").await;
    assert_eq!(read(&bench.store, stranger, ada).await.expect("it can be asked"), []);
    let doses = async move |tx: &mut Tx, reader: &Reader| record::of_kind(tx, reader, ada, RecordKind::DoseEvent).await;
    let none = audit::read(&bench.store, reading(desk, "GET /doses"), doses).await;
    assert_eq!(none.expect("it can be asked"), []);
    // The system's own reading is for no person.
    assert_eq!(bench.records(ada).await.len(), 4);
    assert_eq!(verify(&bench).await, Report::default());
}

async fn what_cannot_be_written_down_is_not_given(bench: Bench) {
    let (ada, [own, ..], _) = known(&bench).await;
    bench.tamper("ALTER TABLE audit RENAME TO elsewhere").await;
    let again = bench.again().await;
    assert!(read(&again, own, ada).await.is_err());
}

async fn readers_of_one_patient_leave_a_trail_without_a_gap(bench: Bench) {
    let (ada, people, _) = known(&bench).await;
    let other = bench.again().await;
    let mut readers = Vec::new();
    for round in 0..30_usize {
        let store = if round % 2 == 0 {
            bench.store.clone()
        } else {
            other.clone()
        };
        let person = people[round % 3];
        readers.push(tokio::spawn(async move { read(&store, person, ada).await }));
    }
    for reader in readers {
        reader.await.expect("no panic").expect("it can be read");
    }
    let report = verify(&bench).await;
    assert_eq!((report.trails, report.events, report.broken), (1, 30, None));
}

async fn what_is_done_to_an_account_is_in_its_trail_and_so_is_who_was_not_let_in(bench: Bench) {
    let ada = bench.a_person("Ada Obi").await;
    let device = DeviceId::from_uuid(Uuid::from_u128(5));
    let act = Act {
        on: ada.uuid(),
        by: Some((ada, device)),
        origin: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        what: "signed_in",
        concerns: String::new(),
        why: "one's own account",
        at: noon(),
    };
    let reset = Act::of_operator(ada.uuid(), "password_reset", "x".repeat(1_000), noon() + minutes(1));
    let wrong = Notes {
        shown: Vec::new(),
        refusals: vec![Refusal {
            who: None,
            origin: IpAddr::V4(Ipv4Addr::LOCALHOST),
            asked: "POST /v1/sessions".to_owned(),
            account: Some(ada),
            patient: None,
            code: "wrong_credentials",
            why: "e-mail and password do not fit together",
            at: noon() + minutes(2),
        }],
    };
    bench
        .write(async move |tx| {
            audit::acted(tx, act.clone()).await?;
            audit::acted(tx, reset.clone()).await?;
            audit::note(tx, &wrong).await
        })
        .await;
    let events = bench
        .read(async move |tx| audit::events(tx, &System::new("a test looks"), ada.uuid(), 0).await)
        .await;
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            (
                event.outcome.as_str(),
                event.actor,
                event.device,
                event.origin.as_deref(),
            )
        })
        .collect();
    let here = Some("127.0.0.1");
    assert_eq!(
        told,
        [
            ("signed_in", Some(ada), Some(device), here),
            ("password_reset", None, None, None),
            ("wrong_credentials", None, None, here),
        ]
    );
    assert_eq!(events[1].asked.len(), 300, "what is too long is cut off");
    let report = verify(&bench).await;
    assert_eq!((report.trails, report.events, report.broken), (1, 3, None));
}

async fn a_refusal_goes_to_the_trail_of_whom_it_concerns(bench: Bench) {
    let (ada, [_, chidi, _], _) = known(&bench).await;
    let device = DeviceId::from_uuid(Uuid::from_u128(5));
    let refusal = |who: Option<PersonId>, patient: Option<PatientId>| Refusal {
        who: who.map(|person| (person, device)),
        origin: IpAddr::V4(Ipv4Addr::LOCALHOST),
        asked: "x".repeat(1_000),
        account: None,
        patient,
        code: "not_found",
        why: "no grant holds",
        at: noon(),
    };
    let nowhere = PatientId::from_uuid(Uuid::from_u128(77));
    let notes = Notes {
        shown: Vec::new(),
        refusals: vec![
            refusal(Some(chidi), Some(ada)),
            refusal(Some(chidi), Some(nowhere)),
            refusal(None, Some(ada)),
            refusal(None, Some(nowhere)),
            refusal(None, None),
        ],
    };
    bench.write(async move |tx| audit::note(tx, &notes).await).await;
    let mut counts = Vec::new();
    for of in [ada.uuid(), chidi.uuid(), Uuid::nil(), nowhere.uuid()] {
        counts.push(trail(&bench, of).await.len());
    }
    assert_eq!(counts, [2, 1, 2, 0]);
    let first = &trail(&bench, ada.uuid()).await[0];
    assert_eq!(
        (first.outcome.as_str(), first.why.as_str()),
        ("not_found", "no grant holds")
    );
    assert_eq!(first.asked.len(), 300, "what is too long is cut off");
}

/// Two trails of five events each, sealed.
async fn sealed(bench: &Bench) -> (PatientId, PatientId) {
    let (own, emeka) = (bench.a_person("Ada Obi").await, bench.a_person("Emeka").await);
    let (one, two) = (
        bench.a_patient("Ada Obi", Some(own)).await,
        bench.a_patient("Emeka", Some(emeka)).await,
    );
    for (person, patient) in [(own, one), (emeka, two)] {
        for _ in 0..5 {
            read(&bench.store, person, patient).await.expect("it can be read");
        }
    }
    assert_eq!(seal(bench).await, Some((1, 2)));
    (one, two)
}

async fn whatever_is_done_to_a_trail_shows(bench: Bench) {
    let (ada, emeka) = sealed(&bench).await;
    let report = verify(&bench).await;
    assert_eq!(
        (report.trails, report.events, report.seals, report.broken),
        (2, 10, 1, None)
    );
    let event = |trail: PatientId, link, why| Broken::Event {
        trail: trail.uuid(),
        link,
        why,
    };
    // Each in a place before the last, so that it is the first that is found.
    for (sql, found) in [
        (
            format!("DELETE FROM audit WHERE trail = '{emeka}' AND link = 5"),
            Broken::Head { trail: emeka.uuid() },
        ),
        (
            format!("DELETE FROM audit WHERE trail = '{emeka}' AND link = 3"),
            event(emeka, 4, BrokenBy::Missing),
        ),
        (
            format!("UPDATE audit SET asked = 'GET /b' WHERE trail = '{emeka}' AND link = 2"),
            event(emeka, 2, BrokenBy::Altered),
        ),
        (
            format!(
                "UPDATE audit SET link = -3 WHERE trail = '{ada}' AND link = 3; \
                 UPDATE audit SET link = 3 WHERE trail = '{ada}' AND link = 4; \
                 UPDATE audit SET link = 4 WHERE trail = '{ada}' AND link = -3"
            ),
            event(ada, 3, BrokenBy::OtherPrev),
        ),
        (
            format!("UPDATE audit SET actor = NULL WHERE trail = '{ada}' AND link = 2"),
            event(ada, 2, BrokenBy::Altered),
        ),
        (
            format!("UPDATE audit SET at = at + 1 WHERE trail = '{ada}' AND link = 1"),
            event(ada, 1, BrokenBy::Altered),
        ),
    ] {
        bench.tamper(&sql).await;
        assert_eq!(verify(&bench).await.broken, Some(found), "{sql}");
    }
}

async fn a_trail_cut_short_or_gone_shows_against_the_seal(bench: Bench) {
    let (ada, emeka) = sealed(&bench).await;
    let gone = |trail: PatientId| Broken::Gone {
        trail: trail.uuid(),
        link: 5,
        seal: 1,
    };
    // As thorough as one can be without the seals.
    let sql = format!(
        "DELETE FROM audit WHERE trail = '{ada}' AND link = 5; \
         UPDATE audit_head SET link = 4, hash = (SELECT hash FROM audit WHERE trail = '{ada}' AND link = 4) \
         WHERE trail = '{ada}'"
    );
    bench.tamper(&sql).await;
    assert_eq!(verify(&bench).await.broken, Some(gone(ada)));
    let sql = format!(
        "DELETE FROM audit_seal_head WHERE trail = '{ada}'; \
         DELETE FROM audit WHERE trail = '{emeka}'; DELETE FROM audit_head WHERE trail = '{emeka}'"
    );
    bench.tamper(&sql).await;
    assert_eq!(verify(&bench).await.broken, Some(Broken::Seal { number: 1 }));
}

async fn a_seal_covers_only_the_trails_that_have_grown(bench: Bench) {
    assert_eq!(seal(&bench).await, None);
    let (ada, _) = sealed(&bench).await;
    assert_eq!(seal(&bench).await, None);
    let own = bench.a_person("Chidi").await;
    bench.grants(ada, Grantee::Caregiver { person: own }).await;
    read(&bench.store, own, ada).await.expect("it can be read");
    read(&bench.store, own, ada).await.expect("it can be read");
    assert_eq!(seal(&bench).await, Some((2, 1)));

    // Two backends that seal at the same moment make one seal.
    read(&bench.store, own, ada).await.expect("it can be read");
    let other = bench.again().await;
    let sealing = async |tx: &mut Tx| audit::seal(tx, noon()).await;
    let (one, two) = tokio::join!(bench.store.write(sealing), other.write(sealing));
    let made = [one, two].map(|made| made.expect("no failure"));
    assert_eq!(
        made.into_iter().flatten().map(|seal| seal.number).collect::<Vec<_>>(),
        [3]
    );
    let report = verify(&bench).await;
    assert_eq!((report.seals, report.broken), (3, None));
}
