//! Who may do what: roles, grants, and the one function that every surface asks.
//!
//! Owns the rules of access. A patient may do everything with their own record. A caregiver reaches a record through a
//! grant to them, staff through a grant to their clinic, and only while it holds; the grant's scope bounds what they may
//! do, a role in the clinic bounds it further. Nobody is refused for being too much: the widest of several ways counts.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    id::{ClinicId, GrantId, PersonId},
    record::{Grant, Grantee, Scope},
};

/// A role in a clinic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StaffRole {
    /// Creates and removes staff; sees patients as a nurse does.
    Administrator,
    /// Sees patients, writes their regimen.
    Doctor,
    /// Sees patients, records doses, completes times.
    Nurse,
    /// Knows who the patients are; invites them. Sees no regimen and no doses.
    FrontDesk,
    /// A system that the clinic has connected, and no person: reads what is open to the clinic, writes nothing. What of it
    /// a request may ask for, the scopes of its token bound further (`shared::api::partner`).
    PartnerSystem,
}

impl StaffRole {
    /// All roles, for tables and tests.
    pub const ALL: &[Self] = &[
        Self::Administrator,
        Self::Doctor,
        Self::Nurse,
        Self::FrontDesk,
        Self::PartnerSystem,
    ];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Doctor => "doctor",
            Self::Nurse => "nurse",
            Self::FrontDesk => "front_desk",
            Self::PartnerSystem => "partner_system",
        }
    }

    /// Whether people hold it.
    pub const fn is_of_people(self) -> bool {
        match self {
            Self::Administrator | Self::Doctor | Self::Nurse | Self::FrontDesk => true,
            Self::PartnerSystem => false,
        }
    }
}

/// Someone who wants to do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub person: PersonId,
    /// The clinics they work for now, and as what.
    pub memberships: Vec<(ClinicId, StaffRole)>,
}

/// What an actor wants to do. All but those of a clinic concern the patient that the [`Subject`] describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// To know that the patient exists, by name.
    SeePatient,
    /// To see the medications, the doses, and everything else in the record.
    SeeRecord,
    /// To record what became of a dose, what is at home and how the patient feels, and to take such an entry back.
    LogDose,
    /// To give times to a medication that has none yet.
    CompleteTimes,
    /// To add, change and stop medications, and to write allergies and conditions.
    EditRegimen,
    /// To change the patient's name, date of birth and home zone.
    EditPatient,
    /// To let someone else care for the patient.
    Invite,
    /// To see who has looked at the record.
    SeeAudit,
    /// To take a copy of everything that is kept about the patient.
    Export,
    /// To end a grant on the patient's record.
    EndGrant(GrantId),
    /// On behalf of the clinic, to hand the record to the person whose it is.
    HandOver(ClinicId),
    /// To create and remove the clinic's staff.
    ManageStaff(ClinicId),
    /// To connect systems to the clinic, to give them keys, and to see and to end both.
    ManageSystems(ClinicId),
    /// To see who works for the clinic.
    SeeStaff(ClinicId),
    /// To ask a patient to join the clinic, and to see who its patients are.
    InviteToClinic(ClinicId),
    /// To load the clinic's list of interactions, and to withdraw it.
    ManageInteractions(ClinicId),
    /// To read the clinic's list of interactions: as its staff, or with a record that is open to the clinic.
    SeeInteractions(ClinicId),
}

/// The patient whose record is concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The patient's own account.
    pub person: Option<PersonId>,
    /// Every grant on the record, ended ones included.
    pub grants: Vec<Grant>,
}

impl Subject {
    /// No patient: for what concerns a clinic only.
    pub const fn none() -> Self {
        Self {
            person: None,
            grants: Vec::new(),
        }
    }
}

/// The answer, with a reason for the audit trail. The reason holds no health data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it is allowed.
    pub allowed: bool,
    /// Why, or why not.
    pub why: &'static str,
}

const fn yes(why: &'static str) -> Decision {
    Decision { allowed: true, why }
}

const fn no(why: &'static str) -> Decision {
    Decision { allowed: false, why }
}

/// Whether `actor` may do `action` to `subject` at `now`.
pub fn can(actor: &Actor, action: Action, subject: &Subject, now: DateTime<Utc>) -> Decision {
    match action {
        Action::ManageStaff(clinic) | Action::ManageSystems(clinic) | Action::ManageInteractions(clinic) => {
            administrate(actor, clinic)
        }
        Action::SeeStaff(clinic) | Action::InviteToClinic(clinic) => be_staff(actor, clinic),
        Action::SeeInteractions(clinic) => see_interactions(actor, clinic, subject, now),
        Action::HandOver(clinic) => hand_over(actor, clinic, subject, now),
        Action::EndGrant(grant) => end_grant(actor, grant, subject),
        Action::SeePatient
        | Action::SeeRecord
        | Action::LogDose
        | Action::CompleteTimes
        | Action::EditRegimen
        | Action::EditPatient
        | Action::Invite
        | Action::SeeAudit
        | Action::Export => {
            if is_self(actor, subject) {
                return yes("the patient's own record");
            }
            subject
                .grants
                .iter()
                .filter(|grant| grant.holds(now))
                .map(|grant| by_grant(actor, action, subject, grant))
                .reduce(|one, other| if one.allowed || !other.allowed { one } else { other })
                .unwrap_or(no("no grant holds"))
        }
    }
}

fn is_self(actor: &Actor, subject: &Subject) -> bool {
    subject.person == Some(actor.person)
}

/// The widest role of `actor` in `clinic`.
fn role(actor: &Actor, clinic: ClinicId) -> Option<StaffRole> {
    let in_clinic = actor.memberships.iter().filter(|(of, _)| *of == clinic);
    in_clinic.map(|(_, role)| *role).min()
}

/// What is for the clinic's administrators.
fn administrate(actor: &Actor, clinic: ClinicId) -> Decision {
    match role(actor, clinic) {
        Some(StaffRole::Administrator) => yes("administrator of the clinic"),
        Some(StaffRole::Doctor | StaffRole::Nurse | StaffRole::FrontDesk | StaffRole::PartnerSystem) => {
            no("not an administrator")
        }
        None => no("not of this clinic"),
    }
}

/// What is for everyone who works for the clinic.
fn be_staff(actor: &Actor, clinic: ClinicId) -> Decision {
    match role(actor, clinic) {
        Some(role) if role.is_of_people() => yes("staff of the clinic"),
        Some(_) => no("not for a system"),
        None => no("not of this clinic"),
    }
}

/// What one grant that holds allows.
fn by_grant(actor: &Actor, action: Action, subject: &Subject, grant: &Grant) -> Decision {
    match grant.to {
        Grantee::Caregiver { person } if person == actor.person => by_scope(action, grant.scope),
        Grantee::Caregiver { .. } => no("the grant is for someone else"),
        Grantee::Clinic { clinic } => {
            let as_staff = actor
                .memberships
                .iter()
                .filter(|(of, _)| *of == clinic)
                .map(|(_, role)| by_role(action, *role, grant.scope, subject));
            as_staff
                .reduce(|one, other| if one.allowed || !other.allowed { one } else { other })
                .unwrap_or(no("the grant is for a clinic that the person does not work for"))
        }
    }
}

/// What a caregiver may do under `scope`.
fn by_scope(action: Action, scope: Scope) -> Decision {
    if action == Action::EditPatient {
        return no("only for the patient");
    }
    within(scope, action, "caregiver, within the scope of the grant")
}

/// Whether a grant of `scope` reaches as far as `action`.
fn within(scope: Scope, action: Action, reached: &'static str) -> Decision {
    let needed = match action {
        Action::SeePatient | Action::SeeRecord => Scope::View,
        Action::LogDose => Scope::Log,
        Action::CompleteTimes | Action::EditRegimen | Action::EditPatient => Scope::Manage,
        Action::Invite
        | Action::SeeAudit
        | Action::Export
        | Action::EndGrant(_)
        | Action::HandOver(_)
        | Action::ManageStaff(_)
        | Action::ManageSystems(_)
        | Action::SeeStaff(_)
        | Action::InviteToClinic(_)
        | Action::ManageInteractions(_)
        | Action::SeeInteractions(_) => return no("only for the patient"),
    };
    if needed <= scope {
        yes(reached)
    } else {
        no("beyond the scope of the grant")
    }
}

/// What staff may do in their role with a record that is open to their clinic under `scope`.
fn by_role(action: Action, role: StaffRole, scope: Scope, subject: &Subject) -> Decision {
    let of_role = match (role, action) {
        (_, Action::SeePatient) => true,
        (StaffRole::FrontDesk, _) => false,
        (_, Action::SeeRecord) => true,
        (StaffRole::Administrator | StaffRole::PartnerSystem, _) => false,
        (StaffRole::Nurse | StaffRole::Doctor, Action::LogDose | Action::CompleteTimes) => true,
        (StaffRole::Doctor, Action::EditRegimen) => true,
        // Whoever has an account keeps their own details; for the others the clinic does.
        (StaffRole::Doctor | StaffRole::Nurse, Action::EditPatient) => subject.person.is_none(),
        (StaffRole::Doctor | StaffRole::Nurse, _) => false,
    };
    if !of_role {
        return no("not in this role");
    }
    within(scope, action, "staff, within the scope of the grant")
}

/// The clinic's staff read its list, and whoever sees the medications of a patient that the clinic sees too: for those it
/// is there.
fn see_interactions(actor: &Actor, clinic: ClinicId, subject: &Subject, now: DateTime<Utc>) -> Decision {
    let as_staff = be_staff(actor, clinic);
    if as_staff.allowed {
        return as_staff;
    }
    let joined = |grant: &Grant| grant.to == Grantee::Clinic { clinic } && grant.holds(now);
    if !subject.grants.iter().any(joined) {
        return no("not of this clinic");
    }
    let mine = |grant: &Grant| grant.to == Grantee::Caregiver { person: actor.person } && grant.holds(now);
    if is_self(actor, subject) || subject.grants.iter().any(mine) {
        yes("the patient of the clinic, or a caregiver")
    } else {
        no("neither the patient nor a caregiver")
    }
}

/// A clinic hands over what it can reach and what nobody has an account for yet.
fn hand_over(actor: &Actor, clinic: ClinicId, subject: &Subject, now: DateTime<Utc>) -> Decision {
    let as_staff = be_staff(actor, clinic);
    if !as_staff.allowed {
        return as_staff;
    }
    if subject.person.is_some() {
        return no("the record has its person already");
    }
    let reaches = |grant: &Grant| grant.to == Grantee::Clinic { clinic } && grant.holds(now);
    if subject.grants.iter().any(reaches) {
        yes("staff of the clinic that keeps the record")
    } else {
        no("no grant holds")
    }
}

/// A grant is ended by the patient, or by whoever it was given to; for a clinic, by its administrator.
fn end_grant(actor: &Actor, id: GrantId, subject: &Subject) -> Decision {
    let Some(grant) = subject.grants.iter().find(|grant| grant.id == id) else {
        return no("no such grant on this record");
    };
    if is_self(actor, subject) {
        return yes("the patient's own record");
    }
    match grant.to {
        Grantee::Caregiver { person } if person == actor.person => yes("the grant was given to this person"),
        Grantee::Caregiver { .. } => no("the grant is for someone else"),
        Grantee::Clinic { clinic } => administrate(actor, clinic),
    }
}
