//! Who may do what, as a table over every way to reach a record, and as laws over grants and time.

use chrono::{DateTime, TimeDelta, Utc};
use doseline_shared::{
    access::{Action, Actor, StaffRole, Subject, can},
    id::{ClinicId, GrantId, PatientId, PersonId},
    record::{Grant, Grantee, Scope},
};
use proptest::{prelude::*, sample::select};
use uuid::Uuid;

use crate::build::at;

const PATIENT: u128 = 1;
const CARER: u128 = 2;
const STAFF: u128 = 3;
const STRANGER: u128 = 4;
const CLINIC: u128 = 10;
const OTHER_CLINIC: u128 = 11;

fn person(id: u128) -> PersonId {
    PersonId::from_uuid(Uuid::from_u128(id))
}

fn clinic(id: u128) -> ClinicId {
    ClinicId::from_uuid(Uuid::from_u128(id))
}

fn grant_id(id: u128) -> GrantId {
    GrantId::from_uuid(Uuid::from_u128(id))
}

fn now() -> DateTime<Utc> {
    at("2026-03-01T08:00:00Z")
}

fn grant(id: u128, to: Grantee, scope: Scope) -> Grant {
    Grant {
        id: grant_id(id),
        patient: PatientId::from_uuid(Uuid::from_u128(99)),
        version: 1,
        to,
        name: "x".to_owned(),
        scope,
        from: now() - TimeDelta::days(1),
        until: None,
        ended_at: None,
    }
}

fn to_carer(scope: Scope) -> Grant {
    grant(20, Grantee::Caregiver { person: person(CARER) }, scope)
}

fn to_clinic(scope: Scope) -> Grant {
    grant(21, Grantee::Clinic { clinic: clinic(CLINIC) }, scope)
}

fn someone(id: u128) -> Actor {
    Actor {
        person: person(id),
        memberships: Vec::new(),
    }
}

fn staff(role: StaffRole) -> Actor {
    Actor {
        person: person(STAFF),
        memberships: vec![(clinic(CLINIC), role)],
    }
}

fn of(own: Option<u128>, grants: Vec<Grant>) -> Subject {
    Subject {
        person: own.map(person),
        grants,
    }
}

const ON_A_RECORD: [Action; 7] = [
    Action::SeePatient,
    Action::SeeRecord,
    Action::LogDose,
    Action::CompleteTimes,
    Action::EditRegimen,
    Action::EditPatient,
    Action::Invite,
];

/// What is allowed of [`ON_A_RECORD`], as a word of y and n.
fn word(actor: &Actor, subject: &Subject, when: DateTime<Utc>) -> String {
    ON_A_RECORD
        .iter()
        .map(|action| {
            if can(actor, *action, subject, when).allowed {
                'y'
            } else {
                'n'
            }
        })
        .collect()
}

#[test]
fn each_way_to_a_record_opens_what_it_should_and_no_more() {
    use Scope::{Log, Manage, View};
    use StaffRole::{Administrator, Doctor, FrontDesk, Nurse, PartnerSystem};
    let own = || of(Some(PATIENT), vec![]);
    let cared = |scope| of(Some(PATIENT), vec![to_carer(scope)]);
    let joined = |scope| of(Some(PATIENT), vec![to_clinic(scope)]);
    let kept = |scope| of(None, vec![to_clinic(scope)]);
    // See the name, see the record, log, complete times, edit the regimen, edit the patient, invite.
    for (who, actor, subject, allowed) in [
        ("the patient", someone(PATIENT), own(), "yyyyyyy"),
        ("a stranger", someone(STRANGER), own(), "nnnnnnn"),
        (
            "a stranger, beside a caregiver",
            someone(STRANGER),
            cared(Manage),
            "nnnnnnn",
        ),
        ("a caregiver who may view", someone(CARER), cared(View), "yynnnnn"),
        ("a caregiver who may log", someone(CARER), cared(Log), "yyynnnn"),
        ("a caregiver who may manage", someone(CARER), cared(Manage), "yyyyynn"),
        ("a doctor", staff(Doctor), joined(Manage), "yyyyynn"),
        ("a doctor under log", staff(Doctor), joined(Log), "yyynnnn"),
        ("a doctor under view", staff(Doctor), joined(View), "yynnnnn"),
        (
            "a doctor, of a patient without account",
            staff(Doctor),
            kept(Manage),
            "yyyyyyn",
        ),
        ("a nurse", staff(Nurse), joined(Manage), "yyyynnn"),
        ("a nurse under view", staff(Nurse), joined(View), "yynnnnn"),
        (
            "a nurse, of a patient without account",
            staff(Nurse),
            kept(Manage),
            "yyyynyn",
        ),
        ("an administrator", staff(Administrator), joined(Manage), "yynnnnn"),
        ("the front desk", staff(FrontDesk), joined(Manage), "ynnnnnn"),
        (
            "the front desk, of a patient without account",
            staff(FrontDesk),
            kept(Manage),
            "ynnnnnn",
        ),
        ("a partner system", staff(PartnerSystem), joined(Manage), "yynnnnn"),
        (
            "a partner system, of a patient without account",
            staff(PartnerSystem),
            kept(Manage),
            "yynnnnn",
        ),
        (
            "a doctor of a clinic that the patient never joined",
            staff(Doctor),
            own(),
            "nnnnnnn",
        ),
        ("a doctor, of nobody", staff(Doctor), Subject::none(), "nnnnnnn"),
    ] {
        assert_eq!(word(&actor, &subject, now()), allowed, "{who}");
        for own in [Action::SeeAudit, Action::Export] {
            assert_eq!(
                can(&actor, own, &subject, now()).allowed,
                who == "the patient",
                "{who}: {own:?}"
            );
        }
    }
}

#[test]
fn the_widest_of_several_ways_counts() {
    let both = of(Some(PATIENT), vec![to_carer(Scope::View), to_carer(Scope::Manage)]);
    assert_eq!(word(&someone(CARER), &both, now()), "yyyyynn");
    let mut twice = staff(StaffRole::FrontDesk);
    twice.memberships.push((clinic(CLINIC), StaffRole::Nurse));
    assert_eq!(
        word(&twice, &of(Some(PATIENT), vec![to_clinic(Scope::Log)]), now()),
        "yyynnnn"
    );
    for roles in [
        [StaffRole::FrontDesk, StaffRole::Administrator],
        [StaffRole::Administrator, StaffRole::FrontDesk],
    ] {
        let both = Actor {
            person: person(STAFF),
            memberships: roles.map(|role| (clinic(CLINIC), role)).to_vec(),
        };
        assert!(can(&both, Action::ManageStaff(clinic(CLINIC)), &Subject::none(), now()).allowed);
    }
    let mut carer = staff(StaffRole::FrontDesk);
    carer.person = person(CARER);
    let subject = of(Some(PATIENT), vec![to_clinic(Scope::Manage), to_carer(Scope::Log)]);
    assert_eq!(word(&carer, &subject, now()), "yyynnnn");
}

#[test]
fn a_clinics_own_matters_are_for_its_staff() {
    let here = clinic(CLINIC);
    for role in StaffRole::ALL {
        let actor = staff(*role);
        let may = |action| can(&actor, action, &Subject::none(), now()).allowed;
        assert_eq!(may(Action::ManageStaff(here)), *role == StaffRole::Administrator);
        assert_eq!(may(Action::ManageSystems(here)), *role == StaffRole::Administrator);
        for action in [Action::SeeStaff(here), Action::InviteToClinic(here)] {
            assert_eq!(may(action), role.is_of_people());
        }
        let there = clinic(OTHER_CLINIC);
        assert!(
            !may(Action::ManageStaff(there)) && !may(Action::SeeStaff(there)) && !may(Action::InviteToClinic(there))
        );
        assert!(!may(Action::ManageSystems(there)));
        // A record is handed over by the clinic that keeps it, to whom nobody has come before.
        let hands_over = |subject: &Subject, clinic| can(&actor, Action::HandOver(clinic), subject, now()).allowed;
        assert_eq!(
            hands_over(&of(None, vec![to_clinic(Scope::Manage)]), here),
            role.is_of_people()
        );
        assert!(!hands_over(&of(None, vec![]), here));
        assert!(!hands_over(&of(None, vec![to_clinic(Scope::Manage)]), there));
        assert!(!hands_over(&of(Some(PATIENT), vec![to_clinic(Scope::Manage)]), here));
    }
    let stranger = someone(STRANGER);
    assert!(!can(&stranger, Action::InviteToClinic(here), &Subject::none(), now()).allowed);
}

#[test]
fn a_grant_is_ended_by_the_patient_or_by_whom_it_was_given_to() {
    let subject = of(Some(PATIENT), vec![to_carer(Scope::Manage), to_clinic(Scope::Manage)]);
    let ends = |actor: &Actor, grant| can(actor, Action::EndGrant(grant_id(grant)), &subject, now()).allowed;
    assert!(ends(&someone(PATIENT), 20) && ends(&someone(PATIENT), 21));
    assert!(!ends(&someone(PATIENT), 77), "a grant on another record");
    assert!(ends(&someone(CARER), 20) && !ends(&someone(CARER), 21));
    assert!(ends(&staff(StaffRole::Administrator), 21) && !ends(&staff(StaffRole::Administrator), 20));
    assert!(!ends(&staff(StaffRole::Doctor), 21) && !ends(&staff(StaffRole::FrontDesk), 21));
    assert!(!ends(&staff(StaffRole::PartnerSystem), 21));
    assert!(!ends(&someone(STRANGER), 20));
}

#[test]
fn a_list_of_interactions_is_read_by_those_for_whom_it_stands_and_loaded_by_the_administrator() {
    let (here, there) = (clinic(CLINIC), clinic(OTHER_CLINIC));
    let reads = |actor: &Actor, subject: &Subject, of| can(actor, Action::SeeInteractions(of), subject, now()).allowed;
    let loads = |actor: &Actor, of| can(actor, Action::ManageInteractions(of), &Subject::none(), now()).allowed;
    for role in StaffRole::ALL {
        let actor = staff(*role);
        assert_eq!(reads(&actor, &Subject::none(), here), role.is_of_people());
        assert!(!reads(&actor, &Subject::none(), there));
        assert_eq!(loads(&actor, here), *role == StaffRole::Administrator);
        assert!(!loads(&actor, there));
    }
    let joined = of(Some(PATIENT), vec![to_carer(Scope::View), to_clinic(Scope::View)]);
    let alone = of(Some(PATIENT), vec![to_carer(Scope::View)]);
    for (person, known) in [(PATIENT, true), (CARER, true), (STRANGER, false)] {
        assert_eq!(reads(&someone(person), &joined, here), known);
        assert!(!reads(&someone(person), &joined, there) && !reads(&someone(person), &alone, here));
        assert!(!loads(&someone(person), here));
    }
    // Staff of another clinic that the patient has joined have no part in this one's list.
    let elsewhere = Actor {
        person: person(STAFF),
        memberships: vec![(there, StaffRole::Doctor)],
    };
    let other = grant(22, Grantee::Clinic { clinic: there }, Scope::Manage);
    assert!(!reads(
        &elsewhere,
        &of(Some(PATIENT), vec![to_clinic(Scope::View), other]),
        here
    ));
    let ended = Grant {
        ended_at: Some(now()),
        ..to_clinic(Scope::View)
    };
    assert!(!reads(&someone(PATIENT), &of(Some(PATIENT), vec![ended]), here));
}

fn any_scope() -> impl Strategy<Value = Scope> {
    select(vec![Scope::View, Scope::Log, Scope::Manage])
}

proptest! {
    #[test]
    fn a_grant_opens_nothing_before_it_begins_or_once_it_is_over(
        scope in any_scope(), begin in 0..100_i64, until in proptest::option::of(0..200_i64),
        ended in proptest::option::of(0..200_i64), minute in -50..250_i64, role in select(StaffRole::ALL)
    ) {
        let when = |minutes: i64| now() + TimeDelta::minutes(minutes);
        let timed = |grant: Grant| Grant {
            from: when(begin), until: until.map(when), ended_at: ended.map(when), ..grant
        };
        let holds = begin <= minute && until.is_none_or(|end| minute < end) && ended.is_none_or(|end| minute < end);
        let cared = of(Some(PATIENT), vec![timed(to_carer(scope))]);
        let joined = of(Some(PATIENT), vec![timed(to_clinic(scope))]);
        for action in ON_A_RECORD {
            let as_carer = can(&someone(CARER), action, &cared, when(minute)).allowed;
            prop_assert!(holds || !as_carer);
            let as_staff = can(&staff(role), action, &joined, when(minute)).allowed;
            prop_assert!(holds || !as_staff);
        }
        prop_assert_eq!(can(&someone(CARER), Action::SeeRecord, &cared, when(minute)).allowed, holds);
        // The patient is not touched by any of it.
        prop_assert!(can(&someone(PATIENT), Action::EditRegimen, &cared, when(minute)).allowed);
    }

    #[test]
    fn a_wider_scope_never_allows_less(role in select(StaffRole::ALL), own in any::<bool>()) {
        let own = own.then_some(PATIENT);
        let at_scope = |scope| {
            (of(own, vec![to_carer(scope)]), of(own, vec![to_clinic(scope)]))
        };
        for (less, more) in [(Scope::View, Scope::Log), (Scope::Log, Scope::Manage)] {
            for action in ON_A_RECORD {
                let narrow = can(&someone(CARER), action, &at_scope(less).0, now()).allowed;
                prop_assert!(!narrow || can(&someone(CARER), action, &at_scope(more).0, now()).allowed);
                let narrow = can(&staff(role), action, &at_scope(less).1, now()).allowed;
                prop_assert!(!narrow || can(&staff(role), action, &at_scope(more).1, now()).allowed);
            }
        }
    }
}
