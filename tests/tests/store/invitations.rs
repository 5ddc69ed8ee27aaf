//! One-time codes.

use doseline_backend::store::{
    StoreError, Tx,
    invitation::{self, Invitation},
};
use doseline_shared::{
    api::invitation::OfferKind,
    id::{InvitationId, PersonId},
    record::Scope,
};
use uuid::Uuid;

use crate::bench::{Bench, minutes, noon, on_both_engines};

on_both_engines!(
    a_code_is_used_up_by_exactly_one_of_twenty,
    an_expired_code_is_used_by_nobody,
    two_codes_are_never_the_same,
);

async fn invited(bench: &Bench) -> Invitation {
    let patient = bench.a_person("Ada Obi").await;
    let invitation = Invitation {
        id: InvitationId::from_uuid(Uuid::now_v7()),
        kind: OfferKind::Caregiver,
        clinic: None,
        patient: Some(bench.a_patient("Ada Obi", Some(patient)).await),
        scope: Scope::Log,
        grant_until: Some(noon() + minutes(600)),
        made_by: patient,
        created: noon(),
        expires: noon() + minutes(60),
        used_by: None,
    };
    let kept = invitation.clone();
    bench
        .write(async move |tx| invitation::insert(tx, &kept, "hash of the code").await)
        .await;
    invitation
}

async fn found(bench: &Bench) -> Invitation {
    bench
        .read(async |tx| invitation::by_code_hash(tx, "hash of the code").await)
        .await
        .expect("the code is known")
}

async fn a_code_is_used_up_by_exactly_one_of_twenty(bench: Bench) {
    let invitation = invited(&bench).await;
    assert_eq!(found(&bench).await, invitation);
    assert!(invitation.works(noon()));
    let mut people = Vec::new();
    for _ in 0..20 {
        people.push(bench.a_person("Chidi").await);
    }
    let tries = people.into_iter().map(|person| {
        let (store, id) = (bench.store.clone(), invitation.id);
        tokio::spawn(async move {
            let won = store
                .write(async move |tx: &mut Tx| invitation::use_up(tx, id, person, noon() + minutes(1)).await)
                .await
                .expect("no failure of the store");
            won.then_some(person)
        })
    });
    let mut winners: Vec<PersonId> = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        winners.extend(attempt.await.expect("no panic"));
    }
    assert_eq!(winners.len(), 1);
    let used = found(&bench).await;
    assert_eq!(used.used_by, Some(winners[0]));
    assert!(!used.works(noon()));
}

async fn an_expired_code_is_used_by_nobody(bench: Bench) {
    let invitation = invited(&bench).await;
    let person = bench.a_person("Chidi").await;
    let late = bench
        .write(async move |tx| invitation::use_up(tx, invitation.id, person, noon() + minutes(60)).await)
        .await;
    assert!(!late);
    assert_eq!(found(&bench).await.used_by, None);
    assert_eq!(
        bench
            .read(async |tx| invitation::by_code_hash(tx, "another").await)
            .await,
        None
    );
}

async fn two_codes_are_never_the_same(bench: Bench) {
    let mut second = invited(&bench).await;
    second.id = InvitationId::from_uuid(Uuid::now_v7());
    let result = bench
        .store
        .write(async move |tx: &mut Tx| invitation::insert(tx, &second, "hash of the code").await)
        .await;
    assert_eq!(result, Err(StoreError::Conflict));
}
