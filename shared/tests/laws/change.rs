//! The hash chain: whatever is altered, removed or moved shows, in the chain or in the seal.

use doseline_shared::{
    audit::Event,
    change::{BrokenBy, Hash, Head, Link, Linked, Row, Sealed, seal_hash, verify_chain},
    id::{ClinicId, DeviceId, PatientId, PersonId},
};
use proptest::prelude::*;
use uuid::Uuid;

use crate::build::at;

fn row(patient: u128, link: u64, body: &str) -> Row<'_> {
    Row {
        patient: PatientId::from_uuid(Uuid::from_u128(patient)),
        link,
        kind: "dose_event",
        record: Uuid::from_u128(u128::from(link)),
        version: 1,
        body,
        actor: Some(PersonId::from_uuid(Uuid::from_u128(7))),
        device: Some(DeviceId::from_uuid(Uuid::from_u128(8))),
        at: at("2026-03-01T08:00:00.123Z"),
        origin: None,
        why: None,
    }
}

fn chain<'a>(patient: u128, bodies: &'a [String]) -> Vec<Linked<Row<'a>>> {
    let mut prev = Hash::ZERO;
    let links = (1..).zip(bodies).map(|(link, body)| {
        let row = row(patient, link, body);
        let hash = row.hash_after(&prev);
        let linked = Linked { row, prev, hash };
        prev = hash;
        linked
    });
    links.collect()
}

fn bodies(n: usize) -> Vec<String> {
    (0..n).map(|place| format!("{{\"place\":{place}}}")).collect()
}

#[test]
fn a_chain_as_it_was_written_verifies_to_its_head() {
    let bodies = bodies(5);
    let chain = chain(1, &bodies);
    assert_eq!(verify_chain(chain.iter().copied()), Ok(chain[4].hash));
    assert_eq!(verify_chain::<Row<'_>>([]), Ok(Hash::ZERO));
}

#[test]
fn the_encoding_is_pinned() {
    // Stored chains must verify for ever: whoever changes the encoding has to give it a new label. The
    // values come from a second reading of the encoding, in another language.
    let hash = row(1, 1, "{}").hash_after(&Hash::ZERO);
    assert_eq!(
        hash.to_string(),
        "be4671d79a91f60577797c7a1e4a08333302bf60908020a0f0119fb521bc0034"
    );
    let head = Head {
        chain: Uuid::from_u128(1),
        link: 1,
        hash,
    };
    assert_eq!(
        seal_hash(Sealed::Changes, &Hash::ZERO, &[head]).to_string(),
        "19342449f65b70afd4d4a4030210f99c9339e89bf23c838be4174d0d633dcc81"
    );
}

#[test]
fn a_hash_is_read_as_it_is_written() {
    let hash = row(1, 1, "{}").hash_after(&Hash::ZERO);
    assert_eq!(hash.to_string().parse(), Ok(hash));
    for text in [
        "",
        "00",
        &hash.to_string().to_uppercase(),
        &format!("{hash}0"),
        &"é".repeat(32),
    ] {
        assert!(text.parse::<Hash>().is_err(), "{text}");
    }
}

#[test]
fn every_field_is_under_the_hash() {
    let plain = row(1, 1, "{}");
    let hash = plain.hash_after(&Hash::ZERO);
    let other = Uuid::from_u128(77);
    for altered in [
        Row {
            patient: PatientId::from_uuid(other),
            ..plain
        },
        Row { link: 2, ..plain },
        Row {
            kind: "dose_even",
            ..plain
        },
        Row { record: other, ..plain },
        Row { version: 2, ..plain },
        Row { body: "{ }", ..plain },
        Row { actor: None, ..plain },
        Row {
            actor: Some(PersonId::from_uuid(other)),
            ..plain
        },
        Row { device: None, ..plain },
        Row {
            device: plain.actor.map(|id| DeviceId::from_uuid(id.uuid())),
            ..plain
        },
        Row {
            at: at("2026-03-01T08:00:00.124Z"),
            ..plain
        },
        Row {
            origin: Some("10.0.0.1"),
            ..plain
        },
        Row {
            origin: Some(""),
            ..plain
        },
        Row {
            why: Some("10.0.0.1"),
            ..plain
        },
        Row { why: Some(""), ..plain },
    ] {
        assert_ne!(altered.hash_after(&Hash::ZERO), hash, "{altered:?}");
    }
    assert_ne!(plain.hash_after(&hash), hash);
    // Nothing slides from one field into the next, or from the actor to the device.
    assert_ne!(
        Row {
            kind: "ab",
            body: "c",
            ..plain
        }
        .hash_after(&Hash::ZERO),
        Row {
            kind: "a",
            body: "bc",
            ..plain
        }
        .hash_after(&Hash::ZERO)
    );
    assert_ne!(
        Row {
            actor: None,
            device: Some(DeviceId::from_uuid(other)),
            ..plain
        }
        .hash_after(&Hash::ZERO),
        Row {
            actor: Some(PersonId::from_uuid(other)),
            device: None,
            ..plain
        }
        .hash_after(&Hash::ZERO)
    );
}

fn event() -> Event<'static> {
    Event {
        trail: Uuid::from_u128(1),
        link: 1,
        at: at("2026-03-01T08:00:00.123Z"),
        actor: Some(PersonId::from_uuid(Uuid::from_u128(7))),
        device: Some(DeviceId::from_uuid(Uuid::from_u128(8))),
        origin: Some("10.0.0.1"),
        asked: "GET /v1/sync/changes",
        outcome: "read",
        why: "staff",
        clinic: Some(ClinicId::from_uuid(Uuid::from_u128(9))),
    }
}

#[test]
fn every_field_of_an_event_is_under_the_hash() {
    let (plain, other) = (event(), Uuid::from_u128(77));
    let hash = plain.hash_after(&Hash::ZERO);
    for altered in [
        Event { trail: other, ..plain },
        Event { link: 2, ..plain },
        Event {
            at: at("2026-03-01T08:00:00.124Z"),
            ..plain
        },
        Event { actor: None, ..plain },
        Event { device: None, ..plain },
        Event { origin: None, ..plain },
        Event {
            origin: Some(""),
            ..plain
        },
        Event {
            asked: "GET /v1/sync/change",
            ..plain
        },
        Event {
            outcome: "forbidden",
            ..plain
        },
        Event { why: "own", ..plain },
        Event { clinic: None, ..plain },
    ] {
        assert_ne!(altered.hash_after(&Hash::ZERO), hash, "{altered:?}");
    }
    assert_ne!(plain.hash_after(&hash), hash);
}

#[test]
fn the_encoding_of_an_event_and_of_a_change_with_its_reason_is_pinned() {
    assert_eq!(
        event().hash_after(&Hash::ZERO).to_string(),
        "a334db844db31740d34a272bf5c6e61017e6b3a8b9fb12187c8516d43a18b49f"
    );
    let whence = Row {
        origin: Some("10.0.0.1"),
        why: Some("the patient's own record"),
        ..row(1, 1, "{}")
    };
    let hash = whence.hash_after(&Hash::ZERO);
    assert_eq!(
        hash.to_string(),
        "668ab638ff23df27143aba255efd6732056d7e43aa74a2b762a85ea139bf9460"
    );
    let head = Head {
        chain: Uuid::from_u128(1),
        link: 1,
        hash,
    };
    assert_eq!(
        seal_hash(Sealed::Audit, &Hash::ZERO, &[head]).to_string(),
        "0c244b080856d18b0bf976e11b1d627d1db0bd0401dc0ee447b25d383d634a7d"
    );
}

fn heads(n: u128) -> Vec<Head> {
    let bodies = bodies(3);
    let head = |patient| Head {
        chain: Uuid::from_u128(patient),
        link: 3,
        hash: chain(patient, &bodies)[2].hash,
    };
    (1..=n).map(head).collect()
}

#[test]
fn a_shortened_chain_or_a_lost_patient_breaks_the_seal() {
    let all = heads(4);
    let seal = seal_hash(Sealed::Changes, &Hash::ZERO, &all);
    let reversed: Vec<_> = all.iter().rev().copied().collect();
    assert_eq!(
        seal_hash(Sealed::Changes, &Hash::ZERO, &reversed),
        seal,
        "the order of heads is no matter"
    );
    assert_ne!(seal_hash(Sealed::Changes, &Hash::ZERO, &all[1..]), seal);
    let mut shortened = all.clone();
    let bodies = bodies(3);
    (shortened[0].link, shortened[0].hash) = (2, chain(1, &bodies)[1].hash);
    assert_ne!(seal_hash(Sealed::Changes, &Hash::ZERO, &shortened), seal);
    assert_ne!(
        seal_hash(Sealed::Changes, &seal, &all),
        seal,
        "a seal follows the one before it"
    );
}

proptest! {
    #[test]
    fn whatever_is_done_to_a_chain_shows(n in 2..12_usize, at_ in 0..12_usize, other in 0..12_usize, what in 0..5_u8) {
        let bodies = bodies(n);
        let whole = chain(1, &bodies);
        let (place, other) = (at_ % n, other % n);
        let mut broken = whole.clone();
        let why = match what {
            0 => {
                broken[place].row.body = "{}";
                vec![BrokenBy::Altered]
            }
            1 => {
                prop_assume!(place + 1 < n);
                broken.remove(place);
                vec![BrokenBy::Missing]
            }
            2 => {
                prop_assume!(place != other);
                broken.swap(place, other);
                vec![BrokenBy::Missing]
            }
            3 => {
                // Moved, and numbered anew.
                prop_assume!(place != other);
                broken.swap(place, other);
                let (one, two) = (broken[place].row.link, broken[other].row.link);
                (broken[place].row.link, broken[other].row.link) = (two, one);
                vec![BrokenBy::OtherPrev, BrokenBy::Altered]
            }
            _ => {
                broken[place] = chain(2, &bodies)[place];
                vec![BrokenBy::OtherChain]
            }
        };
        let found = verify_chain(broken.iter().copied());
        prop_assert!(found.is_err_and(|broken| why.contains(&broken.why)), "{:?}", found);
        // Cut at its end it still verifies, but to another head, which the seal holds.
        prop_assert_ne!(verify_chain(whole[..n - 1].iter().copied()), Ok(whole[n - 1].hash));
    }
}
