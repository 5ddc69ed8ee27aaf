//! Records: versions, identity, who sees them, and the stored results of operations.

use doseline_backend::store::{
    Committed, StoreError, Tx,
    access::{self, Seen, Sight, System},
    clinic, grant, imported,
    operation::{self, Kept},
    record::{self, Put},
};
use doseline_shared::{
    access::StaffRole,
    api::sync::{OperationResult, Outcome},
    id::{ClinicId, OperationId, PatientId, PersonId},
    record::{Grantee, Record, RecordKind},
};
use uuid::Uuid;

use crate::bench::{Bench, dose, heard, medication, minutes, noon, on_both_engines, patient, system};

on_both_engines!(
    an_edit_counts_from_the_version_it_started_from,
    of_many_edits_at_once_none_is_lost,
    a_dose_that_comes_twice_is_one_change,
    an_id_belongs_to_one_patient,
    a_person_is_one_patient,
    a_caregiver_sees_while_the_grant_holds,
    staff_see_the_patients_of_their_clinic,
    a_front_desk_sees_names_only,
    patients_are_listed_by_their_ids_to_whom_they_are_open,
    listeners_hear_what_was_committed,
    what_an_import_made_is_kept_for_the_next_one,
    an_operation_has_one_result,
    an_operation_that_comes_many_times_at_once_is_applied_once,
);

async fn an_edit_counts_from_the_version_it_started_from(bench: Bench) {
    let ada = bench.a_patient("Ada Obi", None).await;
    let mut medicine = medication(ada, "Metformin 500 mg");
    assert_eq!(
        bench.put(0, Record::Medication(medicine.clone())).await,
        Put::Written(1)
    );
    medicine.name = "Metformin 850 mg".to_owned();
    assert_eq!(
        bench.put(1, Record::Medication(medicine.clone())).await,
        Put::Written(2)
    );

    medicine.version = 2;
    let mut late = medicine.clone();
    late.name = "Metformin 1000 mg".to_owned();
    let current = Put::Moved(Box::new(Record::Medication(medicine.clone())));
    assert_eq!(bench.put(1, Record::Medication(late.clone())).await, current);
    assert_eq!(bench.put(0, Record::Medication(late.clone())).await, current);
    assert_eq!(bench.put(9, Record::Medication(late)).await, current);

    let id = medicine.id.uuid();
    let stands = bench
        .read(async move |tx| record::get(tx, &System::new("a test"), RecordKind::Medication, id).await)
        .await;
    assert_eq!(stands, Some(Record::Medication(medicine)));
    assert_eq!(bench.records(ada).await.len(), 2);
}

async fn of_many_edits_at_once_none_is_lost(bench: Bench) {
    let ada = bench.a_patient("Ada Obi", None).await;
    let medicine = medication(ada, "0");
    bench.put(0, Record::Medication(medicine.clone())).await;
    // Each adds one to the number in the name, and starts over where someone else was first.
    let edits = (0..16).map(|_| {
        let (store, id) = (bench.store.clone(), medicine.id.uuid());
        tokio::spawn(async move {
            store
                .write(async move |tx: &mut Tx| {
                    loop {
                        let scope = System::new("a test");
                        let Some(Record::Medication(mut current)) =
                            record::get(tx, &scope, RecordKind::Medication, id).await?
                        else {
                            panic!("it is there");
                        };
                        current.name = (current.name.parse::<u32>().expect("a number") + 1).to_string();
                        let base = current.version;
                        if let Put::Written(version) =
                            record::put(tx, &system(), base, Record::Medication(current)).await?
                        {
                            return Ok::<_, StoreError>(version);
                        }
                    }
                })
                .await
                .expect("no failure of the store")
        })
    });
    let mut versions = Vec::new();
    for edit in edits.collect::<Vec<_>>() {
        versions.push(edit.await.expect("no panic"));
    }
    versions.sort_unstable();
    assert_eq!(versions, (2..=17).collect::<Vec<_>>());
    let records = bench.records(ada).await;
    let names: Vec<_> = records
        .iter()
        .filter_map(|record| match record {
            Record::Medication(medicine) => Some(medicine.name.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(names, ["16"]);
}

async fn a_dose_that_comes_twice_is_one_change(bench: Bench) {
    let ada = bench.a_patient("Ada Obi", None).await;
    let taken = dose(ada);
    for _ in 0..3 {
        assert_eq!(bench.put(0, Record::DoseEvent(taken.clone())).await, Put::Written(1));
    }
    let mut other = taken.clone();
    other.recorded_at += minutes(1);
    assert_eq!(
        bench.put(0, Record::DoseEvent(other)).await,
        Put::Moved(Box::new(Record::DoseEvent(taken.clone())))
    );
    let changes = bench
        .write(async |tx| tx.query("SELECT COUNT(*) FROM change", &[]).await)
        .await;
    assert_eq!(changes[0].get::<i64>(0), Ok(2));
    let kinds = bench
        .read(async move |tx| record::of_kind(tx, &System::new("a test"), ada, RecordKind::DoseEvent).await)
        .await;
    assert_eq!(kinds, [Record::DoseEvent(taken)]);
}

async fn an_id_belongs_to_one_patient(bench: Bench) {
    let (ada, eve) = (
        bench.a_patient("Ada Obi", None).await,
        bench.a_patient("Eve", None).await,
    );
    let medicine = medication(ada, "Metformin");
    bench.put(0, Record::Medication(medicine.clone())).await;
    let mut stolen = medicine.clone();
    stolen.patient = eve;
    for base in [0, 1] {
        let stolen = Record::Medication(stolen.clone());
        let result = bench
            .store
            .write(async move |tx: &mut Tx| record::put(tx, &system(), base, stolen.clone()).await)
            .await;
        assert_eq!(result, Err(StoreError::Conflict));
    }
    let nobody = medication(PatientId::from_uuid(Uuid::now_v7()), "Metformin");
    let result = bench
        .store
        .write(async move |tx: &mut Tx| record::put(tx, &system(), 0, Record::Medication(nobody.clone())).await)
        .await;
    assert_eq!(result, Err(StoreError::Missing));
    assert_eq!((bench.records(ada).await.len(), bench.records(eve).await.len()), (2, 1));
}

async fn a_person_is_one_patient(bench: Bench) {
    let person = bench.a_person("Ada Obi").await;
    bench.a_patient("Ada Obi", Some(person)).await;
    let second = patient("Ada Obi", Some(person));
    let result = bench
        .store
        .write(async move |tx: &mut Tx| record::put(tx, &system(), 0, Record::Patient(second.clone())).await)
        .await;
    assert_eq!(result, Err(StoreError::Conflict));

    // A record that a clinic made is claimed by an edit.
    let claimer = bench.a_person("Chidi").await;
    let mut known = patient("Chidi", None);
    bench.put(0, Record::Patient(known.clone())).await;
    assert_eq!(seen(&bench, claimer, 0).await, []);
    known.person = Some(claimer);
    assert_eq!(bench.put(1, Record::Patient(known.clone())).await, Put::Written(2));
    assert_eq!(seen(&bench, claimer, 0).await, [(known.id, Sight::Full)]);
}

async fn seen(bench: &Bench, person: PersonId, at: i64) -> Vec<(PatientId, Sight)> {
    let reader = bench.reader(person, noon() + minutes(at)).await;
    let seen = bench.read(async move |tx| access::patients(tx, &reader).await).await;
    seen.iter().map(|Seen { patient, sight }| (*patient, *sight)).collect()
}

/// Which kinds of record the person sees of the patient, by every way of asking; all ways must agree.
async fn patients_are_listed_by_their_ids_to_whom_they_are_open(bench: Bench) {
    let (ada, desk, stranger) = (
        bench.a_person("Ada Obi").await,
        bench.a_person("Desk").await,
        bench.a_person("Stranger").await,
    );
    let clinic = bench.a_clinic(&[(desk, StaffRole::FrontDesk)]).await;
    let mut patients = Vec::new();
    for name in ["Ada Obi", "Bola Ade", "Chidi Eze"] {
        let person = (name == "Ada Obi").then_some(ada);
        let patient = bench.a_patient(name, person).await;
        bench.grants(patient, Grantee::Clinic { clinic }).await;
        patients.push(patient);
    }
    let hidden = bench.a_patient("Nobody's", None).await;
    patients.sort();
    let listed = async |person, after, limit| {
        let reader = bench.reader(person, noon() + minutes(1)).await;
        bench
            .read(async move |tx| {
                let (found, more) = record::patients(tx, &reader, after, limit).await?;
                let opened = access::opened(tx, &reader).await?.len();
                let ids: Vec<PatientId> = found.iter().map(|patient| patient.id).collect();
                Ok((ids, more, opened))
            })
            .await
    };
    assert_eq!(listed(desk, None, 10).await, (patients.clone(), false, 3));
    assert_eq!(listed(desk, None, 2).await, (patients[..2].to_vec(), true, 2));
    assert_eq!(
        listed(desk, Some(patients[1]), 2).await,
        (patients[2..].to_vec(), false, 1)
    );
    let (own, more, _) = listed(ada, None, 10).await;
    assert!(own.len() == 1 && !more);
    assert_eq!(listed(stranger, None, 10).await, (Vec::new(), false, 0));
    assert!(!patients.contains(&hidden));
}

async fn kinds(bench: &Bench, person: PersonId, patient: PatientId, at: i64) -> Vec<&'static str> {
    let reader = bench.reader(person, noon() + minutes(at)).await;
    let all = bench.records(patient).await;
    let asker = reader.clone();
    let of_patient = bench
        .read(async move |tx| record::of_patient(tx, &asker, patient).await)
        .await;
    let asker = reader.clone();
    let one_by_one = bench
        .read(async move |tx| {
            let mut found = Vec::new();
            for record in &all {
                found.extend(record::get(tx, &asker, record.kind(), record.id()).await?);
            }
            Ok(found)
        })
        .await;
    assert_eq!(of_patient, one_by_one);
    let asker = reader.clone();
    let grants = bench
        .read(async move |tx| grant::of_patient(tx, &asker, patient).await)
        .await;
    let mut kinds: Vec<_> = of_patient.iter().map(|record| record.kind().name()).collect();
    assert_eq!(grants.len(), kinds.iter().filter(|kind| **kind == "grant").count());
    kinds.sort_unstable();
    kinds.dedup();
    let listed = seen(bench, person, at).await.iter().any(|(seen, _)| *seen == patient);
    assert_eq!(listed, !kinds.is_empty());
    kinds
}

const NOTHING: [&str; 0] = [];
const EVERYTHING: [&str; 4] = ["dose_event", "grant", "medication", "patient"];

async fn with_medicine(bench: &Bench, name: &str) -> PatientId {
    let patient = bench.a_patient(name, None).await;
    bench.put(0, Record::Medication(medication(patient, "Metformin"))).await;
    bench.put(0, Record::DoseEvent(dose(patient))).await;
    patient
}

async fn a_caregiver_sees_while_the_grant_holds(bench: Bench) {
    let (ada, other) = (
        with_medicine(&bench, "Ada Obi").await,
        with_medicine(&bench, "Emeka").await,
    );
    let (chidi, eve) = (bench.a_person("Chidi").await, bench.a_person("Eve").await);
    let grant = bench.grants(ada, Grantee::Caregiver { person: chidi }).await;
    assert_eq!(kinds(&bench, chidi, ada, 0).await, EVERYTHING);
    assert_eq!(kinds(&bench, chidi, other, 0).await, NOTHING);
    assert_eq!(kinds(&bench, eve, ada, 0).await, NOTHING);
    assert_eq!(kinds(&bench, chidi, ada, -1).await, NOTHING, "before it begins");

    let mut timed = grant.clone();
    timed.until = Some(noon() + minutes(60));
    bench.put(1, Record::Grant(timed.clone())).await;
    assert_eq!(kinds(&bench, chidi, ada, 59).await, EVERYTHING);
    assert_eq!(
        kinds(&bench, chidi, ada, 60).await,
        NOTHING,
        "its end is not part of it"
    );
    timed.version = 2;
    let by_id = bench
        .read(async move |tx| grant::by_id(tx, &System::new("a test"), timed.id).await)
        .await;
    assert_eq!(by_id, Some(timed.clone()));
    bench.ends(timed, noon() + minutes(30)).await;
    assert_eq!(kinds(&bench, chidi, ada, 29).await, EVERYTHING);
    assert_eq!(kinds(&bench, chidi, ada, 30).await, NOTHING, "ended before its time");
}

async fn staff_see_the_patients_of_their_clinic(bench: Bench) {
    let ada = with_medicine(&bench, "Ada Obi").await;
    let (doctor, nurse, elsewhere) = (
        bench.a_person("Dr. Eze").await,
        bench.a_person("Ngozi").await,
        bench.a_person("Femi").await,
    );
    let clinic = bench
        .a_clinic(&[(doctor, StaffRole::Doctor), (nurse, StaffRole::Nurse)])
        .await;
    bench.a_clinic(&[(elsewhere, StaffRole::Administrator)]).await;
    assert_eq!(
        kinds(&bench, nurse, ada, 0).await,
        NOTHING,
        "the patient has not joined"
    );
    let grant = bench.grants(ada, Grantee::Clinic { clinic }).await;
    for (person, sees) in [(doctor, &EVERYTHING[..]), (nurse, &EVERYTHING), (elsewhere, &NOTHING)] {
        assert_eq!(kinds(&bench, person, ada, 0).await, sees);
    }
    let patients = bench
        .read(async move |tx| grant::patients_of_clinic(tx, &System::new("a test"), clinic).await)
        .await;
    assert_eq!(patients, [ada]);
    bench
        .write(async move |tx| clinic::remove_staff(tx, clinic, nurse, noon()).await)
        .await;
    assert_eq!(kinds(&bench, nurse, ada, 0).await, NOTHING);
    bench.ends(grant, noon() + minutes(5)).await;
    assert_eq!(kinds(&bench, doctor, ada, 4).await, EVERYTHING);
    assert_eq!(kinds(&bench, doctor, ada, 5).await, NOTHING);
}

async fn a_front_desk_sees_names_only(bench: Bench) {
    let ada = with_medicine(&bench, "Ada Obi").await;
    let desk = bench.a_person("Bola").await;
    let clinic = bench.a_clinic(&[(desk, StaffRole::FrontDesk)]).await;
    bench.grants(ada, Grantee::Clinic { clinic }).await;
    assert_eq!(kinds(&bench, desk, ada, 0).await, ["grant", "patient"]);
    assert_eq!(seen(&bench, desk, 0).await, [(ada, Sight::NameOnly)]);
    // Who also cares for the patient at home sees everything.
    bench.grants(ada, Grantee::Caregiver { person: desk }).await;
    assert_eq!(kinds(&bench, desk, ada, 0).await, EVERYTHING);
    assert_eq!(seen(&bench, desk, 0).await, [(ada, Sight::Full)]);
}

async fn listeners_hear_what_was_committed(bench: Bench) {
    let ada = bench.a_patient("Ada Obi", None).await;
    heard(&mut bench.store.committed()).await;
    let mut committed = bench.store.committed();
    bench.put(0, Record::Medication(medication(ada, "Metformin"))).await;
    let change = |scope_changed| Committed::Changed {
        patient: ada,
        scope_changed,
    };
    assert_eq!(heard(&mut committed).await, [change(false)]);
    bench
        .grants(
            ada,
            Grantee::Caregiver {
                person: bench.a_person("Chidi").await,
            },
        )
        .await;
    assert_eq!(heard(&mut committed).await, [change(true)]);
    let refused = bench
        .store
        .write(async move |tx: &mut Tx| {
            record::put(tx, &system(), 0, Record::DoseEvent(dose(ada))).await?;
            Err::<(), _>(StoreError::Conflict)
        })
        .await;
    assert_eq!(refused, Err(StoreError::Conflict));
    assert_eq!(heard(&mut committed).await, [], "nothing was committed");
}

async fn what_an_import_made_is_kept_for_the_next_one(bench: Bench) {
    let clinic = bench.a_clinic(&[]).await;
    let ada = bench.a_patient("Ada Obi", None).await;
    let mut medicine = medication(ada, "Metformin 500 mg");
    let id = medicine.id.uuid();
    let of_import = async |bench: &Bench| {
        bench
            .read(async move |tx| imported::get(tx, &System::new("a test"), id).await)
            .await
    };
    assert_eq!(of_import(&bench).await, None);
    for name in ["Metformin 500 mg", "Metformin 850 mg"] {
        medicine.name = name.to_owned();
        let record = Record::Medication(medicine.clone());
        let made = record.clone();
        bench
            .write(async move |tx| imported::put(tx, clinic, &made).await)
            .await;
        assert_eq!(of_import(&bench).await, Some(record));
    }
    let unknown = ClinicId::from_uuid(Uuid::now_v7());
    let stranger = Record::Medication(medication(ada, "Lisinopril"));
    let refused = bench
        .store
        .write(async move |tx: &mut Tx| imported::put(tx, unknown, &stranger).await)
        .await;
    assert_eq!(refused, Err(StoreError::Missing));
}

async fn an_operation_has_one_result(bench: Bench) {
    let id = OperationId::from_uuid(Uuid::now_v7());
    assert_eq!(bench.read(async move |tx| operation::result(tx, id).await).await, None);
    let kept = Kept {
        actor: PersonId::from_uuid(Uuid::now_v7()),
        body_hash: "hash of the body".to_owned(),
        result: OperationResult {
            id,
            outcome: Outcome::Applied { version: 3 },
        },
    };
    let first = kept.clone();
    bench
        .write(async move |tx| operation::keep(tx, &first, noon()).await)
        .await;
    assert_eq!(
        bench.read(async move |tx| operation::result(tx, id).await).await,
        Some(kept.clone())
    );
    let again = bench
        .store
        .write(async move |tx: &mut Tx| operation::keep(tx, &kept, noon()).await)
        .await;
    assert_eq!(again, Err(StoreError::Conflict));
}

async fn an_operation_that_comes_many_times_at_once_is_applied_once(bench: Bench) {
    let ada = bench.a_patient("Ada Obi", None).await;
    let (id, actor) = (
        OperationId::from_uuid(Uuid::now_v7()),
        PersonId::from_uuid(Uuid::now_v7()),
    );
    let pushes = (0..20).map(|_| {
        let store = bench.store.clone();
        tokio::spawn(async move {
            store
                .write(async move |tx: &mut Tx| {
                    if let Some(kept) = operation::result(tx, id).await? {
                        return Ok(kept.result);
                    }
                    // Not idempotent by itself: a new event each time.
                    record::put(tx, &system(), 0, Record::DoseEvent(dose(ada))).await?;
                    let result = OperationResult {
                        id,
                        outcome: Outcome::Applied { version: 1 },
                    };
                    let kept = Kept {
                        actor,
                        body_hash: "hash".to_owned(),
                        result: result.clone(),
                    };
                    operation::keep(tx, &kept, noon()).await?;
                    Ok::<_, StoreError>(result)
                })
                .await
        })
    });
    for push in pushes.collect::<Vec<_>>() {
        let result = push.await.expect("no panic").expect("everyone gets the result");
        assert_eq!(result.outcome, Outcome::Applied { version: 1 });
    }
    let doses = bench
        .read(async move |tx| record::of_kind(tx, &System::new("a test"), ada, RecordKind::DoseEvent).await)
        .await;
    assert_eq!(doses.len(), 1);
}
