//! The hash chains and the seals: whatever is changed behind the store's back shows, and where.

use doseline_backend::store::{
    Tx,
    change::{self, Broken, Report},
};
use doseline_shared::{change::BrokenBy, id::PatientId, record::Record};

use crate::bench::{Bench, dose, medication, minutes, noon, on_both_engines};

on_both_engines!(
    an_untouched_store_verifies,
    an_altered_change_shows,
    a_changed_time_or_author_shows,
    a_removed_change_shows,
    changes_out_of_order_show,
    a_chain_cut_short_shows,
    a_chain_cut_short_with_its_head_shows_against_the_seal,
    a_patient_gone_missing_shows_against_the_seal,
    a_rewritten_seal_shows,
    a_record_set_back_shows,
    a_seal_covers_only_what_has_moved,
);

/// Two patients with five links each, sealed.
async fn sealed(bench: &Bench) -> (PatientId, PatientId) {
    let (ada, emeka) = (
        bench.a_patient("Ada Obi", None).await,
        bench.a_patient("Emeka", None).await,
    );
    for patient in [ada, emeka] {
        let mut medicine = medication(patient, "Metformin 500 mg");
        bench.put(0, Record::Medication(medicine.clone())).await;
        bench.put(0, Record::DoseEvent(dose(patient))).await;
        bench.put(0, Record::DoseEvent(dose(patient))).await;
        medicine.name = "Metformin 850 mg".to_owned();
        bench.put(1, Record::Medication(medicine)).await;
    }
    let seal = bench
        .write(async |tx| change::seal(tx, noon()).await)
        .await
        .expect("there is something to seal");
    assert_eq!((seal.number, seal.heads), (1, 2));
    (ada, emeka)
}

async fn verify(bench: &Bench) -> Report {
    bench
        .store
        .read(async |tx: &mut Tx| change::verify(tx).await)
        .await
        .expect("it can be verified")
}

async fn broken_by(bench: &Bench, sql: String) -> Broken {
    bench.tamper(&sql).await;
    verify(bench).await.broken.expect("the tampering shows")
}

fn link(patient: PatientId, link: u64, why: BrokenBy) -> Broken {
    Broken::Link { patient, link, why }
}

async fn an_untouched_store_verifies(bench: Bench) {
    assert_eq!(verify(&bench).await, Report::default());
    sealed(&bench).await;
    let report = verify(&bench).await;
    assert_eq!(
        (report.patients, report.links, report.seals, report.broken),
        (2, 10, 1, None)
    );
}

async fn an_altered_change_shows(bench: Bench) {
    let (ada, _) = sealed(&bench).await;
    let sql = format!("UPDATE change SET body = replace(body, '500', '501') WHERE patient = '{ada}' AND link = 2");
    assert_eq!(broken_by(&bench, sql).await, link(ada, 2, BrokenBy::Altered));
}

async fn a_changed_time_or_author_shows(bench: Bench) {
    let (ada, emeka) = sealed(&bench).await;
    let sql = format!("UPDATE change SET at = at + 1 WHERE patient = '{emeka}' AND link = 5");
    assert_eq!(broken_by(&bench, sql).await, link(emeka, 5, BrokenBy::Altered));
    let sql = format!("UPDATE change SET actor = '{ada}' WHERE patient = '{ada}' AND link = 1");
    assert_eq!(broken_by(&bench, sql).await, link(ada, 1, BrokenBy::Altered));
}

async fn a_removed_change_shows(bench: Bench) {
    let (_, emeka) = sealed(&bench).await;
    let sql = format!("DELETE FROM change WHERE patient = '{emeka}' AND link = 3");
    assert_eq!(broken_by(&bench, sql).await, link(emeka, 4, BrokenBy::Missing));
}

async fn changes_out_of_order_show(bench: Bench) {
    let (ada, _) = sealed(&bench).await;
    let sql = format!(
        "UPDATE change SET link = -3 WHERE patient = '{ada}' AND link = 3; \
         UPDATE change SET link = 3 WHERE patient = '{ada}' AND link = 4; \
         UPDATE change SET link = 4 WHERE patient = '{ada}' AND link = -3"
    );
    assert_eq!(broken_by(&bench, sql).await, link(ada, 3, BrokenBy::OtherPrev));
}

async fn a_chain_cut_short_shows(bench: Bench) {
    let (ada, _) = sealed(&bench).await;
    let sql = format!("DELETE FROM change WHERE patient = '{ada}' AND link = 5");
    assert_eq!(broken_by(&bench, sql).await, Broken::Head { patient: ada });
}

async fn a_chain_cut_short_with_its_head_shows_against_the_seal(bench: Bench) {
    let (ada, _) = sealed(&bench).await;
    // As thorough as one can be without the seals.
    let sql = format!(
        "DELETE FROM change WHERE patient = '{ada}' AND link = 5; \
         UPDATE patient SET link = 4, hash = (SELECT hash FROM change WHERE patient = '{ada}' AND link = 4) \
         WHERE id = '{ada}'; \
         UPDATE record SET link = 2, version = 1 WHERE patient = '{ada}' AND link = 5"
    );
    let gone = Broken::Gone {
        patient: ada,
        link: 5,
        seal: 1,
    };
    assert_eq!(broken_by(&bench, sql).await, gone);
}

async fn a_patient_gone_missing_shows_against_the_seal(bench: Bench) {
    let (_, emeka) = sealed(&bench).await;
    let sql = format!(
        "DELETE FROM change WHERE patient = '{emeka}'; DELETE FROM record WHERE patient = '{emeka}'; \
         DELETE FROM patient WHERE id = '{emeka}'"
    );
    let gone = Broken::Gone {
        patient: emeka,
        link: 5,
        seal: 1,
    };
    assert_eq!(broken_by(&bench, sql).await, gone);
    let sql = format!("DELETE FROM seal_head WHERE patient = '{emeka}'; UPDATE seal SET heads = 1");
    assert_eq!(broken_by(&bench, sql).await, Broken::Seal { number: 1 });
}

async fn a_rewritten_seal_shows(bench: Bench) {
    let (ada, _) = sealed(&bench).await;
    bench.put(0, Record::DoseEvent(dose(ada))).await;
    bench
        .write(async |tx| change::seal(tx, noon() + minutes(1)).await)
        .await
        .expect("something to seal");
    assert_eq!(verify(&bench).await.seals, 2);
    assert_eq!(
        broken_by(
            &bench,
            "DELETE FROM seal_head WHERE seal = 1; DELETE FROM seal WHERE number = 1".to_owned()
        )
        .await,
        Broken::Seal { number: 2 }
    );
}

async fn a_record_set_back_shows(bench: Bench) {
    let (ada, _) = sealed(&bench).await;
    let sql = format!("UPDATE record SET link = 2, version = 1 WHERE patient = '{ada}' AND link = 5");
    assert_eq!(broken_by(&bench, sql).await, Broken::Record { patient: ada });
}

async fn a_seal_covers_only_what_has_moved(bench: Bench) {
    let (ada, _) = sealed(&bench).await;
    let seal = async |bench: &Bench| bench.write(async |tx| change::seal(tx, noon()).await).await;
    assert_eq!(seal(&bench).await, None);
    bench.put(0, Record::DoseEvent(dose(ada))).await;
    bench.put(0, Record::DoseEvent(dose(ada))).await;
    let second = seal(&bench).await.expect("there is something to seal");
    assert_eq!((second.number, second.heads), (2, 1));
    assert_eq!(seal(&bench).await, None);

    // Two backends that seal at the same moment make one seal.
    bench.put(0, Record::DoseEvent(dose(ada))).await;
    let other = bench.again().await;
    let (one, two) = tokio::join!(
        seal(&bench),
        other.write(async |tx: &mut Tx| change::seal(tx, noon()).await)
    );
    let made: Vec<u64> = [one, two.expect("no failure")]
        .into_iter()
        .flatten()
        .map(|seal| seal.number)
        .collect();
    assert_eq!(made, [3]);
    let report = verify(&bench).await;
    assert_eq!((report.seals, report.broken), (3, None));
}
