//! Clinics' lists of interactions: fetched once, told before a medicine is added and while both are taken, gone with the
//! clinic.

use chrono::Duration;
use doseline_client::{
    ask::{
        Draft, KnowInteraction, LoadInteractions, OpenInteractions, OpenMedicine, OpenPatient, OpenSettings,
        PreviewDraft, Secret, SignIn, SignOut, StopMedicine, WithdrawInteractions,
    },
    view::{Attention, DraftWarning, InteractionView, MedicineView},
};
use doseline_shared::{
    access::StaffRole,
    api::{ErrorCode, account::Membership},
    id::{ClinicId, GrantId, PatientId},
    record::{Grant, Grantee, Record, Scope},
    safety::{Column, ListProblem, Severity},
};
use uuid::Uuid;

use crate::{
    people::{grant, person},
    world::{Phone, World, at, daily},
};

const HARMONY: ClinicId = ClinicId::from_uuid(Uuid::from_u128(0xc1));
const UNITY: ClinicId = ClinicId::from_uuid(Uuid::from_u128(0xc2));
const LIST: &str = "a,b,severity,text,source\n\
    Warfarin sodium,ibuprofen,major,Bleeding: ask us first.,Harmony 2026\n\
    metformin,ibuprofen,minor,Drink enough.,Harmony 2026";

fn load(world: &World, clinic: ClinicId, file: &str) {
    let now = world.clock.get();
    world.server.borrow_mut().load_list(clinic, file, None, now).unwrap();
}

/// The patient joins the clinic, or leaves it.
fn join(world: &World, patient: PatientId, clinic: ClinicId, ended: bool) {
    world.server.borrow_mut().write(Record::Grant(Grant {
        id: GrantId::from_uuid(Uuid::from_u128(clinic.uuid().as_u128() + 0x100)),
        patient,
        version: if ended { 2 } else { 1 },
        to: Grantee::Clinic { clinic },
        name: "A clinic".to_owned(),
        scope: Scope::Manage,
        from: at("2026-03-01T00:00:00Z"),
        until: None,
        ended_at: ended.then(|| world.clock.get()),
    }));
}

/// A patient of Harmony on warfarin.
fn ada(world: &World) -> (Phone, MedicineView) {
    let ada = world.phone_of("ada@example.org");
    let warfarin = ada.add(daily("Warfarin", &["18:00"]));
    join(world, warfarin.patient, HARMONY, false);
    ada.sync();
    (ada, warfarin)
}

fn told(phone: &Phone, draft: &Draft) -> Vec<InteractionView> {
    let ask = PreviewDraft {
        patient: None,
        medication: None,
        draft: draft.clone(),
    };
    let warnings = phone.ask(ask).unwrap().warnings.into_iter();
    warnings
        .map(|warning| match warning {
            DraftWarning::Interaction { met } => met,
            other => panic!("only the list has something to say: {other:?}"),
        })
        .collect()
}

fn page(phone: &Phone, medicine: &MedicineView) -> MedicineView {
    let (medication, until) = (medicine.row.medication, None);
    phone
        .ask(OpenMedicine {
            patient: None,
            medication,
            until,
        })
        .unwrap()
}

fn notices(phone: &Phone) -> Vec<InteractionView> {
    let all = phone.today().attention.into_iter();
    all.filter_map(|attention| match attention {
        Attention::Interaction { met, .. } => Some(met),
        _ => None,
    })
    .collect()
}

#[test]
fn an_interaction_is_told_before_a_medicine_is_added_and_forbids_nothing() {
    let world = World::new();
    load(&world, HARMONY, LIST);
    let (ada, _) = ada(&world);
    let ibuprofen = daily("Ibuprofen 400 mg", &["08:00"]);
    let draft = Draft {
        ingredients: vec!["Ibuprofen".to_owned()],
        ..ibuprofen
    };
    let found = told(&ada, &draft);
    let [met] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(
        (met.one.as_str(), met.other.as_deref()),
        ("Ibuprofen 400 mg", Some("Warfarin"))
    );
    assert_eq!(met.severity, Severity::Major);
    assert_eq!(
        (met.text.as_str(), met.source.as_str()),
        ("Bleeding: ask us first.", "Harmony 2026")
    );
    assert!(told(&ada, &daily("Paracetamol", &["08:00"])).is_empty());

    let added = ada.add(draft.clone());
    assert_eq!(added.interactions.len(), 1);
    // An edit of the medicine itself is held against the others, not against what it was.
    let edit = PreviewDraft {
        patient: None,
        medication: Some(added.row.medication),
        draft,
    };
    assert_eq!(ada.ask(edit).unwrap().warnings.len(), 1);
    let both = Draft {
        ingredients: vec!["warfarin".to_owned(), "ibuprofen".to_owned()],
        ..daily("Both in one", &["08:00"])
    };
    let view = ada
        .ask(PreviewDraft {
            patient: None,
            medication: None,
            draft: both,
        })
        .unwrap();
    let alone = view
        .warnings
        .iter()
        .filter(|warning| matches!(warning, DraftWarning::Interaction { met } if met.other.is_none()));
    assert_eq!(alone.count(), 1);
}

#[test]
fn a_list_that_is_loaded_later_warns_of_what_is_taken_already() {
    let world = World::new();
    let (mut ada, warfarin) = ada(&world);
    let ibuprofen = ada.add(daily("Ibuprofen", &["08:00"]));
    let metformin = ada.add(daily("Metformin", &["08:00"]));
    assert!(notices(&ada).is_empty());
    load(&world, HARMONY, LIST);
    ada.sync();
    let found = notices(&ada);
    assert_eq!(found.len(), 1, "what is minor is for the medicine's page: {found:?}");
    assert_eq!(page(&ada, &warfarin).interactions, found);
    let severities: Vec<_> = page(&ada, &ibuprofen)
        .interactions
        .iter()
        .map(|met| met.severity)
        .collect();
    assert_eq!(severities, [Severity::Major, Severity::Minor], "the gravest first");
    assert_eq!(page(&ada, &metformin).interactions.len(), 1);

    // Who says that they know is not told again on this device, until the clinic says something else.
    let know = KnowInteraction {
        patient: warfarin.patient,
        key: found[0].key.clone(),
    };
    ada.ask(know).unwrap();
    ada.restart();
    assert!(notices(&ada).is_empty());
    assert_eq!(page(&ada, &warfarin).interactions, found);
    load(&world, HARMONY, &LIST.replace("major", "contraindicated"));
    ada.sync();
    assert_eq!(notices(&ada)[0].severity, Severity::Contraindicated);

    let stop = StopMedicine {
        patient: None,
        medication: ibuprofen.row.medication,
    };
    ada.ask(stop).unwrap();
    assert!(notices(&ada).is_empty() && page(&ada, &warfarin).interactions.is_empty());
}

#[test]
fn a_list_is_fetched_once_and_serves_without_the_network() {
    let world = World::new();
    load(&world, HARMONY, LIST);
    let (mut ada, _) = ada(&world);
    for _ in 0..3 {
        ada.sync();
    }
    assert_eq!(world.server.borrow().lists_sent, 1);
    world.server.borrow_mut().offline = true;
    ada.restart();
    assert_eq!(told(&ada, &daily("Ibuprofen", &["08:00"])).len(), 1);
    world.server.borrow_mut().offline = false;
    load(&world, HARMONY, &LIST.replace("ibuprofen", "naproxen"));
    ada.sync();
    assert_eq!(world.server.borrow().lists_sent, 2);
    assert!(told(&ada, &daily("Ibuprofen", &["08:00"])).is_empty());
    assert_eq!(told(&ada, &daily("Naproxen", &["08:00"])).len(), 1);
}

#[test]
fn what_two_clinics_say_is_told_with_both_sources_and_goes_with_the_clinic() {
    let world = World::new();
    load(&world, HARMONY, LIST);
    load(
        &world,
        UNITY,
        "a,b,severity,text,source\nibuprofen,warfarin,contraindicated,Never.,Unity",
    );
    let (mut ada, warfarin) = ada(&world);
    let ibuprofen = daily("Ibuprofen", &["08:00"]);
    assert_eq!(
        told(&ada, &ibuprofen).len(),
        1,
        "of a clinic that was not joined nothing is known"
    );
    join(&world, warfarin.patient, UNITY, false);
    ada.sync();
    let sources: Vec<_> = told(&ada, &ibuprofen).into_iter().map(|met| met.source).collect();
    assert_eq!(sources, ["Unity", "Harmony 2026"]);

    join(&world, warfarin.patient, HARMONY, true);
    ada.sync();
    ada.restart();
    world.server.borrow_mut().offline = true;
    let sources: Vec<_> = told(&ada, &ibuprofen).into_iter().map(|met| met.source).collect();
    assert_eq!(sources, ["Unity"]);
}

#[test]
fn a_caregiver_sees_it_on_the_patients_page() {
    let world = World::new();
    load(&world, HARMONY, LIST);
    let (ada, warfarin) = ada(&world);
    ada.add(daily("Ibuprofen", &["08:00"]));
    ada.sync();
    let chidi = world.phone_of("chidi@example.org");
    grant(&world, warfarin.patient, person(&chidi), Scope::View, false);
    chidi.sync();
    let page = chidi
        .ask(OpenPatient {
            patient: warfarin.patient,
        })
        .unwrap();
    assert_eq!(page.interactions.len(), 1);
    assert!(notices(&chidi).is_empty(), "it is not a matter of their own medicines");

    grant(&world, warfarin.patient, person(&chidi), Scope::View, true);
    chidi.sync();
    assert_eq!(world.server.borrow().lists_sent, 2);
}

#[test]
fn a_list_that_does_not_come_keeps_nothing_else_from_coming() {
    let world = World::new();
    load(&world, HARMONY, LIST);
    world.server.borrow_mut().lists_fail = true;
    let (ada, _) = ada(&world);
    let network = ada.ask(OpenSettings {}).unwrap().network;
    assert_eq!((network.unsent, network.fault), (0, None));
    world.server.borrow_mut().lists_fail = false;
    ada.sync();
    assert_eq!(world.server.borrow().lists_sent, 0, "not with every pull");
    world.pass(Duration::minutes(5));
    ada.sync();
    assert_eq!(world.server.borrow().lists_sent, 1);
}

#[test]
fn a_list_leaves_the_device_with_who_signs_out() {
    let world = World::new();
    load(&world, HARMONY, LIST);
    let (ada, _) = ada(&world);
    ada.ask(SignOut {}).unwrap();
    let sign_in = SignIn {
        server: None,
        email: "ada@example.org".to_owned(),
        password: Secret("correct horse".to_owned()),
        code: None,
        keep: true,
    };
    ada.ask(sign_in).unwrap();
    assert!(told(&ada, &daily("Ibuprofen", &["08:00"])).is_empty());
    ada.sync();
    assert_eq!(told(&ada, &daily("Ibuprofen", &["08:00"])).len(), 1);
    assert_eq!(world.server.borrow().lists_sent, 2);
}

#[test]
fn an_administrator_loads_a_list_sees_its_faults_and_withdraws_it() {
    let world = World::new();
    world.server.borrow_mut().hires = vec![Membership {
        clinic: HARMONY,
        clinic_name: "Harmony".to_owned(),
        role: StaffRole::Administrator,
    }];
    let admin = world.phone_of("bola@example.org");
    let open = || admin.ask(OpenInteractions { clinic: HARMONY }).unwrap();
    assert_eq!((open().clinic.as_str(), open().list), ("Harmony", None));
    let load = |file: &str| {
        admin.ask(LoadInteractions {
            clinic: HARMONY,
            file: file.to_owned(),
        })
    };
    let fault = load(&LIST.replace("minor", "small")).unwrap_err();
    assert_eq!(fault.code, ErrorCode::InvalidField);
    let faults = fault.list.unwrap();
    assert_eq!((faults.first.len(), faults.more), (1, 0));
    let first = faults.first[0];
    assert_eq!((first.line, first.column), (3, Some(Column::Severity)));
    assert_eq!(first.problem, ListProblem::Severity {});
    assert_eq!(open().list, None);

    let loaded = load(LIST).unwrap().list.unwrap();
    assert_eq!((loaded.pairs, loaded.by.as_deref()), (2, Some("bola@example.org")));
    assert_eq!(loaded.at, world.clock.get());
    let sent = world.server.borrow().lists_sent;
    admin.sync();
    assert_eq!(open().list, Some(loaded));
    assert_eq!(
        world.server.borrow().lists_sent,
        sent,
        "the same list is not sent again"
    );

    // Another administrator was first: it is withdrawn all the same.
    world.server.borrow_mut().lists.clear();
    let left = admin.ask(WithdrawInteractions { clinic: HARMONY }).unwrap();
    assert_eq!(left.list, None);
    let elsewhere = admin.ask(OpenInteractions { clinic: UNITY }).unwrap_err();
    assert_eq!(elsewhere.code, ErrorCode::NotFound);
}
