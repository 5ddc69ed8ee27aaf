//! Who gets what answer from which endpoint, for their own records and for foreign ones.
//!
//! Walks over `http::routes()`, from which the router is built: an endpoint without a row here fails, and so does a row
//! without an endpoint. Each row says the status for every role, in the order of [`ROLES`]; for operations, their outcome.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use doseline_backend::{
    http::{Access, routes},
    random,
    store::{Tx, record},
};
use doseline_shared::{
    api::{
        partner::{ApiScope, IssuedKey},
        sync::OperationBody,
        webhook::{IssuedWebhook, Webhook},
    },
    dose::SYSTEM_DEVICE,
    id::{ClinicId, DispenseId, DoseEventId, GrantId, MedicationId, OperationId, SideEffectEntryId, StockEntryId},
    record::{Alert, AlertFor, AlertRule, Grantee, Record},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::audit::Tail;
use crate::report::a_report;
use crate::world::{
    LIST, PASSWORD, Someone, World, a_system, email, log_side_effect, log_stock, number, put_dispense, put_medication,
    taken, twice_daily,
};

/// The roles, by the names that the world below gives them.
const ROLES: [&str; 12] = [
    "Anonymous",
    "Stranger",
    "Ada",
    "Viewer",
    "Logger",
    "Expired",
    "Ended",
    "Doctor",
    "Nurse",
    "Desk",
    "Admin",
    "Elsewhere",
];

/// For every role the same.
const fn all(status: u16) -> [u16; 12] {
    [status; 12]
}

/// 401 for nobody, the same for everyone else.
const fn signed_in(status: u16) -> [u16; 12] {
    let mut row = [status; 12];
    row[0] = 401;
    row
}

/// What a request is aimed at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum At {
    /// Ada, or the clinic that she has joined.
    Own,
    /// A patient whom nobody here knows, or a clinic where nobody here works.
    Foreign,
}

struct Scene {
    world: World,
    people: Vec<Option<Someone>>,
    ada: Someone,
    clinic: ClinicId,
    medication: MedicationId,
    untimed: MedicationId,
    foreign: Someone,
    foreign_clinic: ClinicId,
    foreign_medication: MedicationId,
    foreign_grant: GrantId,
    /// For the clinic, of Ada and of the foreign patient.
    alerts: [Alert; 2],
    /// A system that Ada's clinic has connected.
    system: IssuedKey,
}

impl Scene {
    fn medication_of(&self, at: At) -> MedicationId {
        match at {
            At::Own => self.medication,
            At::Foreign => self.foreign_medication,
        }
    }

    async fn new() -> Self {
        let world = World::new().await;
        let (clinic, admin) = world.clinic("Harmony", "Admin").await;
        let (elsewhere, elsewhere_admin) = world.clinic("Elsewhere", "Other Admin").await;
        let (foreign_clinic, foreign_admin) = world.clinic("Far", "Far Admin").await;
        let ada = world.sign_up("Ada", true).await;
        let foreign = world.sign_up("Foreign", true).await;
        let mut people = vec![None, Some(world.sign_up("Stranger", true).await), Some(ada.clone())];
        let soon = world.now() + TimeDelta::seconds(60);
        for (name, scope, until) in [
            ("Viewer", "view", None),
            ("Logger", "log", None),
            ("Expired", "manage", Some(soon)),
            ("Ended", "manage", None),
        ] {
            let carer = world.sign_up(name, false).await;
            let grant = world.care(&ada, &carer, scope, until).await;
            if name == "Ended" {
                world.delete(&format!("/v1/grants/{grant}"), &ada).await.done();
            }
            people.push(Some(carer));
        }
        for (name, role) in [("Doctor", "doctor"), ("Nurse", "nurse"), ("Desk", "front_desk")] {
            people.push(Some(world.staff(clinic, &admin, name, role).await));
        }
        people.push(Some(admin.clone()));
        people.push(Some(world.staff(elsewhere, &elsewhere_admin, "Else", "doctor").await));
        for (who, admin, clinic) in [(&ada, &admin, clinic), (&foreign, &foreign_admin, foreign_clinic)] {
            let code = world
                .invite(admin, json!({"kind": "join_clinic", "clinic": clinic}))
                .await;
            world.redeem(who, &code).await.ok::<Value>();
        }
        world
            .load_list(foreign_clinic, Some(&foreign_admin), LIST)
            .await
            .ok::<Value>();
        let keeper = world.sign_up("Keeper", false).await;
        let foreign_grant = world.care(&foreign, &keeper, "view", None).await.parse().unwrap();
        let medication = world.medication(&ada, ada.patient()).await;
        let foreign_medication = world.medication(&foreign, foreign.patient()).await;
        let untimed = random::id(world.now(), MedicationId::new);
        world
            .push_new(&ada, &put_medication(untimed, ada.patient(), 0, None))
            .await;
        let alerts = [
            alert(&world, &ada, medication, clinic),
            alert(&world, &foreign, foreign_medication, foreign_clinic),
        ];
        let writer = record::Writer {
            device: Some(SYSTEM_DEVICE),
            ..record::Writer::system(world.now(), "a test")
        };
        let raised = alerts.clone();
        let raise = async move |tx: &mut Tx| {
            for alert in &raised {
                record::put(tx, &writer, 0, Record::Alert(alert.clone())).await?;
            }
            Ok::<_, doseline_backend::store::StoreError>(())
        };
        world.running.app.store.write(raise).await.unwrap();
        let system = connect(&world, clinic, &admin).await;
        world.pass(TimeDelta::seconds(61));
        assert_eq!(people.len(), ROLES.len());
        Self {
            world,
            people,
            ada,
            clinic,
            medication,
            untimed,
            foreign,
            foreign_clinic,
            foreign_medication,
            foreign_grant,
            alerts,
            system,
        }
    }

    fn patient(&self, at: At) -> &Someone {
        match at {
            At::Own => &self.ada,
            At::Foreign => &self.foreign,
        }
    }

    /// Where a request may leave a trace: in the trail of the patient, of whoever asks, or nobody's.
    fn trails(&self, at: At, who: Option<&Someone>) -> Vec<Uuid> {
        let asks = who.map(|who| who.person().uuid());
        [Some(self.patient(at).patient().uuid()), asks, Some(Uuid::nil())]
            .into_iter()
            .flatten()
            .collect()
    }

    fn clinic(&self, at: At) -> ClinicId {
        match at {
            At::Own => self.clinic,
            At::Foreign => self.foreign_clinic,
        }
    }

    async fn status(&self, method: &str, path: &str, who: Option<&Someone>, body: Option<Value>) -> u16 {
        self.world.call(method, path, who, body).await.status.as_u16()
    }

    /// A throwaway session of `who`, so that ending it ends nothing else.
    async fn again(&self, who: Option<&Someone>) -> Option<Someone> {
        match who {
            None => None,
            Some(who) => {
                let name = who.me.email.split('@').next().unwrap().replace('.', " ");
                Some(self.world.sign_in(&name).await)
            }
        }
    }
}

/// Tells `clinic` of the first dose of `medication`.
fn alert(world: &World, patient: &Someone, medication: MedicationId, clinic: ClinicId) -> Alert {
    let to = Grantee::Clinic { clinic };
    let occurrence = "2026-03-02/am".parse().unwrap();
    let due = world.now();
    Alert {
        id: Alert::id_of(medication, &occurrence, to),
        patient: patient.patient(),
        version: 1,
        medication,
        occurrence,
        due,
        missed_at: due,
        to,
        critical: false,
        raised_at: due,
        seen: None,
        answered_at: None,
    }
}

/// One row: the statuses of an endpoint, own and foreign.
struct Row {
    method: &'static str,
    path: &'static str,
    own: [u16; 12],
    /// None where there is nothing foreign to aim at.
    foreign: Option<[u16; 12]>,
}

const NOWHERE: Option<[u16; 12]> = Some(signed_in(404));

#[rustfmt::skip]
const ROWS: &[Row] = &[
    //                                                            Anon Stra Ada  View Log  Expi Ended Doc  Nur  Desk Adm  Else
    Row { method: "POST",   path: "/v1/accounts",              own: all(201), foreign: None },
    Row { method: "POST",   path: "/v1/sessions",              own: all(201), foreign: None },
    Row { method: "DELETE", path: "/v1/sessions",              own: signed_in(204), foreign: None },
    Row { method: "POST",   path: "/v1/sessions/refresh",      own: signed_in(200), foreign: Some(all(401)) },
    Row { method: "GET",    path: "/v1/me",                    own: signed_in(200), foreign: None },
    Row { method: "GET",    path: "/v1/devices",               own: signed_in(200), foreign: None },
    Row { method: "POST",   path: "/v1/devices/{device}/end",  own: signed_in(204), foreign: NOWHERE },
    // With an old password that is wrong.
    Row { method: "POST",   path: "/v1/me/password",           own: all(401), foreign: None },
    Row { method: "GET",    path: "/v1/me/second-factor",      own: signed_in(200), foreign: None },
    Row { method: "POST",   path: "/v1/me/second-factor",      own: signed_in(201), foreign: None },
    // A code that is wrong; and what needs a second factor to be there.
    Row { method: "POST",   path: "/v1/me/second-factor/confirm", own: all(401), foreign: None },
    Row { method: "POST",   path: "/v1/me/second-factor/recovery-codes", own: signed_in(409), foreign: None },
    Row { method: "POST",   path: "/v1/me/second-factor/remove", own: signed_in(409), foreign: None },
    Row { method: "GET",    path: "/v1/clinics/{clinic}/second-factor",
          own: [401, 404, 404, 404, 404, 404, 404, 200, 200, 200, 200, 404], foreign: NOWHERE },
    Row { method: "PUT",    path: "/v1/clinics/{clinic}/second-factor",
          own: [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 200, 404], foreign: NOWHERE },
    Row { method: "POST",   path: "/v1/clinics/{clinic}/staff",
          own: [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 201, 404], foreign: NOWHERE },
    Row { method: "GET",    path: "/v1/clinics/{clinic}/staff",
          own: [401, 404, 404, 404, 404, 404, 404, 200, 200, 200, 200, 404], foreign: NOWHERE },
    Row { method: "DELETE", path: "/v1/clinics/{clinic}/staff/{person}",
          own: [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 204, 404], foreign: NOWHERE },
    Row { method: "POST",   path: "/v1/clinics/{clinic}/staff/{person}/first-password",
          own: [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 201, 404], foreign: NOWHERE },
    Row { method: "PUT",    path: "/v1/clinics/{clinic}/interactions",
          own: [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 200, 404], foreign: NOWHERE },
    // For the patients of the clinic and for their caregivers too.
    Row { method: "GET",    path: "/v1/clinics/{clinic}/interactions",
          own: [401, 404, 200, 200, 200, 404, 404, 200, 200, 200, 200, 404], foreign: NOWHERE },
    Row { method: "DELETE", path: "/v1/clinics/{clinic}/interactions",
          own: [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 204, 404], foreign: NOWHERE },
    Row { method: "POST",   path: "/v1/clinics/{clinic}/systems",
          own: [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 201, 404], foreign: NOWHERE },
    Row { method: "GET",    path: "/v1/clinics/{clinic}/systems",
          own: [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 200, 404], foreign: NOWHERE },
    Row { method: "DELETE", path: "/v1/clinics/{clinic}/systems/{system}",
          own: [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 204, 404], foreign: NOWHERE },
    Row { method: "POST",   path: "/v1/clinics/{clinic}/systems/{system}/keys",
          own: [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 201, 404], foreign: NOWHERE },
    Row { method: "DELETE", path: "/v1/clinics/{clinic}/systems/{system}/keys/{key}",
          own: [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 204, 404], foreign: NOWHERE },
    Row { method: "POST",   path: "/v1/clinics/{clinic}/systems/{system}/webhooks",
          own: [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 201, 404], foreign: NOWHERE },
    Row { method: "GET",    path: "/v1/clinics/{clinic}/systems/{system}/webhooks",
          own: [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 200, 404], foreign: NOWHERE },
    Row { method: "DELETE", path: "/v1/clinics/{clinic}/systems/{system}/webhooks/{webhook}",
          own: [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 204, 404], foreign: NOWHERE },
    Row { method: "POST",   path: "/v1/clinics/{clinic}/systems/{system}/webhooks/{webhook}/ping",
          own: [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 201, 404], foreign: NOWHERE },
    Row { method: "POST",   path: "/v1/clinics/{clinic}/systems/{system}/webhooks/{webhook}/secret",
          own: [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 201, 404], foreign: NOWHERE },
    Row { method: "GET",    path: "/v1/clinics/{clinic}/systems/{system}/webhooks/{webhook}/messages",
          own: [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 200, 404], foreign: NOWHERE },
    // A message that is none: for an administrator there is nothing to send again (webhook.rs has one that is).
    Row { method: "POST",   path: "/v1/clinics/{clinic}/systems/{system}/webhooks/{webhook}/messages/{message}/replay",
          own: [401, 404, 404, 404, 404, 404, 404, 403, 403, 403, 404, 404], foreign: NOWHERE },
    // By the key of a system, whoever sends it. Foreign: a key that is none.
    Row { method: "POST",   path: "/token",                    own: all(200), foreign: Some(all(401)) },
    Row { method: "POST",   path: "/introspect",               own: all(200), foreign: Some(all(401)) },
    Row { method: "POST",   path: "/revoke",                   own: all(200), foreign: Some(all(401)) },
    Row { method: "POST",   path: "/api/auth/token",           own: all(200), foreign: Some(all(401)) },
    Row { method: "GET",    path: "/.well-known/oauth-authorization-server", own: all(200), foreign: None },
    Row { method: "GET",    path: "/.well-known/jwks.json",    own: all(200), foreign: None },
    // For systems; SYSTEMS has what they are let to.
    Row { method: "GET",    path: "/v1/events",                own: signed_in(403), foreign: None },
    Row { method: "GET",    path: "/api/auth/validate",        own: signed_in(403), foreign: None },
    Row { method: "DELETE", path: "/api/auth/revoke",          own: signed_in(403), foreign: None },
    // To join the clinic; what else can be invited to is in INVITATIONS.
    Row { method: "POST",   path: "/v1/invitations",
          own: [401, 404, 404, 404, 404, 404, 404, 201, 201, 201, 201, 404], foreign: NOWHERE },
    Row { method: "POST",   path: "/v1/invitations/lookup",    own: signed_in(200), foreign: NOWHERE },
    // A caregiver's code of Ada: for everyone but herself. Foreign: a code that is none.
    Row { method: "POST",   path: "/v1/invitations/redeem",
          own: [401, 200, 409, 200, 200, 200, 200, 200, 200, 200, 200, 200], foreign: NOWHERE },
    // A grant to someone else.
    Row { method: "DELETE", path: "/v1/grants/{grant}",
          own: [401, 404, 204, 403, 403, 404, 404, 403, 403, 403, 403, 404], foreign: NOWHERE },
    // What becomes of each kind of operation is in OPERATIONS.
    Row { method: "POST",   path: "/v1/sync/push",             own: signed_in(200), foreign: Some(signed_in(200)) },
    Row { method: "GET",    path: "/v1/sync/changes",          own: signed_in(200), foreign: None },
    Row { method: "GET",    path: "/v1/sync/patients/{patient}/changes",
          own: [401, 404, 200, 200, 200, 404, 404, 200, 200, 200, 200, 404], foreign: NOWHERE },
    Row { method: "GET",    path: "/v1/patients/{patient}/audit",
          own: [401, 404, 200, 403, 403, 404, 404, 403, 403, 403, 403, 404], foreign: NOWHERE },
    Row { method: "GET",    path: "/v1/patients/{patient}/export",
          own: [401, 404, 200, 403, 403, 404, 404, 403, 403, 403, 403, 404], foreign: NOWHERE },
    // Everyone sees someone or nobody.
    Row { method: "GET",    path: "/v1/patients",              own: signed_in(200), foreign: None },
    Row { method: "GET",    path: "/api/patient/{patient}/medications",
          own: [401, 404, 200, 200, 200, 404, 404, 200, 200, 403, 200, 404], foreign: NOWHERE },
    Row { method: "GET",    path: "/api/patient/{patient}/adherence",
          own: [401, 404, 200, 200, 200, 404, 404, 200, 200, 403, 200, 404], foreign: NOWHERE },
    // Without an upgrade there is nothing here; with one, the hello decides (see sync.rs).
    Row { method: "GET",    path: "/v1/sync/hints",            own: all(400), foreign: None },
    // Of what the caller says, about whomever: it reads no record.
    Row { method: "POST",   path: "/v1/report",                own: signed_in(200), foreign: None },
    Row { method: "POST",   path: "/v1/schedules/preview",     own: all(200), foreign: None },
    Row { method: "GET",    path: "/openapi.json",             own: all(200), foreign: None },
    Row { method: "GET",    path: "/docs",                     own: all(200), foreign: None },
    Row { method: "GET",    path: "/docs/style.css",           own: all(200), foreign: None },
    Row { method: "GET",    path: "/healthz",                  own: all(200), foreign: None },
    Row { method: "GET",    path: "/readyz",                   own: all(200), foreign: None },
    Row { method: "GET",    path: "/metrics",                  own: all(200), foreign: None },
];

#[tokio::test]
async fn every_endpoint_answers_every_role_as_its_row_says() {
    for route in routes() {
        let rows = ROWS
            .iter()
            .filter(|row| (row.method, row.path) == (route.method, route.path));
        assert_eq!(
            rows.count(),
            1,
            "{} {} has no row in the access matrix",
            route.method,
            route.path
        );
    }
    assert_eq!(ROWS.len(), routes().len(), "a row names an endpoint that is not there");

    let scene = Scene::new().await;
    let mut wrong = Vec::new();
    let mut tail = Tail::default();
    for row in ROWS {
        let foreign = row.foreign.map(|statuses| (At::Foreign, statuses));
        for (at, statuses) in [(At::Own, row.own)].into_iter().chain(foreign) {
            for ((role, who), expected) in ROLES.iter().zip(&scene.people).zip(statuses) {
                let cell = format!("{} {} {at:?} as {role}", row.method, row.path);
                let trails = scene.trails(at, who.as_ref());
                tail.news(&scene.world, &trails).await;
                let status = ask(&scene, row, at, who.as_ref()).await;
                if status != expected {
                    wrong.push(format!("{cell}: {status}, not {expected}"));
                }
                let noted: Vec<String> = tail
                    .news(&scene.world, &trails)
                    .await
                    .iter()
                    .map(|event| event.outcome.clone())
                    .filter(|outcome| !ACTS.contains(&outcome.as_str()))
                    .collect();
                let expected = to_be_noted(row, role, status);
                if !expected.iter().eq(noted.iter()) {
                    wrong.push(format!(
                        "{cell}: {status} left {noted:?} in the audit, not {expected:?}"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What gives out records where it answers 200, whatever the query.
const READS: [&str; 5] = [
    "/v1/sync/patients/{patient}/changes",
    "/v1/patients/{patient}/audit",
    "/v1/patients/{patient}/export",
    "/api/patient/{patient}/medications",
    "/api/patient/{patient}/adherence",
];

/// What is done to an account on the way; the test of the audit holds these.
const ACTS: [&str; 3] = ["signed_in", "session_ended", "device_ended"];

/// What a system proves itself at with its key.
const BY_KEY: [&str; 4] = ["/token", "/introspect", "/revoke", "/api/auth/token"];

/// Who sees Ada in the list of patients.
const SEE_ADA: [&str; 7] = ["Ada", "Viewer", "Logger", "Doctor", "Nurse", "Desk", "Admin"];

/// Every refusal leaves an event in the audit, and so does every reading; nothing else does, but looking at a patient's
/// code, which shows a name.
fn to_be_noted(row: &Row, role: &str, status: u16) -> Option<&'static str> {
    match status {
        401 if row.path == "/v1/me/password" && role != "Anonymous" => Some("wrong_credentials"),
        401 if row.path == "/v1/me/second-factor/confirm" && role != "Anonymous" => Some("second_factor_wrong"),
        401 if BY_KEY.contains(&row.path) => Some("wrong_credentials"),
        401 => Some("signed_out"),
        403 => Some("forbidden"),
        404 if row.path.starts_with("/v1/invitations/") => Some("code_invalid"),
        404 => Some("not_found"),
        200 if row.path == "/v1/patients" => SEE_ADA.contains(&role).then_some("read"),
        200 if READS.contains(&row.path) || row.path == "/v1/invitations/lookup" => Some("read"),
        _ => None,
    }
}

/// Asks the endpoint of `row`, in a way that leaves the scene as it was.
async fn ask(scene: &Scene, row: &Row, at: At, who: Option<&Someone>) -> u16 {
    let world = &scene.world;
    let device = json!({"id": world.device(), "name": "Test"});
    match (row.method, row.path) {
        ("POST", "/v1/accounts") => {
            let body = json!({"name": "New", "email": email(&format!("new{}", number())), "password": PASSWORD,
                "zone": "UTC", "as_patient": false, "device": device});
            scene.status("POST", row.path, who, Some(body)).await
        }
        ("POST", "/v1/sessions") => {
            let body = json!({"email": email("Ada"), "password": PASSWORD, "device": device});
            scene.status("POST", row.path, who, Some(body)).await
        }
        ("DELETE", "/v1/sessions") => {
            let again = scene.again(who).await;
            scene.status("DELETE", row.path, again.as_ref(), None).await
        }
        ("POST", "/v1/sessions/refresh") => {
            let again = if at == At::Own { scene.again(who).await } else { None };
            let refresh = again.map_or_else(|| "nobody's".to_owned(), |again| again.refresh);
            scene
                .status("POST", row.path, who, Some(json!({"refresh": refresh})))
                .await
        }
        ("POST", "/v1/devices/{device}/end") => {
            let device = match (at, scene.again(who).await) {
                (At::Own, Some(again)) => again.device,
                (At::Own, None) | (At::Foreign, _) => scene.foreign.device,
            };
            let path = row.path.replace("{device}", &device.to_string());
            scene
                .status("POST", &path, who, Some(json!({"password": PASSWORD})))
                .await
        }
        ("POST", "/v1/me/password") => {
            let body = json!({"password": "wrong horse", "new": "a lamp that sings"});
            scene.status("POST", row.path, who, Some(body)).await
        }
        ("POST", "/v1/me/second-factor/confirm") => {
            scene
                .status("POST", row.path, who, Some(json!({"code": "000000"})))
                .await
        }
        ("POST", "/v1/me/second-factor" | "/v1/me/second-factor/recovery-codes" | "/v1/me/second-factor/remove") => {
            scene
                .status("POST", row.path, who, Some(json!({"password": PASSWORD})))
                .await
        }
        (method @ ("GET" | "PUT"), "/v1/clinics/{clinic}/second-factor") => {
            let path = row.path.replace("{clinic}", &scene.clinic(at).to_string());
            let body = (method == "PUT").then(|| json!({"roles": []}));
            scene.status(method, &path, who, body).await
        }
        ("POST", "/v1/clinics/{clinic}/staff") => {
            let body = json!({"name": "New", "email": email(&format!("new{}", number())), "role": "nurse"});
            scene
                .status(
                    "POST",
                    &format!("/v1/clinics/{}/staff", scene.clinic(at)),
                    who,
                    Some(body),
                )
                .await
        }
        ("GET", "/v1/clinics/{clinic}/staff") => {
            scene
                .status("GET", &format!("/v1/clinics/{}/staff", scene.clinic(at)), who, None)
                .await
        }
        (method, "/v1/clinics/{clinic}/staff/{person}" | "/v1/clinics/{clinic}/staff/{person}/first-password") => {
            let admin = scene.people[10].as_ref().unwrap();
            let brief = world
                .hire(scene.clinic, admin, &format!("brief{}", number()), "nurse")
                .await;
            let path = row
                .path
                .replace("{clinic}", &scene.clinic(at).to_string())
                .replace("{person}", &brief.staff.person.to_string());
            scene.status(method, &path, who, None).await
        }
        (method @ ("GET" | "POST"), "/v1/clinics/{clinic}/systems") => {
            let path = row.path.replace("{clinic}", &scene.clinic(at).to_string());
            let body = (method == "POST").then(|| a_system(&format!("System {}", number())));
            scene.status(method, &path, who, body).await
        }
        (
            method,
            "/v1/clinics/{clinic}/systems/{system}"
            | "/v1/clinics/{clinic}/systems/{system}/keys"
            | "/v1/clinics/{clinic}/systems/{system}/keys/{key}",
        ) => {
            let brief = connect(world, scene.clinic, scene.people[10].as_ref().unwrap()).await;
            let path = row
                .path
                .replace("{clinic}", &scene.clinic(at).to_string())
                .replace("{system}", &brief.system.to_string())
                .replace("{key}", &brief.key.id.to_string());
            let body = (method == "POST").then(|| json!({"scopes": ["provider:read"], "days": 1}));
            scene.status(method, &path, who, body).await
        }
        (method, path) if path.starts_with("/v1/clinics/{clinic}/systems/{system}/webhooks") => {
            ask_of_webhook(scene, method, path, at, who).await
        }
        ("POST", "/token" | "/introspect" | "/revoke" | "/api/auth/token") => by_key(scene, row.path, at).await,
        ("PUT", "/v1/clinics/{clinic}/interactions") => {
            let reply = world.load_list(scene.clinic(at), who, LIST).await;
            reply.status.as_u16()
        }
        (method @ ("GET" | "DELETE"), "/v1/clinics/{clinic}/interactions") => {
            let admin = scene.people[10].as_ref();
            world.load_list(scene.clinic, admin, LIST).await.ok::<Value>();
            let path = format!("/v1/clinics/{}/interactions", scene.clinic(at));
            scene.status(method, &path, who, None).await
        }
        ("POST", "/v1/invitations") => {
            let body = json!({"kind": "join_clinic", "clinic": scene.clinic(at)});
            scene.status("POST", row.path, who, Some(body)).await
        }
        ("POST", "/v1/invitations/lookup") => {
            let code = match at {
                At::Own => care_code(scene).await,
                At::Foreign => "2222-2222-2222".to_owned(),
            };
            scene.status("POST", row.path, who, Some(json!({"code": code}))).await
        }
        ("POST", "/v1/invitations/redeem") => redeem(scene, at, who).await,
        ("DELETE", "/v1/grants/{grant}") => {
            let grant = match at {
                At::Own => {
                    let brief = world.sign_up(&format!("brief{}", number()), false).await;
                    world.care(&scene.ada, &brief, "view", None).await
                }
                At::Foreign => scene.foreign_grant.to_string(),
            };
            scene.status("DELETE", &format!("/v1/grants/{grant}"), who, None).await
        }
        ("POST", "/v1/sync/push") => {
            scene
                .status("POST", row.path, who, Some(json!({"operations": []})))
                .await
        }
        (
            "GET",
            "/v1/sync/changes"
            | "/v1/me"
            | "/v1/patients"
            | "/.well-known/oauth-authorization-server"
            | "/.well-known/jwks.json"
            | "/api/auth/validate"
            | "/v1/events"
            | "/v1/me/second-factor"
            | "/v1/devices"
            | "/v1/sync/hints"
            | "/openapi.json"
            | "/docs"
            | "/docs/style.css"
            | "/healthz"
            | "/readyz"
            | "/metrics",
        ) => scene.status("GET", row.path, who, None).await,
        ("GET", "/v1/sync/patients/{patient}/changes") => {
            let path = format!("/v1/sync/patients/{}/changes", scene.patient(at).patient());
            scene.status("GET", &path, who, None).await
        }
        (
            "GET",
            "/v1/patients/{patient}/audit"
            | "/v1/patients/{patient}/export"
            | "/api/patient/{patient}/medications"
            | "/api/patient/{patient}/adherence",
        ) => {
            let path = row.path.replace("{patient}", &scene.patient(at).patient().to_string());
            scene.status("GET", &path, who, None).await
        }
        ("DELETE", "/api/auth/revoke") => scene.status("DELETE", row.path, who, None).await,
        ("POST", "/v1/report") => scene.status("POST", row.path, who, Some(a_report(json!([])))).await,
        ("POST", "/v1/schedules/preview") => {
            let body = json!({"schedule": twice_daily(), "from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z",
                "device_tz": null, "taken": []});
            scene.status("POST", row.path, who, Some(body)).await
        }
        (method, path) => panic!("{method} {path} has a row but nothing that asks it"),
    }
}

/// Connects a system to a clinic.
async fn connect(world: &World, clinic: ClinicId, admin: &Someone) -> IssuedKey {
    let path = format!("/v1/clinics/{clinic}/systems");
    let name = format!("System {}", number());
    world.post(&path, admin, a_system(&name)).await.ok()
}

/// Asks something of a webhook of the system, which is there for as long as that takes.
async fn ask_of_webhook(scene: &Scene, method: &str, path: &str, at: At, who: Option<&Someone>) -> u16 {
    let (world, admin) = (&scene.world, scene.people[10].as_ref().unwrap());
    let hooks = format!("/v1/clinics/{}/systems/{}/webhooks", scene.clinic, scene.system.system);
    // A name that nobody has (RFC 6761), so that nothing is sent.
    let body = json!({"url": "https://records.invalid/", "events": ["dose.missed"]});
    let hook: IssuedWebhook = world.post(&hooks, admin, body.clone()).await.ok();
    let path = path
        .replace("{clinic}", &scene.clinic(at).to_string())
        .replace("{system}", &scene.system.system.to_string())
        .replace("{webhook}", &hook.webhook.id.to_string())
        .replace("{message}", &Uuid::nil().to_string());
    let body = (method == "POST" && path.ends_with("/webhooks")).then_some(body);
    let status = scene.status(method, &path, who, body).await;
    let left: Vec<Webhook> = world.get(&hooks, admin).await.ok();
    for hook in left {
        world.delete(&format!("{hooks}/{}", hook.id), admin).await.done();
    }
    status
}

/// What proves itself with the key of a system, or with one that is none.
async fn by_key(scene: &Scene, path: &str, at: At) -> u16 {
    let key = match at {
        At::Own => scene.system.secret.clone(),
        At::Foreign => format!("{}x", scene.system.secret),
    };
    if path == "/api/auth/token" {
        return scene.status("POST", path, None, Some(json!({"api_key": key}))).await;
    }
    let system = scene.system.system;
    let form = format!("grant_type=client_credentials&token=none&client_id={system}&client_secret={key}");
    scene.world.form(path, None, &form).await.status.as_u16()
}

async fn care_code(scene: &Scene) -> String {
    let body = json!({"kind": "caregiver", "scope": "view", "until": null});
    scene.world.invite(&scene.ada, body).await
}

/// Redeems a code of a person of their own, so that nobody of the scene gets a grant by it.
async fn redeem(scene: &Scene, at: At, who: Option<&Someone>) -> u16 {
    let path = "/v1/invitations/redeem";
    if at == At::Foreign {
        return scene
            .status("POST", path, who, Some(json!({"code": "2222-2222-2222"})))
            .await;
    }
    let (code, brief) = if who.is_some_and(|who| who.person() == scene.ada.person()) {
        (care_code(scene).await, scene.ada.clone())
    } else {
        let brief = scene.world.sign_up(&format!("brief{}", number()), true).await;
        let body = json!({"kind": "caregiver", "scope": "view", "until": null});
        (scene.world.invite(&brief, body).await, brief)
    };
    let status = scene.status("POST", path, who, Some(json!({"code": code}))).await;
    assert!(brief.me.patient.is_some());
    status
}

/// What a system whose token opens everything is answered on Ada's record or her clinic, and on a foreign one. Everything
/// else that is for people is not for it.
const SYSTEMS: &[(&str, &str, u16, u16)] = &[
    ("GET", "/v1/patients", 200, 200),
    ("GET", "/api/patient/{patient}/medications", 200, 404),
    ("GET", "/api/patient/{patient}/adherence", 200, 404),
    ("GET", "/api/auth/validate", 200, 200),
    ("GET", "/v1/events", 200, 200),
    ("DELETE", "/api/auth/revoke", 204, 204),
];

#[tokio::test]
async fn a_system_is_let_only_to_what_its_scopes_open() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let mut wrong = Vec::new();
    for route in routes() {
        let row = ROWS
            .iter()
            .find(|row| (row.method, row.path) == (route.method, route.path));
        let row = row.expect("the other test says that it is there");
        let let_to = SYSTEMS
            .iter()
            .find(|(method, path, ..)| (*method, *path) == (route.method, route.path));
        assert_eq!(
            let_to.is_some(),
            route.scope.is_some() || route.access == Access::System,
            "{} {}",
            route.method,
            route.path
        );
        if matches!(route.access, Access::Open | Access::HelloFirst | Access::ThisMachine) {
            continue;
        }
        let (own, foreign) = let_to.map_or((403, 403), |(_, _, own, foreign)| (*own, *foreign));
        for (at, expected) in [(At::Own, own), (At::Foreign, foreign)] {
            let system = world.system_token(&scene.system, None).await;
            let status = ask_as(&scene, row, at, &system).await;
            if status != expected {
                wrong.push(format!("{} {} {at:?}: {status}, not {expected}", row.method, row.path));
            }
        }
        let Some(scope) = route.scope else { continue };
        for less in ApiScope::ALL {
            let system = world.system_token(&scene.system, Some(less.name())).await;
            let (status, expected) = (
                ask_as(&scene, row, At::Own, &system).await,
                if *less == scope { own } else { 403 },
            );
            if status != expected {
                wrong.push(format!("{} {} with {}: {status}", row.method, row.path, less.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Asks what is at the path of `row`, with a body that a person would send.
async fn ask_as(scene: &Scene, row: &Row, at: At, token: &str) -> u16 {
    let as_system = Someone {
        token: token.to_owned(),
        ..scene.ada.clone()
    };
    if row.path.starts_with("/v1/devices/") || row.path == "/v1/sessions" {
        // What would be asked with a session of Ada's own there.
        let path = row.path.replace("{device}", &scene.ada.device.to_string());
        return scene.status(row.method, &path, Some(&as_system), None).await;
    }
    ask(scene, row, at, Some(&as_system)).await
}

/// What becomes of an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Out {
    /// Nobody is signed in.
    Non,
    /// It is allowed: applied, or answered with the record as it stands.
    Yes,
    /// Known to be there, but not allowed.
    No,
    /// Not to be known of.
    Nil,
}

use Out::{Nil, No, Non, Yes};

type Make = fn(&Scene, At, &Someone) -> Value;

#[rustfmt::skip]
const OPERATIONS: &[(&str, Make, [Out; 12])] = &[
    //                               Anon Stra Ada  View Log  Expi Ended Doc Nur  Desk Adm  Else
    ("log a dose", log_dose,        [Non, Nil, Yes, No,  Yes, Nil, Nil, Yes, Yes, No,  No,  Nil]),
    ("add a medication", add,       [Non, Nil, Yes, No,  No,  Nil, Nil, Yes, No,  No,  No,  Nil]),
    ("edit a medication", edit,     [Non, Nil, Yes, No,  No,  Nil, Nil, Yes, No,  No,  No,  Nil]),
    ("complete its times", complete,[Non, Nil, Yes, No,  No,  Nil, Nil, Yes, Yes, No,  No,  Nil]),
    ("edit the patient", patient,   [Non, Nil, Yes, No,  No,  Nil, Nil, No,  No,  No,  No,  Nil]),
    ("add an allergy", allergy,     [Non, Nil, Yes, No,  No,  Nil, Nil, Yes, No,  No,  No,  Nil]),
    ("write a dispense", dispense,  [Non, Nil, Yes, No,  No,  Nil, Nil, Yes, No,  No,  No,  Nil]),
    ("log a stock", stock,          [Non, Nil, Yes, No,  Yes, Nil, Nil, Yes, Yes, No,  No,  Nil]),
    ("say how it feels", feel,      [Non, Nil, Yes, No,  Yes, Nil, Nil, Yes, Yes, No,  No,  Nil]),
    ("say whom to tell", tell,      [Non, Nil, Yes, No,  No,  Nil, Nil, No,  No,  No,  No,  Nil]),
    ("see an alert", see,           [Non, Nil, No,  No,  No,  Nil, Nil, Yes, Yes, No,  Yes, Nil]),
];

fn log_dose(scene: &Scene, at: At, who: &Someone) -> Value {
    let event = random::id(scene.world.now(), DoseEventId::new);
    taken(
        event,
        scene.patient(at).patient(),
        scene.medication_of(at),
        who.person(),
        who.device,
    )
}

fn dispense(scene: &Scene, at: At, _: &Someone) -> Value {
    let id = random::id(scene.world.now(), DispenseId::new);
    put_dispense(id, scene.patient(at).patient(), scene.medication_of(at), 0)
}

fn stock(scene: &Scene, at: At, who: &Someone) -> Value {
    let id = random::id(scene.world.now(), StockEntryId::new);
    log_stock(
        id,
        scene.patient(at).patient(),
        scene.medication_of(at),
        who.person(),
        who.device,
    )
}

fn feel(scene: &Scene, at: At, who: &Someone) -> Value {
    let id = random::id(scene.world.now(), SideEffectEntryId::new);
    log_side_effect(
        id,
        scene.patient(at).patient(),
        Some(scene.medication_of(at)),
        who.person(),
        who.device,
    )
}

fn tell(scene: &Scene, at: At, _: &Someone) -> Value {
    let (patient, to) = (
        scene.patient(at).patient(),
        Grantee::Clinic {
            clinic: scene.clinic(at),
        },
    );
    let of = AlertFor::Others {};
    json!({"kind": "put_alert_rule", "base": 0, "rule": {"id": AlertRule::id_of(patient, to, of), "patient": patient,
        "version": 0, "to": to, "of": of, "tell": {"kind": "after", "minutes": 30}}})
}

fn see(scene: &Scene, at: At, who: &Someone) -> Value {
    let mut alert = json!(scene.alerts[usize::from(at == At::Foreign)]);
    alert["seen"] = json!({"at": scene.world.now(), "by": who.person()});
    json!({"kind": "ack_alert", "base": 1, "alert": alert})
}

fn add(scene: &Scene, at: At, _: &Someone) -> Value {
    let id = random::id(scene.world.now(), MedicationId::new);
    put_medication(id, scene.patient(at).patient(), 0, None)
}

/// From a version that never was: whoever may edit is answered with the record as it stands, and nothing changes.
const NEVER: u64 = 999;

fn edit(scene: &Scene, at: At, _: &Someone) -> Value {
    let medication = if at == At::Own {
        scene.medication
    } else {
        scene.foreign_medication
    };
    let mut body = put_medication(medication, scene.patient(at).patient(), NEVER, Some(twice_daily()));
    body["medication"]["name"] = json!("Another name");
    body
}

fn complete(scene: &Scene, at: At, _: &Someone) -> Value {
    let untimed = if at == At::Own {
        scene.untimed
    } else {
        scene.foreign_medication
    };
    put_medication(untimed, scene.patient(at).patient(), NEVER, Some(twice_daily()))
}

fn patient(scene: &Scene, at: At, _: &Someone) -> Value {
    let patient = scene.patient(at).patient();
    json!({"kind": "put_patient", "base": NEVER, "patient": {"id": patient, "version": 0, "person": null,
        "name": "Another name", "birth_date": null, "zone": "UTC"}})
}

fn allergy(scene: &Scene, at: At, _: &Someone) -> Value {
    let id = random::id(scene.world.now(), doseline_shared::id::AllergyId::new);
    json!({"kind": "put_allergy", "base": 0, "allergy": {"id": id, "patient": scene.patient(at).patient(),
        "clinic": null, "version": 0, "substance": "Penicillin", "codes": [], "active": true}})
}

#[tokio::test]
async fn every_operation_becomes_of_every_role_what_its_row_says() {
    let scene = Scene::new().await;
    let mut wrong = Vec::new();
    let mut tail = Tail::default();
    for (name, make, outcomes) in OPERATIONS {
        for at in [At::Own, At::Foreign] {
            for ((role, who), own) in ROLES.iter().zip(&scene.people).zip(outcomes) {
                let expected = match (at, who) {
                    (_, None) => Non,
                    (At::Own, Some(_)) => *own,
                    (At::Foreign, Some(_)) => Nil,
                };
                let cell = format!("{name} {at:?} as {role}");
                let trails = scene.trails(at, who.as_ref());
                tail.news(&scene.world, &trails).await;
                let (became, shown) = operate(&scene, *make, at, who.as_ref()).await;
                if became != expected {
                    wrong.push(format!("{cell}: {became:?}, not {expected:?}"));
                }
                let noted = tail.news(&scene.world, &trails).await;
                let noted: Vec<&str> = noted.iter().map(|event| event.outcome.as_str()).collect();
                let expected = match became {
                    Non => vec!["signed_out"],
                    No => vec!["forbidden"],
                    Nil => vec!["not_found"],
                    Yes if shown => vec!["read"],
                    Yes => vec![],
                };
                if noted != expected {
                    wrong.push(format!(
                        "{cell}: {became:?} left {noted:?} in the audit, not {expected:?}"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The kinds are read off what the reader of operations says of one that it does not know.
#[tokio::test]
async fn every_kind_of_operation_has_a_row() {
    let scene = Scene::new().await;
    let rows: BTreeSet<String> = OPERATIONS
        .iter()
        .map(|(_, make, _)| make(&scene, At::Own, &scene.ada)["kind"].as_str().unwrap().to_owned())
        .collect();
    let unknown = serde_json::from_value::<OperationBody>(json!({"kind": "none of them"})).unwrap_err();
    let unknown = unknown.to_string();
    let kinds: BTreeSet<String> = unknown.split('`').skip(3).step_by(2).map(str::to_owned).collect();
    assert!(kinds.contains("log_dose"), "{unknown}");
    assert_eq!(rows, kinds);
}

/// What becomes of the operation, and whether it was answered with the record as it stands.
async fn operate(scene: &Scene, make: Make, at: At, who: Option<&Someone>) -> (Out, bool) {
    let id = random::id(scene.world.now(), OperationId::new);
    let body = make(scene, at, who.unwrap_or(&scene.ada));
    let push = json!({"operations": [{"id": id, "body": body}]});
    let reply = scene.world.call("POST", "/v1/sync/push", who, Some(push)).await;
    if reply.status == 401 {
        return (Non, false);
    }
    let pushed: Value = reply.ok();
    let outcome = &pushed["results"][0]["outcome"];
    let became = match (outcome["kind"].as_str(), outcome["code"].as_str()) {
        (Some("applied" | "conflict"), _) => Yes,
        (_, Some("forbidden")) => No,
        (_, Some("not_found")) => Nil,
        _ => panic!("{outcome}"),
    };
    (became, outcome["kind"] == "conflict")
}

/// Who may invite to what; `own` is Ada's record, at the clinic that she has joined.
#[tokio::test]
async fn only_the_patient_invites_caregivers_and_nobody_hands_over_a_record_that_has_its_person() {
    let scene = Scene::new().await;
    let care = json!({"kind": "caregiver", "scope": "view", "until": null});
    //           Anon Stra Ada  View Log  Expi Ended Doc Nur  Desk Adm  Else
    let cares = [401, 201, 201, 403, 403, 403, 403, 403, 403, 403, 403, 403];
    let own = json!({"kind": "claim_record", "clinic": scene.clinic, "patient": scene.ada.patient()});
    let owns = [401, 404, 403, 403, 403, 404, 404, 403, 403, 403, 403, 404];
    let foreign = json!({"kind": "claim_record", "clinic": scene.clinic, "patient": scene.foreign.patient()});
    for (body, statuses) in [(care, cares), (own, owns), (foreign, signed_in(404))] {
        for ((role, who), expected) in ROLES.iter().zip(&scene.people).zip(statuses) {
            let status = scene
                .status("POST", "/v1/invitations", who.as_ref(), Some(body.clone()))
                .await;
            assert_eq!(status, expected, "{body} as {role}");
        }
    }
}

/// Who sees Ada in the list of patients, and which kinds of her records.
#[tokio::test]
async fn the_feed_holds_what_each_role_may_see() {
    let scene = Scene::new().await;
    for (role, who) in ROLES.iter().zip(&scene.people) {
        let Some(who) = who else { continue };
        let pulled: Value = scene.world.get("/v1/sync/changes", who).await.ok();
        let sees = pulled["scope"]["patients"]
            .as_array()
            .unwrap()
            .contains(&json!(scene.ada.patient()));
        let full = ["Ada", "Viewer", "Logger", "Doctor", "Nurse", "Admin"].contains(role);
        assert_eq!(sees, full || *role == "Desk", "{role}");
        if sees {
            let records = scene.world.pull(who, scene.ada.patient()).await;
            assert_eq!(
                records.iter().any(|record| record["type"] == "medication"),
                full,
                "{role}"
            );
        }
    }
}
