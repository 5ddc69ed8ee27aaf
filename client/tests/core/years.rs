//! Five years of history on one device.

use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate};
use doseline_client::{
    ask::OpenSettings,
    cache::{Batch, Cache},
    native::{DatabaseKey, SqlCipherCache},
};
use doseline_shared::{
    dose::{DoseAct, DoseEvent, DoseState},
    id::{DeviceId, DoseEventId},
    record::Record,
};
use futures::executor::block_on;
use uuid::Uuid;

use crate::world::{World, daily};

/// Days of five years.
const DAYS: u64 = 1_826;

#[test]
fn today_does_not_grow_with_the_years() {
    let world = World::new();
    let mut phone = world.phone_of("ada@example.org");
    for number in 0..8 {
        let mut draft = daily(&format!("Medicine {number}"), &["08:00"]);
        draft.start = NaiveDate::from_ymd_opt(2021, 3, 1);
        phone.add(draft);
    }
    phone.sync();
    let (patient, person) = (phone.today().patient, phone.ask(OpenSettings {}).unwrap().me.person);
    let event = |number: u64, dose: &doseline_client::view::DoseView| {
        let date = NaiveDate::from_ymd_opt(2021, 3, 1).unwrap() + Days::new(number);
        let due = date.and_hms_opt(7, 0, 0).unwrap().and_utc();
        let slot = dose.occurrence.to_string();
        Record::DoseEvent(DoseEvent {
            id: DoseEventId::from_uuid(Uuid::from_u128(
                dose.medication.uuid().as_u128() ^ u128::from(number + 1),
            )),
            patient,
            medication: dose.medication,
            occurrence: Some(format!("{date}/{}", slot.split_once('/').unwrap().1).parse().unwrap()),
            due: Some(due),
            what: DoseAct::Taken {
                amount: None,
                override_reason: None,
            },
            at: due.fixed_offset(),
            zone: chrono_tz::Tz::Africa__Lagos,
            recorded_at: due,
            by: person,
            device: DeviceId::from_uuid(Uuid::nil()),
        })
    };
    let doses = phone.doses();
    let put: Vec<_> = (0..DAYS)
        .flat_map(|number| doses.iter().map(move |dose| (number, dose)))
        .collect();
    let put: Vec<_> = put.into_iter().map(|(number, dose)| event(number, dose)).collect();
    assert!(put.len() > 14_000);
    let key = DatabaseKey::from_hex(&phone.keychain.held.borrow()["database-key"]).unwrap();
    let cache = SqlCipherCache::open(&phone.dir.path().join("doseline.db"), &key).unwrap();
    block_on(cache.commit(Batch {
        put,
        ..Batch::default()
    }))
    .unwrap();
    drop(cache);
    phone.restart();

    let quickest = (0..5).map(|_| {
        let began = Instant::now();
        let today = phone.today();
        let took = began.elapsed();
        assert_eq!(today.parts[0].doses.len(), 8);
        took
    });
    let quickest = quickest.min().unwrap();
    // A tenth of a millisecond where it was measured, in a debug build; a walk over the history takes a hundred times that.
    assert!(quickest < Duration::from_millis(5), "{quickest:?}");
    assert!(
        phone
            .doses()
            .iter()
            .all(|dose| matches!(dose.state, DoseState::Taken { .. } | DoseState::Scheduled {}))
    );
}
