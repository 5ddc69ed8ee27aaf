//! People, devices, sessions, clinics, attempts.

use doseline_backend::store::{
    StoreError, Tx, attempt, change, clinic, device,
    person::{self, First, Person},
    session::{self, Rotation, Session},
};
use doseline_shared::{
    access::StaffRole,
    id::{PersonId, SessionId},
};
use uuid::Uuid;

use crate::bench::{Bench, minutes, noon, on_both_engines};

on_both_engines!(
    a_person_is_found_by_e_mail_without_case,
    an_e_mail_serves_one_account,
    a_first_password_is_there_until_ones_own_takes_its_place,
    a_refresh_token_serves_once,
    a_token_used_twice_ends_its_whole_family,
    a_refresh_whose_answer_was_lost_can_be_asked_again,
    of_two_who_refresh_at_once_one_wins_and_the_family_ends,
    an_expired_or_ended_session_gives_no_token,
    all_sessions_but_one_end,
    a_device_is_listed_while_it_has_a_session,
    staff_come_change_role_and_go,
    attempts_are_counted_and_forgotten,
    the_store_says_how_it_is,
);

fn ada() -> Person {
    Person {
        id: PersonId::from_uuid(Uuid::now_v7()),
        name: "Ada Obi".to_owned(),
        email: "Ada.Obi@Example.org".to_owned(),
        password_hash: "$argon2id$first".to_owned(),
        created: noon(),
        first: None,
    }
}

async fn a_person_is_found_by_e_mail_without_case(bench: Bench) {
    let person = ada();
    let kept = person.clone();
    bench.write(async move |tx| person::insert(tx, &kept).await).await;
    let found = bench
        .read(async |tx| person::by_email(tx, " ADA.obi@example.ORG ").await)
        .await;
    assert_eq!(found.as_ref(), Some(&person));
    let id = person.id;
    assert_eq!(
        bench.read(async move |tx| person::by_id(tx, id).await).await,
        Some(person)
    );
    assert_eq!(
        bench
            .read(async |tx| person::by_email(tx, "ada@example.org").await)
            .await,
        None
    );

    assert!(
        bench
            .write(async move |tx| person::set_password(tx, id, "$argon2id$second").await)
            .await
    );
    let found = bench.read(async move |tx| person::by_id(tx, id).await).await;
    assert_eq!(
        found.map(|person| person.password_hash),
        Some("$argon2id$second".to_owned())
    );

    assert_eq!(bench.read(async move |tx| person::patient(tx, id).await).await, None);
    let patient = bench.a_patient("Ada Obi", Some(id)).await;
    assert_eq!(
        bench.read(async move |tx| person::patient(tx, id).await).await,
        Some(patient)
    );
}

async fn an_e_mail_serves_one_account(bench: Bench) {
    let attempts = (0..12).map(|_| {
        let (store, person) = (bench.store.clone(), ada());
        tokio::spawn(async move {
            store
                .write(async move |tx: &mut Tx| person::insert(tx, &person).await)
                .await
        })
    });
    let mut made = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        match attempt.await.expect("no panic") {
            Ok(()) => made += 1,
            Err(error) => assert_eq!(error, StoreError::Conflict),
        }
    }
    assert_eq!(made, 1);
}

async fn a_first_password_is_there_until_ones_own_takes_its_place(bench: Bench) {
    let (clinic, other) = (bench.a_clinic(&[]).await, bench.a_clinic(&[]).await);
    let until = noon() + minutes(60);
    let nurse = Person {
        first: Some(First {
            until,
            clinic: Some(clinic),
        }),
        ..ada()
    };
    let (id, kept) = (nurse.id, nurse.clone());
    bench
        .write(async move |tx| {
            person::insert(tx, &kept).await?;
            clinic::add_staff(tx, clinic, id, StaffRole::Nurse, noon()).await?;
            clinic::add_staff(tx, other, id, StaffRole::Nurse, noon()).await
        })
        .await;
    let device = bench.a_device(id).await;
    let session = Session {
        id: SessionId::from_uuid(Uuid::now_v7()),
        person: id,
        device,
        created: noon(),
        ended: None,
    };
    let of = session.id;
    bench
        .write(async move |tx| session::insert(tx, &session, "of the nurse", noon() + minutes(60)).await)
        .await;
    let found = async || {
        let found = bench.read(async move |tx| person::by_id(tx, id).await).await;
        let live = bench.read(async move |tx| session::live(tx, of).await).await;
        let (found, live) = (found.expect("it was kept"), live.expect("it lives"));
        assert_eq!(live.has_first_password, found.first.is_some());
        (found.password_hash, found.first)
    };
    let listed = async |clinic| {
        let staff = bench.read(async move |tx| clinic::staff(tx, clinic).await).await;
        staff.first().expect("the nurse works there").first_password
    };
    let hand_over_by = async |clinic, hash: &'static str| {
        bench
            .write(async move |tx| person::hand_over_by(tx, id, hash, until + minutes(1), clinic).await)
            .await
    };
    assert_eq!(found().await.1, nurse.first);
    assert_eq!((listed(clinic).await, listed(other).await), (Some(until), None));
    assert!(
        !hand_over_by(other, "$argon2id$others").await,
        "it did not make the account"
    );
    assert!(hand_over_by(clinic, "$argon2id$second").await);
    let (hash, first) = found().await;
    assert_eq!(hash, "$argon2id$second");
    assert_eq!(first.map(|first| first.until), Some(until + minutes(1)));

    bench
        .write(async move |tx| person::set_password(tx, id, "$argon2id$own").await)
        .await;
    assert_eq!(found().await, ("$argon2id$own".to_owned(), None));
    assert_eq!(listed(clinic).await, None);
    assert!(!hand_over_by(clinic, "$argon2id$third").await, "it is theirs now");
    assert!(
        bench
            .write(async move |tx| person::hand_over(tx, id, "$argon2id$operators", until).await)
            .await
    );
    let (hash, first) = found().await;
    assert_eq!(hash, "$argon2id$operators");
    assert_eq!(first, Some(First { until, clinic: None }));
    assert!(!hand_over_by(clinic, "$argon2id$fourth").await, "it stays theirs");
}

async fn signed_in(bench: &Bench) -> Session {
    signed_in_with(bench, "first").await
}

async fn signed_in_with(bench: &Bench, token: &'static str) -> Session {
    let person = bench.a_person("Ada Obi").await;
    let session = Session {
        id: SessionId::from_uuid(Uuid::now_v7()),
        person,
        device: bench.a_device(person).await,
        created: noon(),
        ended: None,
    };
    let kept = session.clone();
    bench
        .write(async move |tx| session::insert(tx, &kept, token, noon() + minutes(60)).await)
        .await;
    session
}

async fn rotate(bench: &Bench, old: &'static str, new: &'static str, at: i64) -> Rotation {
    let now = noon() + minutes(at);
    bench
        .write(async move |tx| session::rotate(tx, old, new, now, now + minutes(60)).await)
        .await
}

async fn is_live(bench: &Bench, session: &Session) -> bool {
    let id = session.id;
    bench.read(async move |tx| session::live(tx, id).await).await.is_some()
}

async fn a_refresh_token_serves_once(bench: Bench) {
    let session = signed_in(&bench).await;
    let found = bench.read(async |tx| session::by_refresh_hash(tx, "first").await).await;
    assert_eq!(found.as_ref(), Some(&session));
    assert_eq!(
        rotate(&bench, "first", "second", 1).await,
        Rotation::Rotated(session.clone())
    );
    assert_eq!(
        rotate(&bench, "second", "third", 2).await,
        Rotation::Rotated(session.clone())
    );
    assert_eq!(rotate(&bench, "never given out", "x", 2).await, Rotation::Unknown);
    assert!(is_live(&bench, &session).await);
    assert_eq!(
        bench
            .write(async |tx| session::prune(tx, noon() + minutes(61) + minutes(0)).await)
            .await,
        1
    );
}

async fn a_token_used_twice_ends_its_whole_family(bench: Bench) {
    let session = signed_in(&bench).await;
    rotate(&bench, "first", "second", 1).await;
    let Rotation::Reused(ended) = rotate(&bench, "first", "thief", 2).await else {
        panic!("the reuse is noticed");
    };
    assert_eq!((ended.id, ended.ended), (session.id, Some(noon() + minutes(2))));
    assert!(!is_live(&bench, &session).await);
    assert_eq!(rotate(&bench, "second", "third", 3).await, Rotation::Ended);
    assert_eq!(rotate(&bench, "thief", "x", 3).await, Rotation::Unknown);
}

async fn a_refresh_whose_answer_was_lost_can_be_asked_again(bench: Bench) {
    let session = signed_in(&bench).await;
    for at in 1..=3 {
        assert_eq!(
            rotate(&bench, "first", "second", at).await,
            Rotation::Rotated(session.clone())
        );
    }
    assert_eq!(
        rotate(&bench, "second", "third", 4).await,
        Rotation::Rotated(session.clone())
    );
    // The answer has been used, so whoever asks again is another.
    assert!(matches!(
        rotate(&bench, "first", "second", 5).await,
        Rotation::Reused(_)
    ));
    assert!(!is_live(&bench, &session).await);

    // The successor of another family is no successor.
    let (mine, theirs) = (
        signed_in_with(&bench, "mine").await,
        signed_in_with(&bench, "theirs").await,
    );
    rotate(&bench, "mine", "my second", 1).await;
    assert!(matches!(rotate(&bench, "mine", "theirs", 2).await, Rotation::Reused(_)));
    assert!(!is_live(&bench, &mine).await && is_live(&bench, &theirs).await);
}

async fn of_two_who_refresh_at_once_one_wins_and_the_family_ends(bench: Bench) {
    let session = signed_in(&bench).await;
    let tries = ["a", "b", "c", "d", "e", "f"].map(|new| {
        let (store, new) = (bench.store.clone(), new.to_owned());
        tokio::spawn(async move {
            store
                .write(async move |tx: &mut Tx| {
                    session::rotate(tx, "first", &new, noon() + minutes(1), noon() + minutes(60)).await
                })
                .await
        })
    });
    let (mut rotated, mut reused) = (0, 0);
    for attempt in tries {
        match attempt.await.expect("no panic").expect("no failure of the store") {
            Rotation::Rotated(_) => rotated += 1,
            Rotation::Reused(_) => reused += 1,
            Rotation::Ended => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(rotated <= 1 && reused >= 1, "{rotated} rotated, {reused} reused");
    assert!(!is_live(&bench, &session).await);
}

async fn an_expired_or_ended_session_gives_no_token(bench: Bench) {
    let session = signed_in(&bench).await;
    assert_eq!(rotate(&bench, "first", "second", 60).await, Rotation::Expired);
    let id = session.id;
    assert!(
        bench
            .write(async move |tx| session::end_family(tx, id, noon()).await)
            .await
    );
    assert!(
        !bench
            .write(async move |tx| session::end_family(tx, id, noon()).await)
            .await
    );
    assert!(!is_live(&bench, &session).await);
    let person = session.person;
    assert_eq!(
        bench
            .write(async move |tx| session::end_person(tx, person, noon()).await)
            .await,
        0
    );
}

async fn all_sessions_but_one_end(bench: Bench) {
    let kept = signed_in(&bench).await;
    let (person, device, id) = (kept.person, kept.device, kept.id);
    let other = Session {
        id: SessionId::from_uuid(Uuid::now_v7()),
        ..kept.clone()
    };
    let stranger = bench.a_person("Stranger").await;
    let theirs = Session {
        id: SessionId::from_uuid(Uuid::now_v7()),
        person: stranger,
        device: bench.a_device(stranger).await,
        ..kept.clone()
    };
    for (session, hash) in [(other.clone(), "other"), (theirs.clone(), "theirs")] {
        let job = async move |tx: &mut Tx| session::insert(tx, &session, hash, noon() + minutes(60)).await;
        bench.write(job).await;
    }
    assert_eq!(device, other.device);
    let end = async || {
        bench
            .write(async move |tx| session::end_others(tx, person, id, noon()).await)
            .await
    };
    assert_eq!((end().await, end().await), (1, 0));
    assert!(is_live(&bench, &kept).await && !is_live(&bench, &other).await && is_live(&bench, &theirs).await);
}

async fn a_device_is_listed_while_it_has_a_session(bench: Bench) {
    let session = signed_in(&bench).await;
    let (person, device, id) = (session.person, session.device, session.id);
    bench
        .write(async move |tx| session::touch(tx, id, noon() + minutes(5)).await)
        .await;
    // An earlier moment that comes late does not turn the clock back.
    bench
        .write(async move |tx| session::touch(tx, id, noon() + minutes(3)).await)
        .await;
    let devices = bench.read(async move |tx| device::of_person(tx, person).await).await;
    let seen: Vec<_> = devices
        .iter()
        .map(|device| (device.id, device.since, device.seen))
        .collect();
    assert_eq!(seen, [(device, noon(), noon() + minutes(5))]);

    let stranger = bench.a_person("Eve").await;
    assert!(
        !bench
            .write(async move |tx| device::end(tx, stranger, device, noon()).await)
            .await
    );
    assert!(is_live(&bench, &session).await);
    assert!(
        bench
            .write(async move |tx| device::end(tx, person, device, noon()).await)
            .await
    );
    assert!(!is_live(&bench, &session).await);
    assert_eq!(
        bench.read(async move |tx| device::of_person(tx, person).await).await,
        []
    );
}

async fn staff_come_change_role_and_go(bench: Bench) {
    let (nurse, desk) = (bench.a_person("Ngozi").await, bench.a_person("Bola").await);
    let clinic = bench
        .a_clinic(&[(nurse, StaffRole::Nurse), (desk, StaffRole::FrontDesk)])
        .await;
    let roles = async |bench: &Bench| -> Vec<(PersonId, StaffRole)> {
        let staff = bench.read(async move |tx| clinic::staff(tx, clinic).await).await;
        staff.iter().map(|member| (member.person, member.role)).collect()
    };
    assert_eq!(
        roles(&bench).await,
        [(desk, StaffRole::FrontDesk), (nurse, StaffRole::Nurse)]
    );

    crate::bench::heard(&mut bench.store.committed()).await;
    let mut committed = bench.store.committed();
    bench
        .write(async move |tx| clinic::add_staff(tx, clinic, desk, StaffRole::Nurse, noon()).await)
        .await;
    assert_eq!(
        roles(&bench).await,
        [(desk, StaffRole::Nurse), (nurse, StaffRole::Nurse)]
    );
    assert_eq!(
        crate::bench::heard(&mut committed).await,
        [doseline_backend::store::Committed::Staff { person: desk }]
    );

    assert!(
        bench
            .write(async move |tx| clinic::remove_staff(tx, clinic, desk, noon()).await)
            .await
    );
    assert!(
        !bench
            .write(async move |tx| clinic::remove_staff(tx, clinic, desk, noon()).await)
            .await
    );
    assert_eq!(roles(&bench).await, [(nurse, StaffRole::Nurse)]);
    assert!(
        bench
            .read(async move |tx| clinic::memberships(tx, desk).await)
            .await
            .is_empty()
    );
    for (person, was) in [
        (desk, true),
        (nurse, true),
        (PersonId::from_uuid(Uuid::now_v7()), false),
    ] {
        assert_eq!(
            bench
                .read(async move |tx| clinic::was_staff(tx, clinic, person).await)
                .await,
            was
        );
    }
    let memberships = bench.read(async move |tx| clinic::memberships(tx, nurse).await).await;
    assert_eq!(memberships.len(), 1);
    assert_eq!((memberships[0].clinic, memberships[0].role), (clinic, StaffRole::Nurse));
    assert_eq!(memberships[0].clinic_name, "Harmony Clinic");

    let found = bench.read(async move |tx| clinic::by_id(tx, clinic).await).await;
    assert_eq!(
        bench.read(async |tx| clinic::list(tx).await).await,
        Vec::from_iter(found)
    );

    let unknown = PersonId::from_uuid(Uuid::now_v7());
    let result = bench
        .store
        .write(async move |tx: &mut Tx| clinic::add_staff(tx, clinic, unknown, StaffRole::Nurse, noon()).await)
        .await;
    assert_eq!(result, Err(StoreError::Missing));
}

async fn attempts_are_counted_and_forgotten(bench: Bench) {
    let count = async |bench: &Bench, key: &'static str, since: i64| -> u64 {
        bench
            .read(async move |tx| attempt::count_since(tx, key, noon() + minutes(since)).await)
            .await
    };
    for at in 1..=3 {
        bench
            .write(async move |tx| attempt::record(tx, "ada", noon() + minutes(at)).await)
            .await;
    }
    bench
        .write(async |tx| attempt::record(tx, "chidi", noon() + minutes(1)).await)
        .await;
    assert_eq!(count(&bench, "ada", 0).await, 3);
    assert_eq!(count(&bench, "ada", 2).await, 1);
    bench.write(async |tx| attempt::clear(tx, "ada").await).await;
    assert_eq!((count(&bench, "ada", 0).await, count(&bench, "chidi", 0).await), (0, 1));
    assert_eq!(
        bench
            .write(async |tx| attempt::prune(tx, noon() + minutes(2)).await)
            .await,
        1
    );
    assert_eq!(count(&bench, "chidi", 0).await, 0);
}

async fn the_store_says_how_it_is(bench: Bench) {
    let health = bench.store.health().await.expect("it is well");
    assert_eq!((health.waiting, health.held_back), (0, 0));
    assert_eq!(health.epoch, bench.read(async |tx| change::epoch(tx).await).await);
    // Opening it again is not a new life.
    assert_eq!(
        bench.again().await.health().await.expect("it is well").epoch,
        health.epoch
    );
}
