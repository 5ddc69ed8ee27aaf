//! An account that talks to a backend over plain HTTP: how a story looks at what the backend holds, past every client.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use doseline_shared::{
    access::StaffRole,
    api::{
        API_VERSION, VERSION_HEADER,
        account::{
            self, ACCOUNTS, AddedStaff, ChangePassword, NewDevice, NewStaff, SESSIONS, STAFF, Session, SignIn, SignUp,
        },
        sync::{CHANGES, Change, PATIENT_CHANGES, Pulled},
    },
    dose::DoseEvent,
    id::{ClinicId, DeviceId, PatientId},
    record::Record,
};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::backend::Backend;

/// The password of every account that a story makes.
pub const PASSWORD: &str = "a story's own password";

/// A signed-in account.
pub struct Account {
    client: Client,
    url: String,
    /// The device that the session is for.
    pub device: DeviceId,
    /// Its session.
    pub session: Session,
}

impl Account {
    /// Signs up.
    pub async fn sign_up(backend: &Backend, name: &str, email: &str, as_patient: bool) -> Self {
        let body = SignUp {
            name: name.to_owned(),
            email: email.to_owned(),
            password: PASSWORD.to_owned(),
            zone: Tz::Africa__Lagos,
            as_patient,
            device: device(),
        };
        Self::begin(backend.url(), body.device.id, ACCOUNTS, &body).await
    }

    /// Signs in to an account with the password of every story.
    pub async fn sign_in(backend: &Backend, email: &str) -> Self {
        Self::sign_in_with(backend, email, PASSWORD).await
    }

    /// Signs in with another password.
    pub async fn sign_in_with(backend: &Backend, email: &str, password: &str) -> Self {
        let body = SignIn {
            email: email.to_owned(),
            password: password.to_owned(),
            code: None,
            device: device(),
        };
        Self::begin(backend.url(), body.device.id, SESSIONS, &body).await
    }

    /// Signs in with a first password, chooses that of every story in its place, and signs out.
    pub async fn choose(backend: &Backend, email: &str, first: &str) {
        let account = Self::sign_in_with(backend, email, first).await;
        let body = ChangePassword {
            password: first.to_owned(),
            code: None,
            new: PASSWORD.to_owned(),
        };
        let changed = account.request(Method::POST, account::PASSWORD).json(&body);
        for request in [changed, account.request(Method::DELETE, SESSIONS)] {
            let answer = request.send().await.expect("the backend answers");
            assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        }
    }

    /// The clinic that an administrator works for.
    pub fn clinic(&self) -> ClinicId {
        let staff = &self.session.me.staff;
        staff.first().expect("the account is a clinic's").clinic
    }

    /// Adds a member of staff to the administrator's clinic, who chooses the password of every story.
    pub async fn hire(&self, backend: &Backend, name: &str, email: &str, role: StaffRole) {
        let body = NewStaff {
            name: name.to_owned(),
            email: email.to_owned(),
            role,
        };
        let path = STAFF.replace("{clinic}", &self.clinic().to_string());
        let added: AddedStaff = self.post(&path, &body).await;
        let first = added.first_password.expect("the account is new").password;
        Self::choose(backend, email, &first).await;
    }

    /// Signs up as a patient at a backend that is no process of its own.
    pub async fn sign_up_at(url: &str, name: &str, email: &str) -> Self {
        let body = SignUp {
            name: name.to_owned(),
            email: email.to_owned(),
            password: PASSWORD.to_owned(),
            zone: Tz::Africa__Lagos,
            as_patient: true,
            device: device(),
        };
        Self::begin(url.to_owned(), body.device.id, ACCOUNTS, &body).await
    }

    async fn begin(url: String, device: DeviceId, path: &str, body: &impl Serialize) -> Self {
        let client = client();
        let request = client
            .post(format!("{url}{path}"))
            .header(VERSION_HEADER, API_VERSION)
            .json(body);
        let session = read(request.send().await.expect("the backend answers")).await;
        Self {
            client,
            url,
            device,
            session,
        }
    }

    /// A request in the account's name.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.url))
            .header(VERSION_HEADER, API_VERSION)
            .bearer_auth(&self.session.access)
    }

    /// `GET`, which has to succeed.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> T {
        read(
            self.request(Method::GET, path)
                .send()
                .await
                .expect("the backend answers"),
        )
        .await
    }

    /// `POST`, which has to succeed.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> T {
        read(
            self.request(Method::POST, path)
                .json(body)
                .send()
                .await
                .expect("the backend answers"),
        )
        .await
    }

    /// `GET`, by its status alone.
    pub async fn status(&self, path: &str) -> StatusCode {
        self.request(Method::GET, path)
            .send()
            .await
            .expect("the backend answers")
            .status()
    }

    /// The account's own record as a patient.
    pub fn patient(&self) -> PatientId {
        self.session.me.patient.expect("the account is a patient's")
    }

    /// The patients that the account may see.
    pub async fn patients(&self) -> Vec<PatientId> {
        let pulled: Pulled = self.get(CHANGES).await;
        pulled.scope.expect("a pull with no tag tells the scope").patients
    }

    /// Every change of a patient, from the first.
    pub async fn changes(&self, patient: PatientId) -> Vec<Change> {
        let path = PATIENT_CHANGES.replace("{patient}", &patient.to_string());
        let mut changes = Vec::new();
        let mut cursor = None;
        loop {
            let query = cursor
                .map(|cursor: String| format!("?after={cursor}"))
                .unwrap_or_default();
            let pulled: Pulled = self.get(&format!("{path}{query}")).await;
            changes.extend(pulled.changes);
            if !pulled.more {
                return changes;
            }
            cursor = Some(pulled.cursor);
        }
    }

    /// A patient's records as they stand after all changes.
    pub async fn records(&self, patient: PatientId) -> Vec<Record> {
        let mut records = BTreeMap::new();
        for change in self.changes(patient).await {
            records.insert(
                change.record,
                serde_json::from_value(change.body).expect("a change holds a record"),
            );
        }
        records.into_values().collect()
    }

    /// A patient's dose entries, one for each change that brought one.
    pub async fn entries(&self, patient: PatientId) -> Vec<DoseEvent> {
        let changes = self.changes(patient).await;
        let records = changes
            .into_iter()
            .map(|change| serde_json::from_value(change.body).expect("a change holds a record"));
        records
            .filter_map(|record| {
                if let Record::DoseEvent(event) = record {
                    Some(event)
                } else {
                    None
                }
            })
            .collect()
    }
}

/// An HTTP client with nothing of a story in it.
pub fn client() -> Client {
    // Fails only where one is installed already; any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .tcp_nodelay(true)
        .build()
        .expect("a client can be made")
}

fn device() -> NewDevice {
    NewDevice {
        id: DeviceId::from_uuid(Uuid::now_v7()),
        name: "A story".to_owned(),
    }
}

async fn read<T: DeserializeOwned>(response: Response) -> T {
    let (status, url) = (response.status(), response.url().path().to_owned());
    let body = response.text().await.expect("the answer arrives whole");
    assert!(status.is_success(), "{url} answered {status}: {body}");
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{url} answered something else ({error}): {body}"))
}
