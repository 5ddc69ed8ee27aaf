//! Systems that a clinic has connected: their place, their keys, and what ends with them.

use chrono::TimeDelta;
use doseline_backend::store::{clinic, partner, person, session};
use doseline_shared::{
    access::StaffRole,
    api::partner::{ApiScope, ApiScopes},
    id::{ClinicId, KeyId, PersonId, SessionId},
};
use uuid::Uuid;

use crate::bench::{Bench, minutes, noon, on_both_engines};

on_both_engines!(
    a_system_has_its_place_in_the_clinic_and_is_no_member_of_staff,
    a_key_is_found_until_it_or_its_system_is_ended,
    what_began_for_a_key_ends_with_it_and_is_forgotten_once_it_is_over,
);

struct Connected {
    clinic: ClinicId,
    admin: PersonId,
    system: PersonId,
}

async fn connected(bench: &Bench, name: &str) -> Connected {
    let admin = bench.a_person("Admin").await;
    let clinic = bench.a_clinic(&[(admin, StaffRole::Administrator)]).await;
    let system = partner::NewSystem {
        id: PersonId::from_uuid(Uuid::now_v7()),
        name: name.to_owned(),
        clinic,
        made_by: admin,
        created: noon(),
    };
    let id = system.id;
    bench.write(async move |tx| partner::insert(tx, &system).await).await;
    Connected {
        clinic,
        admin,
        system: id,
    }
}

async fn key(bench: &Bench, of: &Connected, minute: i64) -> KeyId {
    let key = partner::NewKey {
        id: KeyId::from_uuid(Uuid::now_v7()),
        system: of.system,
        hash: format!("hash {minute}"),
        scopes: [ApiScope::ProviderRead, ApiScope::AdherenceRead].into_iter().collect(),
        made_by: of.admin,
        created: noon() + minutes(minute),
        expires: noon() + TimeDelta::days(30),
    };
    let id = key.id;
    bench.write(async move |tx| partner::insert_key(tx, &key).await).await;
    id
}

async fn found(bench: &Bench, id: KeyId) -> Option<partner::LiveKey> {
    bench.read(async move |tx| partner::key(tx, id).await).await
}

async fn begin(bench: &Bench, key: KeyId) -> SessionId {
    let id = SessionId::from_uuid(Uuid::now_v7());
    let live = found(bench, key).await.expect("the key is live");
    bench
        .write(async move |tx| partner::begin(tx, &live, id, noon() + minutes(5)).await)
        .await;
    id
}

async fn lives(bench: &Bench, id: SessionId) -> bool {
    bench.read(async move |tx| session::live(tx, id).await).await.is_some()
}

async fn a_system_has_its_place_in_the_clinic_and_is_no_member_of_staff(bench: Bench) {
    let one = connected(&bench, "Hospital records").await;
    let (clinic_id, system) = (one.clinic, one.system);
    let places = bench.read(async move |tx| clinic::memberships(tx, system).await).await;
    assert_eq!(places.len(), 1);
    assert_eq!(
        (places[0].clinic, places[0].role),
        (clinic_id, StaffRole::PartnerSystem)
    );
    let staff = bench.read(async move |tx| clinic::staff(tx, clinic_id).await).await;
    assert!(staff.iter().all(|member| member.person != system), "{staff:?}");
    let of = async || bench.read(async move |tx| partner::clinic_of(tx, system).await).await;
    assert_eq!(of().await, Some((clinic_id, "Hospital records".to_owned())));
    let named = bench
        .read(async move |tx| person::by_id(tx, system).await)
        .await
        .expect("it has a name");
    assert!(!named.email.contains('@') && named.password_hash.is_empty());

    let end = async |clinic| {
        bench
            .write(async move |tx| partner::end(tx, clinic, system, noon()).await)
            .await
    };
    let elsewhere = bench.a_clinic(&[]).await;
    assert!(!end(elsewhere).await, "it is not that clinic's");
    assert!(end(clinic_id).await && !end(clinic_id).await);
    assert_eq!(of().await, None);
    let places = bench.read(async move |tx| clinic::memberships(tx, system).await).await;
    assert!(places.is_empty());
}

async fn a_key_is_found_until_it_or_its_system_is_ended(bench: Bench) {
    let one = connected(&bench, "Hospital records").await;
    let (clinic_id, system) = (one.clinic, one.system);
    let (first, second) = (key(&bench, &one, 0).await, key(&bench, &one, 1).await);
    let live = found(&bench, first).await.expect("it was made");
    assert_eq!((live.system, live.hash.as_str()), (system, "hash 0"));
    assert_eq!(
        live.scopes,
        "provider:read adherence:read".parse::<ApiScopes>().expect("scopes")
    );
    assert_eq!(live.expires, noon() + TimeDelta::days(30));
    let list = async || {
        bench
            .read(async move |tx| partner::of_clinic(tx, clinic_id).await)
            .await
    };
    let systems = list().await;
    let keys: Vec<KeyId> = systems[0].keys.iter().map(|key| key.id).collect();
    assert_eq!((systems.len(), keys), (1, vec![second, first]), "the newest first");

    let end_key = async |of, key| {
        bench
            .write(async move |tx| partner::end_key(tx, of, key, noon()).await)
            .await
    };
    let other = connected(&bench, "Other").await;
    assert!(!end_key(other.system, first).await, "it is another system's");
    assert!(end_key(system, first).await && !end_key(system, first).await);
    assert!(found(&bench, first).await.is_none() && found(&bench, second).await.is_some());
    assert_eq!(list().await[0].keys.len(), 1);
    bench
        .write(async move |tx| partner::end(tx, clinic_id, system, noon()).await)
        .await;
    assert!(found(&bench, second).await.is_none() && list().await.is_empty());
}

async fn what_began_for_a_key_ends_with_it_and_is_forgotten_once_it_is_over(bench: Bench) {
    let one = connected(&bench, "Hospital records").await;
    let (clinic_id, system) = (one.clinic, one.system);
    let (first, second) = (key(&bench, &one, 0).await, key(&bench, &one, 1).await);
    let (of_first, of_second) = (begin(&bench, first).await, begin(&bench, second).await);
    let used = bench
        .read(async move |tx| partner::of_clinic(tx, clinic_id).await)
        .await;
    assert!(used[0].keys.iter().all(|key| key.used == Some(noon() + minutes(5))));
    bench
        .write(async move |tx| partner::end_key(tx, system, first, noon()).await)
        .await;
    assert!(!lives(&bench, of_first).await && lives(&bench, of_second).await);

    let prune = async |minute| {
        bench
            .write(async move |tx| partner::prune(tx, noon() + minutes(minute)).await)
            .await
    };
    assert_eq!(prune(5).await, 0);
    assert_eq!(prune(6).await, 2);
    assert!(!lives(&bench, of_second).await);
    let again = begin(&bench, second).await;
    bench
        .write(async move |tx| partner::end(tx, clinic_id, system, noon()).await)
        .await;
    assert!(!lives(&bench, again).await);
}
