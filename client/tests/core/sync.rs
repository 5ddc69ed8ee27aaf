//! Sync: what waits goes out, what is new comes in, and nothing is overwritten silently.

use doseline_client::{
    ask::{DraftWhen, OpenMedicine, SaveMedicine, Secret, Settle, SignIn},
    view::{Attention, MedicineView, WhenText},
};
use doseline_shared::{api::ErrorCode, dose::DoseState, record::Record};
use serde_json::json;
use uuid::Uuid;

use crate::world::{Phone, World, daily, time};

/// A second device of the same person.
pub fn second_device(world: &World) -> Phone {
    let tablet = world.device();
    tablet
        .ask(SignIn {
            server: None,
            email: "ada@example.org".to_owned(),
            password: Secret("correct horse".to_owned()),
            code: None,
            keep: true,
        })
        .unwrap();
    tablet
}

fn edit(phone: &Phone, page: &MedicineView, change: impl FnOnce(&mut doseline_client::ask::Draft)) {
    let mut draft = page.draft.clone();
    change(&mut draft);
    phone
        .ask(SaveMedicine {
            patient: None,
            medication: Some(page.row.medication),
            draft,
        })
        .unwrap();
}

fn page(phone: &Phone, like: &MedicineView) -> MedicineView {
    phone
        .ask(OpenMedicine {
            patient: None,
            medication: like.row.medication,
            until: None,
        })
        .unwrap()
}

#[test]
fn edits_of_different_fields_on_two_devices_come_together() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    let added = phone.add(daily("Metformin", &["08:00"]));
    phone.sync();
    let tablet = second_device(&world);
    edit(&phone, &added, |draft| {
        draft.instruction = Some("after breakfast".to_owned())
    });
    edit(&tablet, &added, |draft| draft.critical = true);
    phone.sync();
    tablet.sync();
    phone.sync();
    for device in [&phone, &tablet] {
        let seen = page(device, &added);
        assert_eq!(
            (seen.row.instruction.as_deref(), seen.row.critical),
            (Some("after breakfast"), true)
        );
        let today = device.today();
        assert_eq!((today.network.unsent, today.attention), (0, vec![]));
    }
}

#[test]
fn edits_of_the_same_field_are_settled_by_a_person() {
    for keep_mine in [true, false] {
        let world = World::new();
        let phone = world.phone_of("ada@example.org");
        let added = phone.add(daily("Metformin", &["08:00"]));
        phone.sync();
        let mut tablet = second_device(&world);
        edit(&phone, &added, |draft| draft.name = "Metformin 500".to_owned());
        edit(&tablet, &added, |draft| draft.name = "Metformin 850".to_owned());
        phone.sync();
        tablet.sync();
        tablet.restart();

        assert_eq!(
            page(&tablet, &added).row.name,
            "Metformin 850",
            "until it is settled each sees their own"
        );
        let attention = tablet.today().attention;
        let [
            Attention::Conflict {
                operation,
                mine,
                theirs,
                mine_when,
                ..
            },
        ] = attention.as_slice()
        else {
            panic!("the conflict is shown: {attention:?}");
        };
        assert_eq!((mine.as_str(), theirs.as_str()), ("Metformin 850", "Metformin 500"));
        assert_eq!(
            *mine_when,
            WhenText::Daily {
                times: vec![time("08:00")]
            }
        );
        tablet
            .ask(Settle {
                operation: *operation,
                keep_mine,
            })
            .unwrap();
        tablet.sync();
        phone.sync();
        let settled = if keep_mine { "Metformin 850" } else { "Metformin 500" };
        for device in [&phone, &tablet] {
            assert_eq!(page(device, &added).row.name, settled);
            assert_eq!((device.today().network.unsent, device.today().attention), (0, vec![]));
        }
    }
}

#[test]
fn edits_that_pile_up_offline_arrive_in_their_order() {
    let world = World::new();
    let mut phone = world.phone_of("ada@example.org");
    world.server.borrow_mut().offline = true;
    let added = phone.add(daily("Metformin", &["08:00"]));
    edit(&phone, &added, |draft| {
        draft.instruction = Some("with water".to_owned())
    });
    edit(&phone, &page(&phone, &added), |draft| {
        draft.when = DraftWhen::Daily {
            times: vec![time("08:05")],
        }
    });
    phone.take(&phone.today().next.unwrap());
    phone.restart();
    world.server.borrow_mut().offline = false;
    // Each answer on the way is lost once.
    for _ in 0..4 {
        world.server.borrow_mut().lose_answers = 1;
        phone.sync();
    }
    phone.sync();
    assert_eq!((phone.today().network.unsent, phone.today().attention), (0, vec![]));
    let server = world.server.borrow();
    let Record::Medication(medication) = &server.current[&added.row.medication.uuid()] else {
        panic!("the medication arrived");
    };
    assert_eq!(
        (medication.version, medication.instruction.as_deref()),
        (3, Some("with water"))
    );
    assert_eq!(server.events().len(), 1);
    drop(server);
    let tablet = second_device(&world);
    assert!(matches!(tablet.doses()[0].state, DoseState::Taken { .. }));
}

#[test]
fn what_this_version_cannot_read_is_kept_aside_and_read_by_the_next() {
    let world = World::new();
    let mut phone = world.phone_of("ada@example.org");
    phone.add(daily("Metformin", &["08:00"]));
    phone.sync();
    let patient = phone.today().patient;
    let unknown = json!({"patient": patient, "kind": "symptom", "record": Uuid::from_u128(5), "version": 1, "body": {"type": "symptom"}});
    let mut newer = world.server.borrow().feed[1].clone();
    newer["record"] = json!(Uuid::from_u128(6));
    newer["body"]["id"] = json!(Uuid::from_u128(6));
    newer["body"]["status"] = json!({"kind": "paused"});
    world.server.borrow_mut().feed.extend([unknown, newer]);
    phone.take(&phone.today().next.unwrap());
    phone.sync();
    assert_eq!(phone.today().attention, [Attention::Quarantined { count: 2 }]);
    assert_eq!(phone.today().network.unsent, 0, "it stops nothing");
    phone.restart();
    assert_eq!(phone.today().attention, [Attention::Quarantined { count: 2 }]);

    // The next version of the record is one that can be read again.
    let mut readable = world.server.borrow().feed[1].clone();
    readable["record"] = json!(Uuid::from_u128(6));
    readable["version"] = json!(2);
    readable["body"]["id"] = json!(Uuid::from_u128(6));
    readable["body"]["version"] = json!(2);
    world.server.borrow_mut().feed.push(readable);
    phone.sync();
    assert_eq!(phone.today().attention, [Attention::Quarantined { count: 1 }]);
    assert_eq!(phone.doses().len(), 2);
}

#[test]
fn a_restored_backend_gets_back_what_it_has_lost() {
    let world = World::new();
    let mut phone = world.phone_of("ada@example.org");
    let added = phone.add(daily("Metformin", &["08:00", "08:05"]));
    phone.sync();
    let backup = (
        world.server.borrow().feed.clone(),
        world.server.borrow().current.clone(),
    );
    let doses = phone.doses();
    phone.take(&doses[0]);
    phone.take(&doses[1]);
    edit(&phone, &added, |draft| {
        draft.instruction = Some("with water".to_owned())
    });
    let late = phone.add(daily("Aspirin", &["08:00"]));
    phone.sync();
    let events = world.server.borrow().events();

    {
        let mut server = world.server.borrow_mut();
        server.epoch = 2;
        (server.feed, server.current) = backup;
        assert_eq!(server.events().len(), 0);
    }
    phone.sync();
    phone.restart();
    phone.sync();
    let server = world.server.borrow();
    let mut again = server.events();
    let mut before = events;
    again.sort_unstable();
    before.sort_unstable();
    assert_eq!(again, before);
    for (page, instruction) in [(&added, Some("with water")), (&late, Some("with food"))] {
        let Record::Medication(medication) = &server.current[&page.row.medication.uuid()] else {
            panic!("the medication is there again");
        };
        assert_eq!(medication.instruction.as_deref(), instruction);
    }
    drop(server);
    assert_eq!((phone.today().network.unsent, phone.today().attention), (0, vec![]));
    assert_eq!(phone.doses().len(), 3);
}

#[test]
fn a_backend_of_another_version_is_told_and_the_entries_stay() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    phone.add(daily("Metformin", &["08:00"]));
    world.server.borrow_mut().version = "2".to_owned();
    phone.sync();
    let today = phone.today();
    assert_eq!(
        (today.attention, today.network.unsent),
        (vec![Attention::OtherVersion {}], 1)
    );
    assert_eq!(today.network.fault.unwrap().code, ErrorCode::OtherVersion);
    world.server.borrow_mut().version = "1".to_owned();
    phone.sync();
    let today = phone.today();
    assert_eq!(
        (today.attention, today.network.unsent, today.network.fault),
        (vec![], 0, None)
    );
}
