//! What pushes read ahead, the patients they take, and chains that grow by several links in one transaction.

use std::collections::HashSet;

use doseline_backend::store::{
    StoreError, Tx,
    access::System,
    ahead::{self, Asked},
    change, clinic,
    operation::{self, Kept},
    record::{self, Put},
    session::{self, Session},
    taken::{self, Busy},
};
use doseline_shared::{
    access::{StaffRole, Subject},
    api::sync::{OperationResult, Outcome},
    id::{OperationId, PersonId, SessionId},
    record::{Grantee, Record, RecordKind},
};
use uuid::Uuid;

use crate::bench::{Bench, connect, dose, medication, minutes, noon, on_both_engines, patient, system};

on_both_engines!(
    everything_is_read_at_once,
    a_chain_grows_by_many_links_in_one_transaction,
    what_failed_leaves_the_chain_where_it_was,
);

async fn a_session(bench: &Bench, person: PersonId, token: &'static str) -> Session {
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

async fn everything_is_read_at_once(bench: Bench) {
    let (nurse, stranger) = (bench.a_person("Ngozi").await, bench.a_person("Sam").await);
    let clinic = bench
        .a_clinic(&[(nurse, StaffRole::Nurse), (stranger, StaffRole::Doctor)])
        .await;
    bench
        .write(async move |tx| clinic::remove_staff(tx, clinic, stranger, noon()).await)
        .await;
    let (live, over) = (
        a_session(&bench, nurse, "one").await,
        a_session(&bench, stranger, "two").await,
    );
    let ended = over.id;
    bench
        .write(async move |tx| session::end_family(tx, ended, noon()).await)
        .await;
    let ada_herself = bench.a_person("Ada Obi").await;
    let ada = bench.a_patient("Ada Obi", Some(ada_herself)).await;
    let emeka = bench.a_patient("Emeka", None).await;
    let grant = bench.grants(ada, Grantee::Clinic { clinic }).await;
    let medicine = medication(ada, "Metformin 500 mg");
    bench.put(0, Record::Medication(medicine.clone())).await;
    let kept = Kept {
        actor: nurse,
        body_hash: "hash".to_owned(),
        result: OperationResult {
            id: OperationId::from_uuid(Uuid::now_v7()),
            outcome: Outcome::Applied { version: 1 },
        },
    };
    let stored = kept.clone();
    bench
        .write(async move |tx| operation::keep(tx, &stored, noon()).await)
        .await;

    let nobody = patient("Nobody", None).id;
    let new = OperationId::from_uuid(Uuid::now_v7());
    let there = (RecordKind::Medication, medicine.id.uuid());
    let not_there = (RecordKind::DoseEvent, dose(ada).id.uuid());
    let asked = Asked {
        sessions: HashSet::from([live.id, over.id, SessionId::from_uuid(Uuid::now_v7())]),
        persons: HashSet::from([nurse, stranger]),
        operations: HashSet::from([kept.result.id, new]),
        patients: HashSet::from([ada, emeka, nobody]),
        records: HashSet::from([there, not_there]),
    };
    let (found, subjects, owners, held) = bench
        .write(async move |tx| {
            let found = ahead::read(tx, &asked, Busy::Wait).await?;
            let system = System::new("a test");
            let subjects = [ada, emeka, nobody].map(|of| taken::subject(tx, &system, of));
            let owners = [
                taken::owner(tx, &system, there.0, there.1).await?,
                taken::owner(tx, &system, not_there.0, not_there.1).await?,
            ];
            Ok((found, subjects, owners, [ada, emeka, nobody].map(|of| tx.holds(of))))
        })
        .await;
    assert_eq!(found.sessions.keys().collect::<Vec<_>>(), [&live.id]);
    assert_eq!(found.sessions[&live.id].session, live);
    assert_eq!(found.memberships.len(), 1);
    assert_eq!(found.memberships[&nurse], [(clinic, StaffRole::Nurse)]);
    assert_eq!(found.kept.len(), 1);
    assert_eq!(found.kept[&kept.result.id], kept);
    assert_eq!(held, [true, true, false]);
    let ada_is = Subject {
        person: Some(ada_herself),
        grants: vec![grant],
    };
    assert_eq!(subjects, [Some(ada_is), Some(Subject::default()), None]);
    assert_eq!(owners, [Some(ada), None]);
}

async fn a_chain_grows_by_many_links_in_one_transaction(bench: Bench) {
    let emeka = bench.a_patient("Emeka", None).await;
    let ada = patient("Ada Obi", None);
    let id = ada.id;
    let medicine = medication(id, "Metformin 500 mg");
    let medicine_id = medicine.id.uuid();
    let mut stronger = medicine.clone();
    stronger.name = "Metformin 850 mg".to_owned();
    let versions = bench
        .write(async move |tx| {
            let mut put = Vec::new();
            put.push(record::put(tx, &system(), 0, Record::Patient(ada.clone())).await?);
            put.push(record::put(tx, &system(), 0, Record::Medication(medicine.clone())).await?);
            for _ in 0..3 {
                put.push(record::put(tx, &system(), 0, Record::DoseEvent(dose(id))).await?);
                put.push(record::put(tx, &system(), 0, Record::DoseEvent(dose(emeka))).await?);
            }
            put.push(record::put(tx, &system(), 1, Record::Medication(stronger.clone())).await?);
            // What this transaction itself has written counts.
            put.push(record::put(tx, &system(), 1, Record::Medication(medicine.clone())).await?);
            Ok(put)
        })
        .await;
    let (last, written) = versions.split_last().expect("there are some");
    assert!(matches!(last, Put::Moved(_)), "{last:?}");
    let expected: Vec<_> = (0..8).map(|_| Put::Written(1)).chain([Put::Written(2)]).collect();
    assert_eq!(written, expected);
    let report = bench.read(async |tx| change::verify(tx).await).await;
    assert_eq!((report.broken, report.links), (None, 6 + 4));
    let stands = bench
        .read(async move |tx| record::get(tx, &System::new("a test"), RecordKind::Medication, medicine_id).await)
        .await;
    assert!(matches!(stands, Some(Record::Medication(now)) if now.name == "Metformin 850 mg"));
}

async fn what_failed_leaves_the_chain_where_it_was(bench: Bench) {
    let ada = bench.a_patient("Ada Obi", None).await;
    let failed = bench
        .store
        .write(async move |tx: &mut Tx| {
            record::put(tx, &system(), 0, Record::DoseEvent(dose(ada))).await?;
            record::put(tx, &system(), 0, Record::DoseEvent(dose(ada))).await?;
            Err::<(), _>(StoreError::Missing)
        })
        .await;
    assert_eq!(failed, Err(StoreError::Missing));
    assert_eq!(bench.put(0, Record::DoseEvent(dose(ada))).await, Put::Written(1));
    let report = bench.read(async |tx| change::verify(tx).await).await;
    assert_eq!((report.broken, report.links), (None, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_whom_someone_else_is_writing_is_left_on_postgres() {
    let bench = Bench::postgres().await;
    let (ada, emeka) = (
        bench.a_patient("Ada Obi", None).await,
        bench.a_patient("Emeka", None).await,
    );
    let other = connect(bench.url()).await;
    other
        .batch_execute(&format!("BEGIN; UPDATE patient SET link = link WHERE id = '{ada}'"))
        .await
        .expect("the other writer is at the patient");
    let asked = Asked {
        patients: HashSet::from([ada, emeka]),
        ..Asked::default()
    };
    let held = |busy| {
        let asked = asked.clone();
        bench.store.write(async move |tx: &mut Tx| {
            ahead::read(tx, &asked, busy).await?;
            Ok::<_, StoreError>((tx.holds(ada), tx.holds(emeka)))
        })
    };
    assert_eq!(held(Busy::Leave).await, Ok((false, true)));
    // Whoever waits has both, once the other one is done.
    let (waited, done) = tokio::join!(held(Busy::Wait), async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        other.batch_execute("COMMIT").await
    });
    assert!(done.is_ok());
    assert_eq!(waited, Ok((true, true)));
}
