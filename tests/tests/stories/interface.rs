//! The interface from outside: a tool that asks whatever the description allows finds no fault of the backend and no answer
//! that is not described; and the description reads well as a page.

use std::{collections::BTreeSet, env, fs};

use doseline_shared::{
    api::{
        invitation::{Code, INVITATIONS, Invitation, NewInvitation, REDEEM, Redeemed},
        partner::{AccessToken, ApiScope, IssuedKey, KeyForToken, NewKey, NewSystem, SHORT_TOKEN, SYSTEMS},
    },
    id::{ClinicId, PatientId},
};
use doseline_tests::{
    account::Account,
    backend::{Backend, Engine},
    browser::Browser,
    on_both_engines, place,
};
use serde_json::Value;
use tokio::process::Command;

use crate::{
    beside_others,
    screens::gallery::{Gallery, SIZES},
};

/// What is held against every answer: no 5xx, and a status, a media type, headers and a body as described.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance";

/// What ends the session that asks, or bars it from everything else.
const ENDING: [&str; 4] = ["account_sign_out", "device_revoke", "partner_revoke", "clinic_require"];

/// What systems read.
const READING: [&str; 4] = [
    "patient_list",
    "patient_medications",
    "patient_adherence",
    "partner_validate",
];

on_both_engines!(whatever_is_asked_is_answered_as_described);

async fn whatever_is_asked_is_answered_as_described(engine: Engine) {
    let _beside = beside_others().await;
    let backend = Backend::start(engine).await;
    Account::sign_up(&backend, "Ada Obi", "ada@interface.example", true).await;
    let clinic = [
        "admin",
        "create-clinic",
        "--name",
        "Harmony Clinic",
        "--existing-account",
    ];
    let administrator = ["--admin-name", "Ada Obi", "--admin-email", "ada@interface.example"];
    backend.succeed(&[&clinic[..], &administrator].concat()).await;

    // She is her own clinic's patient, so that she and its system find something everywhere.
    let ada = Account::sign_in(&backend, "ada@interface.example").await;
    let clinic = ada.session.me.staff.first().expect("she founded it").clinic;
    let code: Invitation = ada.post(INVITATIONS, &NewInvitation::JoinClinic { clinic }).await;
    let _: Redeemed = ada.post(REDEEM, &Code { code: code.code }).await;
    let outside = Outside {
        backend: &backend,
        clinic,
        patient: ada.patient(),
    };

    let for_people = outside
        .ask(&ada.session.access, "--exclude-operation-id", &ENDING)
        .await;
    // What is for systems is refused to her each time, and so are passwords and tokens that nobody has.
    let expected = [
        "DELETE /api/auth/revoke",
        "GET /api/auth/validate",
        "GET /v1/events",
        "POST /api/auth/token",
        "POST /introspect",
        "POST /revoke",
        "POST /token",
        "POST /v1/sessions",
        "POST /v1/sessions/refresh",
    ];
    assert_eq!(refused(&for_people, &expected), BTreeSet::new());

    let token = system(&ada, clinic).await;
    let for_systems = outside.ask(&token, "--include-operation-id", &READING).await;
    assert_eq!(refused(&for_systems, &[]), BTreeSet::new());
    outside
        .ask(&ada.session.access, "--include-operation-id", &["clinic_require"])
        .await;
}

/// What asks from outside.
struct Outside<'a> {
    backend: &'a Backend,
    clinic: ClinicId,
    patient: PatientId,
}

impl Outside<'_> {
    /// Asks with a token whatever the description allows of the operations that are chosen; what came of it. Always the
    /// same, so that what fails is what was changed, unless `DOSELINE_TEST_SEED` says otherwise.
    async fn ask(&self, token: &str, choice: &str, operations: &[&str]) -> Value {
        let seed = env::var("DOSELINE_TEST_SEED").unwrap_or_else(|_| "1".to_owned());
        let folder = self.backend.folder().join(format!("asked-{}", operations.len()));
        fs::create_dir_all(&folder).expect("the folder is ours");
        let known = folder.join("schemathesis.toml");
        let parameters = format!(
            "[parameters]\n\"path.clinic\" = \"{}\"\n\"path.patient\" = \"{}\"\n",
            self.clinic, self.patient
        );
        fs::write(&known, parameters).expect("the folder is ours");
        let mut tool = Command::new(place::tool("python/bin/st"));
        tool.current_dir(&folder)
            .arg("--no-color")
            .args(["--config-file".as_ref(), known.as_os_str()])
            .arg("run")
            .arg(format!("{}/openapi.json", self.backend.url()))
            .args(["--header", &format!("Authorization: Bearer {token}")])
            .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing"])
            .args(["--max-examples", "15", "--seed", &seed])
            .args(["--report", "json", "--report-json-path", "report.json"]);
        for id in operations {
            tool.args([choice, id]);
        }
        let output = tool.output().await.expect("the tool starts");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let report = fs::read(folder.join("report.json")).expect("the tool reports");
        let report: Value = serde_json::from_slice(&report).expect("a report is JSON");
        assert!(report["test_cases"]["generated"].as_u64() > Some(15), "{said}");
        assert_eq!(
            report["operations"]["selected"], report["operations"]["tested"],
            "{said}"
        );
        report
    }
}

/// The operations to which nothing but a refusal came, beside those of which that is expected.
fn refused(report: &Value, expected: &[&str]) -> BTreeSet<String> {
    let named = report["warnings"]["missing_auth"].as_array().into_iter().flatten();
    named
        .map(|operation| operation.as_str().expect("a name").to_owned())
        .filter(|operation| !expected.contains(&operation.as_str()))
        .collect()
}

/// The token of a system that a clinic has connected.
async fn system(admin: &Account, clinic: ClinicId) -> String {
    let new = NewSystem {
        name: "Hospital records".to_owned(),
        key: NewKey {
            scopes: ApiScope::ALL.to_vec(),
            days: 30,
        },
    };
    let key: IssuedKey = admin
        .post(&SYSTEMS.replace("{clinic}", &clinic.to_string()), &new)
        .await;
    let asked = KeyForToken {
        api_key: key.secret,
        scope: None,
    };
    let token: AccessToken = admin.post(SHORT_TOKEN, &asked).await;
    token.access_token
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_description_reads_well_as_a_page() {
    let _beside = beside_others().await;
    let backend = Backend::start(Engine::Embedded).await;
    let mut gallery = Gallery::default();
    let browser = Browser::start().await;
    // No screen of the app: it does not say when it is drawn.
    let opened = browser.client().goto(&format!("{}/docs", backend.url())).await;
    opened.expect("the page opens");
    browser.find("#patient_medications").await;
    for (width, height) in SIZES {
        browser.size(width, height).await;
        gallery.picture(&browser, &format!("docs-{width}x{height}")).await;
    }
    browser.size(390, 844).await;
    gallery.twice_as_large(&browser, "docs-390x844", None).await;
    gallery.assert_faultless();
    browser.held_its_tongue(&[]).await;
}
