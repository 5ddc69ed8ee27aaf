//! The hash chain: whatever is altered, removed or moved shows, in the chain or in the seal.

use doseline_shared::{
    change::{BrokenBy, Hash, Head, Linked, Row, link_hash, seal_hash, verify_chain},
    id::{DeviceId, PatientId, PersonId},
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
    }
}

fn chain<'a>(patient: u128, bodies: &'a [String]) -> Vec<Linked<'a>> {
    let mut prev = Hash::ZERO;
    let links = (1..).zip(bodies).map(|(link, body)| {
        let row = row(patient, link, body);
        let hash = link_hash(&prev, &row);
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
    assert_eq!(verify_chain([]), Ok(Hash::ZERO));
}

#[test]
fn the_encoding_is_pinned() {
    // Stored chains must verify for ever: whoever changes the encoding has to give it a new label. The
    // values come from a second reading of the encoding, in another language.
    let hash = link_hash(&Hash::ZERO, &row(1, 1, "{}"));
    assert_eq!(
        hash.to_string(),
        "be4671d79a91f60577797c7a1e4a08333302bf60908020a0f0119fb521bc0034"
    );
    let head = Head {
        patient: PatientId::from_uuid(Uuid::from_u128(1)),
        link: 1,
        hash,
    };
    assert_eq!(
        seal_hash(&Hash::ZERO, &[head]).to_string(),
        "19342449f65b70afd4d4a4030210f99c9339e89bf23c838be4174d0d633dcc81"
    );
}

#[test]
fn a_hash_is_read_as_it_is_written() {
    let hash = link_hash(&Hash::ZERO, &row(1, 1, "{}"));
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
    let hash = link_hash(&Hash::ZERO, &plain);
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
    ] {
        assert_ne!(link_hash(&Hash::ZERO, &altered), hash, "{altered:?}");
    }
    assert_ne!(link_hash(&hash, &plain), hash);
    // Nothing slides from one field into the next, or from the actor to the device.
    assert_ne!(
        link_hash(
            &Hash::ZERO,
            &Row {
                kind: "ab",
                body: "c",
                ..plain
            }
        ),
        link_hash(
            &Hash::ZERO,
            &Row {
                kind: "a",
                body: "bc",
                ..plain
            }
        )
    );
    assert_ne!(
        link_hash(
            &Hash::ZERO,
            &Row {
                actor: None,
                device: Some(DeviceId::from_uuid(other)),
                ..plain
            }
        ),
        link_hash(
            &Hash::ZERO,
            &Row {
                actor: Some(PersonId::from_uuid(other)),
                device: None,
                ..plain
            }
        )
    );
}

fn heads(n: u128) -> Vec<Head> {
    let bodies = bodies(3);
    let head = |patient| Head {
        patient: PatientId::from_uuid(Uuid::from_u128(patient)),
        link: 3,
        hash: chain(patient, &bodies)[2].hash,
    };
    (1..=n).map(head).collect()
}

#[test]
fn a_shortened_chain_or_a_lost_patient_breaks_the_seal() {
    let all = heads(4);
    let seal = seal_hash(&Hash::ZERO, &all);
    let reversed: Vec<_> = all.iter().rev().copied().collect();
    assert_eq!(
        seal_hash(&Hash::ZERO, &reversed),
        seal,
        "the order of heads is no matter"
    );
    assert_ne!(seal_hash(&Hash::ZERO, &all[1..]), seal);
    let mut shortened = all.clone();
    let bodies = bodies(3);
    (shortened[0].link, shortened[0].hash) = (2, chain(1, &bodies)[1].hash);
    assert_ne!(seal_hash(&Hash::ZERO, &shortened), seal);
    assert_ne!(seal_hash(&seal, &all), seal, "a seal follows the one before it");
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
                vec![BrokenBy::OtherPatient]
            }
        };
        let found = verify_chain(broken.iter().copied());
        prop_assert!(found.is_err_and(|broken| why.contains(&broken.why)), "{:?}", found);
        // Cut at its end it still verifies, but to another head, which the seal holds.
        prop_assert_ne!(verify_chain(whole[..n - 1].iter().copied()), Ok(whole[n - 1].hash));
    }
}
