//! Caregivers: what they see, what needs them first, and that it ends.

use chrono::Duration;
use doseline_client::{
    ask::{LogDose, OpenCaregiver, OpenPatient, OpenToday},
    view::{Mark, Need},
};
use doseline_shared::{
    api::ErrorCode,
    id::{GrantId, PatientId, PersonId},
    record::{Grant, Grantee, Record, Scope},
};
use uuid::Uuid;

use crate::world::{Phone, TAKEN, World, at, daily};

pub fn grant(world: &World, patient: PatientId, to: PersonId, scope: Scope, ended: bool) {
    let mut server = world.server.borrow_mut();
    if ended {
        server.grants.remove(&(to, patient));
    } else {
        server.grants.insert((to, patient));
    }
    server.write(Record::Grant(Grant {
        id: GrantId::from_uuid(Uuid::from_u128(77)),
        patient,
        version: if ended { 2 } else { 1 },
        to: Grantee::Caregiver { person: to },
        name: "Chidi".to_owned(),
        scope,
        from: at("2026-03-01T00:00:00Z"),
        until: None,
        ended_at: ended.then(|| world.clock.get()),
    }));
}

pub fn person(phone: &Phone) -> PersonId {
    phone.ask(doseline_client::ask::OpenSettings {}).unwrap().me.person
}

#[test]
fn a_caregiver_sees_the_morning_and_nothing_after_the_grant_has_ended() {
    let world = World::new();
    world.clock.set(at("2026-03-01T06:50:00Z"));
    let ada = world.phone_of("ada@example.org");
    let mut draft = daily("Warfarin", &["08:00", "20:00"]);
    draft.critical = true;
    ada.add(draft);
    ada.sync();
    let patient = ada.today().patient;
    let mut chidi = world.phone_of("chidi@example.org");
    assert_eq!(
        chidi.ask(OpenPatient { patient }).unwrap_err().code,
        ErrorCode::NotFound
    );
    grant(&world, patient, person(&chidi), Scope::View, false);
    chidi.sync();

    let seen = chidi.ask(OpenCaregiver {}).unwrap().people;
    assert_eq!((seen.len(), seen[0].name.as_str()), (1, "ada@example.org"));
    assert_eq!(
        (seen[0].need.clone(), seen[0].today.clone()),
        (None, vec![Mark::Open, Mark::Open])
    );
    let today = chidi.ask(OpenToday { patient: Some(patient) }).unwrap();
    assert!(!today.own && !today.may_log);
    let dose = today.next.unwrap();
    let log = LogDose {
        patient,
        medication: dose.medication,
        occurrence: dose.occurrence.clone(),
        act: TAKEN,
    };
    assert_eq!(chidi.ask(log).unwrap_err().code, ErrorCode::Forbidden);

    world.pass(Duration::hours(5));
    let need = chidi.ask(OpenCaregiver {}).unwrap().people[0].need.clone();
    assert_eq!(
        need,
        Some(Need::MissedCritical {
            count: 1,
            name: "Warfarin".to_owned()
        })
    );
    ada.take(&dose);
    ada.sync();
    chidi.sync();
    let page = chidi.ask(OpenPatient { patient }).unwrap();
    assert_eq!(page.row.today, [Mark::TakenLate, Mark::Open]);
    assert_eq!((page.row.taking.prescribed, page.row.taking.taken), (1, 1));
    assert_eq!((page.weeks.len(), page.weeks[7].taken), (8, 1));

    grant(&world, patient, person(&chidi), Scope::View, true);
    chidi.sync();
    chidi.restart();
    assert_eq!(chidi.ask(OpenCaregiver {}).unwrap().people.len(), 0);
    assert_eq!(
        chidi.ask(OpenPatient { patient }).unwrap_err().code,
        ErrorCode::NotFound
    );
}

#[test]
fn an_entry_for_someone_who_is_out_of_reach_is_kept_and_shown_as_refused() {
    let world = World::new();
    let ada = world.phone_of("ada@example.org");
    ada.add(daily("Metformin", &["08:00"]));
    ada.sync();
    let patient = ada.today().patient;
    let chidi = world.phone_of("chidi@example.org");
    grant(&world, patient, person(&chidi), Scope::Log, false);
    chidi.sync();
    world.server.borrow_mut().offline = true;
    let dose = chidi.ask(OpenToday { patient: Some(patient) }).unwrap().next.unwrap();
    chidi
        .ask(LogDose {
            patient,
            medication: dose.medication,
            occurrence: dose.occurrence,
            act: TAKEN,
        })
        .unwrap();
    world.server.borrow_mut().offline = false;
    grant(&world, patient, person(&chidi), Scope::Log, true);
    chidi.sync();

    let today = chidi.today();
    assert_eq!(today.network.unsent, 1);
    let [doseline_client::view::Attention::Refused { operation, fault, name }] = today.attention.as_slice() else {
        panic!("the refusal is shown: {:?}", today.attention);
    };
    assert_eq!(fault.code, ErrorCode::Forbidden);
    assert_eq!(
        name, "",
        "this device holds nothing of the record any more, not even a name"
    );
    assert_eq!(today.network.held, 1, "it waits for a person, not for the network");
    chidi
        .ask(doseline_client::ask::Settle {
            operation: *operation,
            keep_mine: false,
        })
        .unwrap();
    assert_eq!((chidi.today().network.unsent, chidi.today().attention.len()), (0, 0));
}
