//! Second factors: begun and finished once, codes that serve once, and whom a clinic asks.

use doseline_backend::store::{StoreError, Tx, clinic, second_factor, session};
use doseline_shared::{
    access::StaffRole,
    id::{PersonId, SessionId},
};
use uuid::Uuid;

use crate::bench::{Bench, minutes, noon, on_both_engines};

on_both_engines!(
    a_second_factor_is_begun_anew_until_it_is_finished_once,
    a_step_and_a_recovery_code_serve_once,
    whom_a_clinic_asks_is_missing_one_until_it_is_finished,
);

async fn begin(bench: &Bench, person: PersonId, key: &'static str) -> bool {
    bench
        .write(async move |tx| second_factor::begin(tx, person, key, noon()).await)
        .await
}

async fn finish(bench: &Bench, person: PersonId) -> bool {
    bench
        .write(async move |tx| second_factor::finish(tx, person, noon() + minutes(1)).await)
        .await
}

async fn a_second_factor_is_begun_anew_until_it_is_finished_once(bench: Bench) {
    let person = bench.a_person("Ada Obi").await;
    let found = async || {
        bench
            .read(async move |tx| second_factor::of_person(tx, person).await)
            .await
    };
    assert!(found().await.is_none() && !finish(&bench, person).await);
    assert!(begin(&bench, person, "one").await && begin(&bench, person, "two").await);
    let begun = found().await.expect("it was begun");
    assert_eq!((begun.key.as_str(), begun.since), ("two", None));
    assert!(finish(&bench, person).await && !finish(&bench, person).await);
    assert!(!begin(&bench, person, "three").await, "it is finished");
    let done = found().await.expect("it is there");
    assert_eq!((done.key.as_str(), done.since), ("two", Some(noon() + minutes(1))));
    bench
        .write(async move |tx| second_factor::remove(tx, person).await)
        .await;
    assert!(found().await.is_none());
}

async fn a_step_and_a_recovery_code_serve_once(bench: Bench) {
    let (ada, chidi) = (bench.a_person("Ada Obi").await, bench.a_person("Chidi").await);
    begin(&bench, ada, "key").await;
    let step = async |step| {
        bench
            .write(async move |tx| second_factor::use_step(tx, ada, step).await)
            .await
    };
    assert!(step(7).await && !step(7).await && !step(6).await && step(8).await);

    let left = async |person| {
        bench
            .read(async move |tx| second_factor::codes_left(tx, person).await)
            .await
    };
    let keep = async |hashes: [&'static str; 2]| {
        let hashes = hashes.map(str::to_owned);
        bench
            .write(async move |tx| second_factor::keep_codes(tx, ada, &hashes).await)
            .await;
    };
    let used = async |person, hash: &'static str| {
        bench
            .write(async move |tx| second_factor::use_code(tx, person, hash, noon()).await)
            .await
    };
    keep(["a", "b"]).await;
    assert_eq!((left(ada).await, left(chidi).await), (2, 0));
    assert!(!used(chidi, "a").await && used(ada, "a").await && !used(ada, "a").await);
    assert_eq!(left(ada).await, 1);
    keep(["c", "d"]).await;
    assert_eq!(left(ada).await, 2);
    assert!(!used(ada, "b").await, "the old ones are void");

    // Of many at once one wins, on whichever backend.
    let other = bench.again().await;
    let job = async move |tx: &mut Tx| second_factor::use_code(tx, ada, "c", noon()).await;
    let mut all = Vec::new();
    for place in 0..20 {
        let store = if place % 2 == 0 {
            bench.store.clone()
        } else {
            other.clone()
        };
        all.push(tokio::spawn(async move { store.write(job).await }));
    }
    let mut winners = 0;
    for one in all {
        winners += u32::from(one.await.expect("no panic").expect("no failure"));
    }
    assert_eq!(winners, 1);
}

async fn whom_a_clinic_asks_is_missing_one_until_it_is_finished(bench: Bench) {
    let (nurse, desk) = (bench.a_person("Ngozi").await, bench.a_person("Bola").await);
    let clinic = bench
        .a_clinic(&[(nurse, StaffRole::Nurse), (desk, StaffRole::FrontDesk)])
        .await;
    let device = bench.a_device(nurse).await;
    let id = SessionId::from_uuid(Uuid::now_v7());
    bench
        .write(async move |tx| {
            let session = session::Session {
                id,
                person: nurse,
                device,
                created: noon(),
                ended: None,
            };
            session::insert(tx, &session, "hash", noon() + minutes(60)).await
        })
        .await;
    let state = async |person| {
        bench
            .read(async move |tx| {
                let live = session::live(tx, id).await?.ok_or(StoreError::Missing)?;
                let missing = second_factor::is_missing(tx, person).await?;
                Ok((
                    second_factor::is_asked(tx, person).await?,
                    missing,
                    live.lacks_second_factor,
                ))
            })
            .await
    };
    let ask = async |roles: &'static [StaffRole]| {
        bench
            .write(async move |tx| {
                second_factor::ask_roles(tx, clinic, roles).await?;
                second_factor::roles(tx, clinic).await
            })
            .await
    };
    assert_eq!(state(nurse).await, (false, false, false));
    assert_eq!(
        ask(&[StaffRole::Nurse, StaffRole::Doctor]).await,
        [StaffRole::Doctor, StaffRole::Nurse]
    );
    assert_eq!(state(nurse).await, (true, true, true));
    assert_eq!(state(desk).await, (false, false, true), "the session is the nurse's");
    begin(&bench, nurse, "key").await;
    assert_eq!(state(nurse).await, (true, true, true), "begun is not there");
    finish(&bench, nurse).await;
    assert_eq!(state(nurse).await, (true, false, false));
    bench
        .write(async move |tx| second_factor::remove(tx, nurse).await)
        .await;
    assert_eq!(ask(&[]).await, []);
    assert_eq!(state(nurse).await, (false, false, false));

    ask(&[StaffRole::Nurse]).await;
    bench
        .write(async move |tx| clinic::remove_staff(tx, clinic, nurse, noon()).await.map(drop))
        .await;
    assert_eq!(
        state(nurse).await,
        (false, false, false),
        "a nurse of the past is asked for nothing"
    );
}
