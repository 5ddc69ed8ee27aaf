//! Clinics' lists of interactions.

use doseline_backend::store::{
    StoreError, Tx, access,
    interaction::{self, Loaded},
};
use doseline_shared::{
    access::StaffRole,
    id::{ClinicId, PersonId},
    record::Grantee,
    safety::{InteractionPair, Severity},
};
use uuid::Uuid;

use crate::bench::{Bench, minutes, noon, on_both_engines};

on_both_engines!(
    a_list_is_kept_replaced_and_removed_as_a_whole,
    nobody_reads_half_of_a_list_that_is_being_replaced,
    a_list_is_of_a_clinic_and_a_person_that_are_there,
    lists_are_told_to_those_for_whom_they_stand,
);

fn a_list(clinic: ClinicId, by: PersonId, revision: &str, pairs: usize) -> Loaded {
    Loaded {
        clinic,
        revision: revision.to_owned(),
        at: noon(),
        by,
        pairs: (0..pairs)
            .map(|number| InteractionPair {
                a: format!("ingredient {number}"),
                b: "warfarin".to_owned(),
                severity: Severity::Major,
                text: "Bleeding: \"watch\" it, Ọlá".to_owned(),
                source: revision.to_owned(),
            })
            .collect(),
    }
}

async fn put(bench: &Bench, list: &Loaded) {
    let list = list.clone();
    bench.write(async move |tx| interaction::put(tx, &list).await).await;
}

async fn a_list_is_kept_replaced_and_removed_as_a_whole(bench: Bench) {
    let admin = bench.a_person("Bola Ade").await;
    let clinic = bench.a_clinic(&[(admin, StaffRole::Administrator)]).await;
    assert_eq!(
        bench.read(async move |tx| interaction::get(tx, clinic).await).await,
        None
    );
    for (revision, pairs) in [("first", 3), ("second", 2)] {
        let list = a_list(clinic, admin, revision, pairs);
        put(&bench, &list).await;
        let kept = bench.read(async move |tx| interaction::get(tx, clinic).await).await;
        let kept = kept.expect("it was kept");
        assert_eq!((kept.clinic, kept.revision.as_str()), (clinic, revision));
        assert_eq!((kept.loaded_at, kept.loaded_by.as_deref()), (noon(), Some("Bola Ade")));
        assert_eq!(kept.pairs, list.pairs);
        let told = bench
            .read(async move |tx| interaction::revision(tx, clinic).await)
            .await;
        assert_eq!(told.as_deref(), Some(revision));
    }
    for there in [true, false] {
        assert_eq!(
            bench.write(async move |tx| interaction::remove(tx, clinic).await).await,
            there
        );
        assert_eq!(
            bench
                .read(async move |tx| interaction::revision(tx, clinic).await)
                .await,
            None
        );
    }
}

async fn nobody_reads_half_of_a_list_that_is_being_replaced(bench: Bench) {
    let admin = bench.a_person("Bola Ade").await;
    let clinic = bench.a_clinic(&[(admin, StaffRole::Administrator)]).await;
    put(&bench, &a_list(clinic, admin, "first", 40)).await;
    let store = bench.store.clone();
    let writing = tokio::spawn(async move {
        for round in 0..20 {
            let list = match round % 2 {
                0 => a_list(clinic, admin, "second", 900),
                _ => a_list(clinic, admin, "first", 40),
            };
            let put = async move |tx: &mut Tx| interaction::put(tx, &list).await;
            store.write(put).await.expect("the write is kept");
        }
    });
    while !writing.is_finished() {
        let list = bench.read(async move |tx| interaction::get(tx, clinic).await).await;
        let list = list.expect("there is one at any moment");
        let whole = if list.revision == "first" { 40 } else { 900 };
        assert_eq!(list.pairs.len(), whole);
        assert!(list.pairs.iter().all(|pair| pair.source == list.revision));
    }
    writing.await.expect("no panic");
}

async fn a_list_is_of_a_clinic_and_a_person_that_are_there(bench: Bench) {
    let admin = bench.a_person("Bola Ade").await;
    let clinic = bench.a_clinic(&[]).await;
    let nobody = PersonId::from_uuid(Uuid::now_v7());
    let nowhere = ClinicId::from_uuid(Uuid::now_v7());
    for list in [a_list(clinic, nobody, "first", 1), a_list(nowhere, admin, "first", 1)] {
        let result = bench
            .store
            .write(async move |tx: &mut Tx| interaction::put(tx, &list).await)
            .await;
        assert_eq!(result, Err(StoreError::Missing));
    }
}

async fn lists_are_told_to_those_for_whom_they_stand(bench: Bench) {
    let ada = bench.a_person("Ada Obi").await;
    let patient = bench.a_patient("Ada Obi", Some(ada)).await;
    let (admin, desk) = (bench.a_person("Bola Ade").await, bench.a_person("Desk").await);
    let (carer, stranger) = (bench.a_person("Chidi").await, bench.a_person("Stranger").await);
    let clinic = bench
        .a_clinic(&[(admin, StaffRole::Administrator), (desk, StaffRole::FrontDesk)])
        .await;
    let other = bench.a_clinic(&[(stranger, StaffRole::Doctor)]).await;
    put(&bench, &a_list(clinic, admin, "first", 1)).await;
    put(&bench, &a_list(other, admin, "other", 1)).await;
    let joined = bench.grants(patient, Grantee::Clinic { clinic }).await;
    bench.grants(patient, Grantee::Caregiver { person: carer }).await;

    let soon = noon() + minutes(1);
    let told = async |person, now| {
        let reader = bench.reader(person, now).await;
        let again = reader.clone();
        let (seen, told) = bench.read(async move |tx| access::scope(tx, &reader).await).await;
        assert_eq!(
            seen,
            bench.read(async move |tx| access::patients(tx, &again).await).await
        );
        told.into_iter().map(|list| list.revision).collect::<Vec<_>>()
    };
    let through = async |person, of, now| {
        let reader = bench.reader(person, now).await;
        bench
            .read(async move |tx| interaction::through(tx, &reader, of).await)
            .await
    };
    for (person, lists, patients) in [
        (ada, vec!["first"], vec![patient]),
        (carer, vec!["first"], vec![patient]),
        (admin, vec!["first"], vec![]),
        (desk, vec![], vec![]),
        (stranger, vec!["other"], vec![]),
    ] {
        assert_eq!(told(person, soon).await, lists);
        assert_eq!(through(person, clinic, soon).await, patients);
        assert_eq!(through(person, other, soon).await, []);
    }
    assert!(told(carer, noon() - minutes(1)).await.is_empty(), "no grant holds yet");

    bench.ends(joined, noon() + minutes(5)).await;
    for person in [ada, carer] {
        assert_eq!(told(person, noon() + minutes(4)).await, ["first"]);
        assert!(told(person, noon() + minutes(5)).await.is_empty());
        assert_eq!(through(person, clinic, noon() + minutes(5)).await, []);
    }
}
