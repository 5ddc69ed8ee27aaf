//! The demonstration: a clinic, its staff, a patient with four weeks behind her, and her son who looks after her.
//!
//! Made only where `--demo` asks for it and the store is empty, and only through the use cases that real people go
//! through: so it shows nothing that the product cannot do. Everyone here is invented.

mod history;
mod regimen;

use std::net::{IpAddr, Ipv4Addr};

use chrono_tz::Tz;
use doseline_shared::{
    access::StaffRole,
    api::{
        account::{ChangePassword, FirstPassword, NewDevice, NewStaff, SignIn, SignUp},
        invitation::{Code, NewInvitation},
        sync::{Operation, OperationBody, Outcome, Push},
    },
    id::{AllergyId, ClinicId, DeviceId, OperationId, PatientId},
    record::{Allergy, Scope},
};

use crate::{
    account::{self, session},
    app::{App, Caller, Origin},
    clinic::{self, NewClinic},
    fault::Fault,
    invitation, random,
    store::{self, Tx},
    sync,
};

/// The password of every demonstration account.
pub const PASSWORD: &str = "demo-doseline";
const CLINIC: &str = "Harmony Clinic, Lagos";
const ZONE: Tz = Tz::Africa__Lagos;

/// The accounts: e-mail, name, and what they are here.
pub const ACCOUNTS: &[(&str, &str, &str)] = &[
    ("ada@demo.example", "Ada Obi", "patient, with four weeks of history"),
    ("chidi@demo.example", "Chidi Obi", "her son, a caregiver"),
    ("nurse@demo.example", "Ngozi Bello", "nurse of the clinic"),
    ("doctor@demo.example", "Tunde Adeyemi", "doctor of the clinic"),
    ("desk@demo.example", "Amara Eze", "front desk of the clinic"),
    ("admin@demo.example", "Folake Ade", "administrator of the clinic"),
];

/// The demonstration could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The store holds something else.
    #[error("--demo is for an empty store; this one holds other records. Choose another with DOSELINE_STORE__PATH")]
    NotEmpty,
    /// A use case failed.
    #[error("the demonstration: {0}")]
    Failed(#[from] Fault),
    /// An operation was not applied.
    #[error("the demonstration: an operation was refused")]
    Refused,
}

/// Makes the demonstration where the store is empty; leaves it as it is where it is there already.
pub async fn seed(app: &App) -> Result<(), DemoError> {
    let (demo, empty) = app
        .store
        .read(async |tx: &mut Tx| {
            let ada = store::person::by_email(tx, email("Ada")).await?;
            let clinics = store::clinic::list(tx).await?;
            Ok::<_, Fault>((ada.is_some(), clinics.is_empty()))
        })
        .await?;
    match (demo, empty) {
        (true, _) => return Ok(()),
        (false, false) => return Err(DemoError::NotEmpty),
        (false, true) => {}
    }
    let clock: crate::app::Clock = {
        let app = app.clone();
        std::sync::Arc::new(move || app.now())
    };
    let founded = clinic::found(
        &app.store,
        &app.passwords,
        &app.limits,
        &clock,
        NewClinic {
            name: CLINIC.to_owned(),
            admin_name: name("admin").to_owned(),
            admin_email: email("admin").to_owned(),
            existing_account: false,
        },
    )
    .await?;
    choose(app, "admin", founded.first_password).await?;
    let admin = sign_in(app, "admin").await?;
    for (who, role) in [
        ("nurse", StaffRole::Nurse),
        ("doctor", StaffRole::Doctor),
        ("desk", StaffRole::FrontDesk),
    ] {
        let staff = NewStaff {
            name: name(who).to_owned(),
            email: email(who).to_owned(),
            role,
        };
        let added = clinic::add_staff(app, admin, founded.clinic, staff).await?;
        choose(app, who, added.first_password).await?;
    }
    let (ada, patient) = sign_up(app, "ada", true).await?;
    let (chidi, _) = sign_up(app, "chidi", false).await?;
    let patient = patient.ok_or(DemoError::Refused)?;
    fill(app, ada, patient).await?;
    connect(app, ada, chidi, founded.clinic).await
}

/// Ada lets her son record doses, and joins the clinic.
async fn connect(app: &App, ada: Caller, chidi: Caller, clinic: ClinicId) -> Result<(), DemoError> {
    let care = NewInvitation::Caregiver {
        scope: Scope::Log,
        until: None,
    };
    let care = invitation::invite(app, ada, care).await?;
    invitation::redeem(app, chidi, Code { code: care.code }).await?;
    let desk = sign_in(app, "desk").await?;
    let join = invitation::invite(app, desk, NewInvitation::JoinClinic { clinic }).await?;
    invitation::redeem(app, ada, Code { code: join.code }).await?;
    account::sign_out(app, desk).await?;
    Ok(())
}

/// Ada's medicines, her allergy, what she has logged, and how she felt.
async fn fill(app: &App, ada: Caller, patient: PatientId) -> Result<(), DemoError> {
    let now = app.now();
    let medications = regimen::of(patient, ZONE, now);
    let events = history::of(&medications, ada, ZONE, now);
    let suspected = medications.first().map(|medication| medication.id);
    let felt = history::felt(patient, suspected, ada, ZONE, now);
    let allergy = Allergy {
        id: random::id(now, AllergyId::new),
        patient,
        clinic: None,
        version: 0,
        substance: "Sulfonamides".to_owned(),
        codes: Vec::new(),
        active: true,
    };
    let mut bodies = vec![OperationBody::PutAllergy { base: 0, allergy }];
    bodies.extend(
        medications
            .into_iter()
            .map(|medication| OperationBody::PutMedication { base: 0, medication }),
    );
    bodies.extend(events.into_iter().map(|event| OperationBody::LogDose { event }));
    bodies.push(OperationBody::LogSideEffect { entry: felt });
    let operations: Vec<Operation> = bodies
        .into_iter()
        .map(|body| Operation {
            id: random::id(now, OperationId::new),
            body,
        })
        .collect();
    for batch in operations.chunks(doseline_shared::api::sync::MAX_OPERATIONS) {
        let push = Push {
            operations: batch.to_vec(),
        };
        let request = serde_json::to_value(&push).map_err(|_| DemoError::Refused)?;
        let pushed = sync::push(app, ada.bearer(), HERE, Ok(request)).await?;
        if pushed
            .results
            .iter()
            .any(|result| !matches!(result.outcome, Outcome::Applied { .. }))
        {
            return Err(DemoError::Refused);
        }
    }
    Ok(())
}

const HERE: Origin = Origin(IpAddr::V4(Ipv4Addr::LOCALHOST));

async fn sign_up(app: &App, who: &str, as_patient: bool) -> Result<(Caller, Option<PatientId>), DemoError> {
    let request = SignUp {
        name: name(who).to_owned(),
        email: email(who).to_owned(),
        password: PASSWORD.to_owned(),
        zone: ZONE,
        as_patient,
        device: device(app),
    };
    let session = account::sign_up(app, HERE, request).await?;
    Ok((
        session::caller(app, &session.access, HERE, None).await?,
        session.me.patient,
    ))
}

/// Someone signs in with the password that was handed over, and chooses that of the demonstration.
async fn choose(app: &App, who: &str, first: Option<FirstPassword>) -> Result<(), DemoError> {
    let first = first.ok_or(DemoError::Refused)?.password;
    let session = account::sign_in(app, HERE, credentials(app, who, &first)).await?;
    let (caller, _) = session::known(app, &session.access, HERE).await?;
    let request = ChangePassword {
        password: first,
        code: None,
        new: PASSWORD.to_owned(),
    };
    account::change_password(app, caller, request).await?;
    Ok(account::sign_out(app, caller).await?)
}

async fn sign_in(app: &App, who: &str) -> Result<Caller, DemoError> {
    let session = account::sign_in(app, HERE, credentials(app, who, PASSWORD)).await?;
    Ok(session::caller(app, &session.access, HERE, None).await?)
}

fn credentials(app: &App, who: &str, password: &str) -> SignIn {
    SignIn {
        email: email(who).to_owned(),
        password: password.to_owned(),
        code: None,
        device: device(app),
    }
}

fn device(app: &App) -> NewDevice {
    NewDevice {
        id: random::id(app.now(), DeviceId::new),
        name: "Demonstration".to_owned(),
    }
}

fn email(who: &str) -> &'static str {
    account_of(who).0
}

fn name(who: &str) -> &'static str {
    account_of(who).1
}

fn account_of(who: &str) -> (&'static str, &'static str) {
    let who = who.to_lowercase();
    ACCOUNTS
        .iter()
        .find(|(email, _, _)| email.split('@').next() == Some(who.as_str()))
        .map(|(email, name, _)| (*email, *name))
        .expect("this file asks for accounts of its own table only")
}
