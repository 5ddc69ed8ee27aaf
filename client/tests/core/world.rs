//! The world around a device: a clock that the story moves, and a backend that keeps the contract.

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, HashSet},
    path::PathBuf,
    rc::Rc,
    time::Duration as Time,
};

use chrono::{DateTime, Duration, NaiveTime, Utc};
use chrono_tz::Tz;
use doseline_client::{
    ask::{
        Draft, DraftAmount, DraftDose, DraftWhen, Fault, LogAct, LogDose, OpenToday, Request, SaveMedicine, Secret,
        SignUp, SyncNow,
    },
    core::Core,
    host::{HintStream, Host, HttpRequest, HttpResponse, SecretError, Unreachable},
    native::{NativeVault, Secrets, SecretsError},
    view::{DoseView, LoggedView, MedicineView, TodayView},
};
use doseline_shared::{
    api::{
        ErrorCode,
        account::{Me, Membership, Session},
        audit::{Audit, AuditEvent},
        interactions::{InteractionList, ListRevision},
        sync::{Hint, Operation, OperationBody, OperationResult, Outcome, Push, Pushed},
    },
    id::{ClinicId, OperationId, PatientId, PersonId},
    record::{Colour, Form, Grantee, Look, Patient, Record, Version},
    safety::read_list,
};
use futures::executor::block_on;
use serde_json::{Value, json};
use uuid::Uuid;

/// 08:10 in Lagos on a Sunday.
pub const MORNING: &str = "2026-03-01T07:10:00Z";

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

/// What a device and the backend share.
pub struct World {
    pub clock: Rc<Cell<DateTime<Utc>>>,
    /// Where its devices are.
    pub zone: Rc<Cell<Tz>>,
    pub server: Rc<RefCell<Server>>,
}

impl World {
    pub fn new() -> Self {
        Self {
            clock: Rc::new(Cell::new(at(MORNING))),
            zone: Rc::new(Cell::new(Tz::Africa__Lagos)),
            server: Rc::default(),
        }
    }

    /// A device on which someone has just signed up as a patient.
    pub fn phone_of(&self, email: &str) -> Phone {
        let phone = self.device();
        phone.sign_up(email);
        phone
    }

    /// A device that nobody has used yet.
    pub fn device(&self) -> Phone {
        let dir = tempfile::tempdir().unwrap();
        let keychain = Keychain::default();
        let host_secrets = Rc::default();
        let core = boot(self, dir.path().into(), &keychain, &host_secrets);
        Phone {
            dir,
            keychain,
            host_secrets,
            core,
            clock: Rc::clone(&self.clock),
            zone: Rc::clone(&self.zone),
            server: Rc::clone(&self.server),
        }
    }

    /// The host of a device that brings its own cache.
    pub fn host(&self) -> TestHost {
        TestHost {
            clock: Rc::clone(&self.clock),
            zone: Rc::clone(&self.zone),
            server: Rc::clone(&self.server),
            secrets: Rc::default(),
            seed: Cell::new(11),
        }
    }

    pub fn pass(&self, time: Duration) {
        self.clock.set(self.clock.get() + time);
    }
}

type HostSecrets = Rc<RefCell<HashMap<String, (String, bool)>>>;

fn boot(world: &World, dir: PathBuf, keychain: &Keychain, secrets: &HostSecrets) -> Rc<TestCore> {
    // A restart forgets what was not to be kept.
    secrets.borrow_mut().retain(|_, (_, keep)| *keep);
    let host = TestHost {
        clock: Rc::clone(&world.clock),
        zone: Rc::clone(&world.zone),
        server: Rc::clone(&world.server),
        secrets: Rc::clone(secrets),
        seed: Cell::new(dir.as_os_str().len() as u64 ^ Rc::as_ptr(secrets) as u64),
    };
    block_on(Core::open(host, NativeVault::new(&dir, keychain.clone())))
}

pub type TestCore = Core<TestHost, NativeVault<Keychain>>;

/// One device.
pub struct Phone {
    pub dir: tempfile::TempDir,
    pub keychain: Keychain,
    pub host_secrets: HostSecrets,
    pub core: Rc<TestCore>,
    pub clock: Rc<Cell<DateTime<Utc>>>,
    pub zone: Rc<Cell<Tz>>,
    pub server: Rc<RefCell<Server>>,
}

impl Phone {
    /// The program ends at once, and is started again.
    pub fn restart(&mut self) {
        let world = World {
            clock: Rc::clone(&self.clock),
            zone: Rc::clone(&self.zone),
            server: Rc::clone(&self.server),
        };
        self.core = boot(&world, self.dir.path().into(), &self.keychain, &self.host_secrets);
    }

    pub fn ask<R: Request>(&self, request: R) -> Result<R::Answer, Fault> {
        block_on(self.core.ask(request))
    }

    pub fn sign_up(&self, email: &str) {
        self.ask(SignUp {
            server: None,
            name: email.to_owned(),
            email: email.to_owned(),
            password: Secret("correct horse".to_owned()),
            as_patient: true,
            keep: true,
        })
        .unwrap();
    }

    pub fn today(&self) -> TodayView {
        self.ask(OpenToday { patient: None }).unwrap()
    }

    /// All doses of *Today*.
    pub fn doses(&self) -> Vec<DoseView> {
        self.today().parts.into_iter().flat_map(|part| part.doses).collect()
    }

    pub fn add(&self, draft: Draft) -> MedicineView {
        self.ask(SaveMedicine {
            patient: None,
            medication: None,
            draft,
        })
        .unwrap()
    }

    pub fn log(&self, dose: &DoseView, act: LogAct) -> Result<LoggedView, Fault> {
        let patient = self.today().patient;
        self.ask(LogDose {
            patient,
            medication: dose.medication,
            occurrence: dose.occurrence.clone(),
            act,
        })
    }

    pub fn take(&self, dose: &DoseView) -> LoggedView {
        self.log(dose, TAKEN).unwrap()
    }

    pub fn sync(&self) {
        self.ask(SyncNow {}).unwrap();
    }
}

pub const TAKEN: LogAct = LogAct::Taken { at: None, amount: None };

/// A tablet at these times every day.
pub fn daily(name: &str, times: &[&str]) -> Draft {
    Draft {
        name: name.to_owned(),
        instruction: Some("with food".to_owned()),
        look: Look {
            form: Form::Tablet,
            colour: Colour::White,
        },
        critical: false,
        ingredients: vec![name.to_lowercase()],
        dose: DraftDose::Same {
            amount: DraftAmount {
                value: "1".to_owned(),
                unit: "tablet".to_owned(),
            },
        },
        when: DraftWhen::Daily {
            times: times.iter().map(|text| time(text)).collect(),
        },
        start: None,
        end: None,
        max_count: None,
        travels: false,
    }
}

/// A keychain that the story can take away.
#[derive(Clone, Default)]
pub struct Keychain {
    pub held: Rc<RefCell<HashMap<String, String>>>,
    pub missing: Rc<Cell<bool>>,
    pub locked: Rc<Cell<bool>>,
}

impl Secrets for Keychain {
    fn get(&self, name: &str) -> Result<Option<String>, SecretsError> {
        if self.missing.get() {
            Err(SecretsError::NoKeychain)
        } else if self.locked.get() && self.held.borrow().contains_key(name) {
            // A locked keychain still tells that it holds nothing of a name.
            Err(SecretsError::Locked)
        } else {
            Ok(self.held.borrow().get(name).cloned())
        }
    }

    fn set(&self, name: &str, value: Option<&str>) -> Result<(), SecretsError> {
        if self.missing.get() {
            return Err(SecretsError::NoKeychain);
        }
        if self.locked.get() {
            return Err(SecretsError::Locked);
        }
        match value {
            Some(value) => self.held.borrow_mut().insert(name.to_owned(), value.to_owned()),
            None => self.held.borrow_mut().remove(name),
        };
        Ok(())
    }
}

/// The host of the tests.
pub struct TestHost {
    clock: Rc<Cell<DateTime<Utc>>>,
    zone: Rc<Cell<Tz>>,
    server: Rc<RefCell<Server>>,
    secrets: HostSecrets,
    seed: Cell<u64>,
}

pub struct NoHints;

impl HintStream for NoHints {
    async fn next(&mut self) -> Option<Hint> {
        None
    }
}

impl Host for TestHost {
    fn now(&self) -> DateTime<Utc> {
        self.clock.get()
    }

    fn zone(&self) -> Tz {
        self.zone.get()
    }

    fn random(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let next = self
                .seed
                .get()
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            self.seed.set(next);
            *byte = (next >> 33) as u8;
        }
    }

    async fn http(&self, request: HttpRequest) -> Result<HttpResponse, Unreachable> {
        let mut server = self.server.borrow_mut();
        if server.offline {
            return Err(Unreachable("offline".to_owned()));
        }
        let header = |name| {
            request
                .headers
                .iter()
                .find(|(other, _)| *other == name)
                .map(|(_, value)| value.as_str())
        };
        let access = header("authorization")
            .and_then(|value| value.strip_prefix("Bearer "))
            .map(str::to_owned);
        let path = request
            .url
            .strip_prefix("http://127.0.0.1:1")
            .expect("the address of the test")
            .to_owned();
        let csv = header("content-type").is_some_and(|kind| kind.starts_with("text/csv"));
        let body = request.body.as_deref().map(|body| match csv {
            true => Value::from(body),
            false => serde_json::from_str(body).unwrap(),
        });
        server.known = header("if-none-match").map(|tag| tag.trim_matches('"').to_owned());
        let answered = server.answer(request.method, &path, body, access, self.clock.get());
        if server.lose_answers > 0 {
            server.lose_answers -= 1;
            return Err(Unreachable("the answer was lost".to_owned()));
        }
        let (status, body) = match answered {
            Ok(body) => (200, body),
            Err(problem) => (problem["status"].as_u64().unwrap() as u16, problem),
        };
        Ok(HttpResponse {
            status,
            api_version: Some(server.version.clone()),
            body: body.to_string().into_bytes(),
        })
    }

    async fn hints(&self, _: &str, _: &str) -> Result<impl HintStream, Unreachable> {
        Err::<NoHints, _>(Unreachable("no hints here".to_owned()))
    }

    async fn sleep(&self, _: Time) {
        futures::future::pending().await
    }

    async fn secret(&self, name: &str) -> Result<Option<String>, SecretError> {
        Ok(self.secrets.borrow().get(name).map(|(value, _)| value.clone()))
    }

    async fn set_secret(&self, name: &str, value: Option<&str>, keep: bool) -> Result<(), SecretError> {
        match value {
            Some(value) => self
                .secrets
                .borrow_mut()
                .insert(name.to_owned(), (value.to_owned(), keep)),
            None => self.secrets.borrow_mut().remove(name),
        };
        Ok(())
    }

    fn changed(&self) {}

    fn device_name(&self) -> String {
        "a test".to_owned()
    }

    fn origin(&self) -> Option<String> {
        Some("http://127.0.0.1:1".to_owned())
    }

    fn can_remind(&self) -> bool {
        true
    }
}

/// A backend in memory that keeps the contract.
pub struct Server {
    pub offline: bool,
    /// So many requests take effect and go unanswered.
    pub lose_answers: u32,
    /// Every access token is refused until a new one was made.
    pub tokens_run_out: bool,
    pub version: String,
    pub epoch: u32,
    accounts: HashMap<String, Me>,
    refresh: HashMap<String, PersonId>,
    /// Refresh tokens that have served, with the text they came with and what they were answered.
    rotated: HashMap<String, (Value, Value)>,
    pub revoked: HashSet<PersonId>,
    access: HashMap<String, PersonId>,
    counter: u64,
    pub feed: Vec<Value>,
    pub current: HashMap<Uuid, Record>,
    results: HashMap<OperationId, (Value, OperationResult)>,
    pub seen_operations: Vec<OperationId>,
    /// Beside one's own.
    pub grants: HashSet<(PersonId, PatientId)>,
    /// Refuses every operation on this patient.
    pub refuse: Option<(PatientId, ErrorCode)>,
    /// Whose password is a first one.
    pub first: HashSet<PersonId>,
    /// Where whoever signs up next works.
    pub hires: Vec<Membership>,
    pub lists: HashMap<ClinicId, InteractionList>,
    /// How often a list was sent.
    pub lists_sent: u32,
    /// No list can be had.
    pub lists_fail: bool,
    /// What others have read in anybody's record, the newest last.
    pub trail: Vec<AuditEvent>,
    /// What the request at hand says of the list that the device has.
    known: Option<String>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            offline: false,
            lose_answers: 0,
            tokens_run_out: false,
            version: "1".to_owned(),
            epoch: 1,
            accounts: HashMap::new(),
            refresh: HashMap::new(),
            rotated: HashMap::new(),
            revoked: HashSet::new(),
            access: HashMap::new(),
            counter: 0,
            feed: Vec::new(),
            current: HashMap::new(),
            results: HashMap::new(),
            seen_operations: Vec::new(),
            grants: HashSet::new(),
            refuse: None,
            first: HashSet::new(),
            hires: Vec::new(),
            lists: HashMap::new(),
            lists_sent: 0,
            lists_fail: false,
            trail: Vec::new(),
            known: None,
        }
    }
}

type Answer = Result<Value, Value>;

fn problem(status: u16, code: ErrorCode, field: Option<&str>) -> Value {
    json!({"type": format!("urn:doseline:error:{}", code.name()), "code": code, "status": status, "title": "no", "field": field})
}

impl Server {
    fn answer(
        &mut self,
        method: &str,
        path: &str,
        body: Option<Value>,
        access: Option<String>,
        now: DateTime<Utc>,
    ) -> Answer {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query: HashMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let body = body.unwrap_or_default();
        let parts: Vec<&str> = path.split('/').skip(2).collect();
        match (method, parts.as_slice()) {
            ("POST", ["accounts"]) => self.sign_up(&body, now),
            ("POST", ["sessions"]) => {
                let me = self.accounts.get(body["email"].as_str().unwrap()).cloned();
                let me = me.ok_or_else(|| problem(401, ErrorCode::WrongCredentials, None))?;
                Ok(self.session(me, now))
            }
            ("POST", ["sessions", "refresh"]) => {
                let token = body["refresh"].as_str().unwrap().to_owned();
                if let Some((retry, answer)) = self.rotated.get(&token) {
                    // Once more for the same request, its answer having been lost; else somebody has stolen it.
                    let successor = answer["refresh"].as_str().unwrap();
                    assert!(
                        *retry == body["retry"] && self.refresh.contains_key(successor),
                        "a refresh token was reused"
                    );
                    return Ok(answer.clone());
                }
                let person = self.refresh.remove(&token);
                let person = person.filter(|person| !self.revoked.contains(person));
                let person = person.ok_or_else(|| problem(401, ErrorCode::SignedOut, None))?;
                let me = self.accounts.values().find(|me| me.person == person).cloned().unwrap();
                self.tokens_run_out = false;
                let session = self.session(me, now);
                self.rotated.insert(token, (body["retry"].clone(), session.clone()));
                Ok(session)
            }
            _ => {
                let person = access.and_then(|access| self.access.get(&access).copied());
                let person = person
                    .filter(|person| !self.tokens_run_out && !self.revoked.contains(person))
                    .ok_or_else(|| problem(401, ErrorCode::SignedOut, None))?;
                match (method, parts.as_slice()) {
                    ("DELETE", ["sessions"]) => Ok(Value::Null),
                    ("POST", ["me", "password"]) => {
                        self.first.remove(&person);
                        Ok(Value::Null)
                    }
                    _ if self.first.contains(&person) => Err(problem(403, ErrorCode::OwnPasswordRequired, None)),
                    (method, ["clinics", clinic, "interactions"]) => {
                        let clinic: ClinicId = clinic.parse().unwrap();
                        self.list(method, person, clinic, &body, now)
                    }
                    ("POST", ["sync", "push"]) => Ok(self.push(person, serde_json::from_value(body).unwrap())),
                    ("GET", ["sync", "changes"]) => self.changes(person, &query),
                    ("GET", ["sync", "patients", patient, "changes"]) => {
                        let patient: PatientId = patient.parse().unwrap();
                        if !self.visible(person).contains(&patient) {
                            return Err(problem(404, ErrorCode::NotFound, None));
                        }
                        let after = self.after(&query)?;
                        Ok(self.page(&query, after, |of| of == patient))
                    }
                    ("GET", ["patients", patient, "audit"]) => self.audit(person, patient.parse().unwrap(), &query),
                    ("POST", ["report"]) => Ok(body["name"].clone()),
                    other => panic!("the test's backend knows no {other:?}"),
                }
            }
        }
    }

    fn sign_up(&mut self, body: &Value, now: DateTime<Utc>) -> Answer {
        self.counter += 1;
        let email = body["email"].as_str().unwrap().to_owned();
        if self.accounts.contains_key(&email) {
            return Err(problem(409, ErrorCode::EmailTaken, None));
        }
        let person = PersonId::from_uuid(Uuid::from_u128(0xa000 + u128::from(self.counter)));
        let patient = PatientId::from_uuid(Uuid::from_u128(0xb000 + u128::from(self.counter)));
        let name = body["name"].as_str().unwrap().to_owned();
        let as_patient = body["as_patient"].as_bool().unwrap();
        let me = Me {
            person,
            name: name.clone(),
            email: email.clone(),
            patient: as_patient.then_some(patient),
            first_password: false,
            second_factor_missing: false,
            staff: std::mem::take(&mut self.hires),
        };
        if as_patient {
            self.write(Record::Patient(Patient {
                id: patient,
                version: 1,
                person: Some(person),
                name,
                birth_date: None,
                zone: serde_json::from_value(body["zone"].clone()).unwrap(),
                travels: Vec::new(),
            }));
        }
        self.accounts.insert(email, me.clone());
        Ok(self.session(me, now))
    }

    fn session(&mut self, me: Me, now: DateTime<Utc>) -> Value {
        self.counter += 1;
        let (access, refresh) = (format!("a{}", self.counter), format!("r{}", self.counter));
        self.access.insert(access.clone(), me.person);
        self.refresh.insert(refresh.clone(), me.person);
        serde_json::to_value(Session {
            access,
            access_until: now + Duration::minutes(15),
            refresh,
            me,
        })
        .unwrap()
    }

    /// Writes a record as some other device would.
    pub fn write(&mut self, record: Record) {
        let change = json!({
            "patient": record.patient(), "kind": record.kind(), "record": record.id(), "version": record.version(),
            "body": record,
        });
        self.feed.push(change);
        self.current.insert(record.id(), record);
    }

    /// Every record as it stands.
    pub fn records(&self) -> Vec<Record> {
        self.current.values().cloned().collect()
    }

    /// Every dose event that arrived.
    pub fn events(&self) -> Vec<Uuid> {
        let event = |record: &&Record| matches!(record, Record::DoseEvent(_));
        self.current.values().filter(event).map(Record::id).collect()
    }

    fn push(&mut self, person: PersonId, push: Push) -> Value {
        let results = push
            .operations
            .into_iter()
            .map(|operation| self.operate(person, operation))
            .collect();
        serde_json::to_value(Pushed { results }).unwrap()
    }

    fn operate(&mut self, person: PersonId, Operation { id, body }: Operation) -> OperationResult {
        let sent = serde_json::to_value(&body).unwrap();
        if let Some((before, result)) = self.results.get(&id) {
            assert_eq!(*before, sent, "an operation's id came again with another body");
            return result.clone();
        }
        self.seen_operations.push(id);
        let patient = body.patient();
        let refused = self.refuse.filter(|(of, _)| *of == patient).map(|(_, code)| code);
        let refused = refused.or_else(|| (!self.visible(person).contains(&patient)).then_some(ErrorCode::Forbidden));
        let outcome = match (refused, body) {
            (Some(code), _) => Outcome::Refused { code, field: None },
            (None, OperationBody::LogDose { event }) => match self.current.get(&event.id.uuid()) {
                Some(Record::DoseEvent(other)) if *other != event => Outcome::Conflict {
                    current: Box::new(Record::DoseEvent(other.clone())),
                },
                Some(_) => Outcome::Applied { version: 1 },
                None => {
                    self.write(Record::DoseEvent(event));
                    Outcome::Applied { version: 1 }
                }
            },
            (None, OperationBody::PutMedication { base, mut medication }) => {
                let current = self.current.get(&medication.id.uuid()).cloned();
                match current {
                    Some(current) if current.version() != base => Outcome::Conflict {
                        current: Box::new(current),
                    },
                    current => {
                        let version: Version = current.map_or(0, |current| current.version()) + 1;
                        medication.version = version;
                        self.write(Record::Medication(medication));
                        Outcome::Applied { version }
                    }
                }
            }
            (None, OperationBody::PutPatient { base, mut patient }) => {
                match self.current.get(&patient.id.uuid()).cloned() {
                    Some(current) if current.version() != base => Outcome::Conflict {
                        current: Box::new(current),
                    },
                    Some(_) | None => {
                        patient.version = base + 1;
                        self.write(Record::Patient(patient));
                        Outcome::Applied { version: base + 1 }
                    }
                }
            }
            (None, OperationBody::PutAlertRule { base, mut rule }) => {
                let version = base + 1;
                rule.version = version;
                self.write(Record::AlertRule(rule));
                Outcome::Applied { version }
            }
            (None, OperationBody::AckAlert { base, mut alert }) => match self.current.get(&alert.id.uuid()).cloned() {
                Some(current) if current.version() != base => Outcome::Conflict {
                    current: Box::new(current),
                },
                Some(_) | None => {
                    alert.version = base + 1;
                    self.write(Record::Alert(alert));
                    Outcome::Applied { version: base + 1 }
                }
            },
            (None, OperationBody::LogStock { entry }) => {
                self.write(Record::StockEntry(entry));
                Outcome::Applied { version: 1 }
            }
            (None, OperationBody::LogSideEffect { entry }) => {
                self.write(Record::SideEffectEntry(entry));
                Outcome::Applied { version: 1 }
            }
            (None, other) => panic!("the test's backend takes no {other:?}"),
        };
        let result = OperationResult { id, outcome };
        self.results.insert(id, (sent, result.clone()));
        result
    }

    fn visible(&self, person: PersonId) -> Vec<PatientId> {
        let own = self
            .accounts
            .values()
            .filter(|me| me.person == person)
            .filter_map(|me| me.patient);
        let mut patients: Vec<_> = own
            .chain(
                self.grants
                    .iter()
                    .filter(|(to, _)| *to == person)
                    .map(|(_, patient)| *patient),
            )
            .collect();
        patients.sort_unstable();
        patients
    }

    /// Small pages, as of the feed.
    fn audit(&self, person: PersonId, patient: PatientId, query: &HashMap<&str, &str>) -> Answer {
        let own = |me: &Me| me.person == person && me.patient == Some(patient);
        if !self.accounts.values().any(own) {
            return Err(problem(403, ErrorCode::Forbidden, None));
        }
        let before: u64 = query.get("before").map_or(u64::MAX, |link| link.parse().unwrap());
        let older: Vec<_> = self.trail.iter().rev().filter(|event| event.link < before).collect();
        let events: Vec<_> = older.iter().take(3).map(|event| (*event).clone()).collect();
        let before = events.last().map(|event| event.link);
        Ok(json!(Audit {
            patient,
            before: before.filter(|_| older.len() > events.len()),
            events,
        }))
    }

    /// The lists of the person's clinics, and of the clinics of whom the person sees as the patient or a caregiver.
    fn lists_for(&self, person: PersonId) -> Vec<ListRevision> {
        let works = |clinic| {
            let mut me = self.accounts.values().filter(|me| me.person == person);
            me.any(|me| me.staff.iter().any(|membership| membership.clinic == clinic))
        };
        let visible = self.visible(person);
        let joined = |clinic| {
            self.current.values().any(|record| match record {
                Record::Grant(grant) => {
                    grant.to == Grantee::Clinic { clinic }
                        && grant.ended_at.is_none()
                        && visible.contains(&grant.patient)
                }
                _ => false,
            })
        };
        let mut lists: Vec<_> = self
            .lists
            .values()
            .filter(|list| works(list.clinic) || joined(list.clinic))
            .map(|list| ListRevision {
                clinic: list.clinic,
                revision: list.revision.clone(),
            })
            .collect();
        lists.sort_by_key(|list| list.clinic);
        lists
    }

    fn list(&mut self, method: &str, person: PersonId, clinic: ClinicId, body: &Value, now: DateTime<Utc>) -> Answer {
        let name = self
            .accounts
            .values()
            .find(|me| me.person == person)
            .map(|me| me.name.clone());
        match method {
            "PUT" => {
                self.load_list(clinic, body.as_str().unwrap(), name, now)?;
                let list = &self.lists[&clinic];
                Ok(json!({"revision": list.revision, "pairs": list.pairs.len()}))
            }
            "DELETE" => {
                let gone = self.lists.remove(&clinic);
                gone.map(|_| Value::Null)
                    .ok_or_else(|| problem(404, ErrorCode::NotFound, None))
            }
            "GET" if self.lists_fail => Err(problem(503, ErrorCode::Unavailable, None)),
            "GET" => {
                let open = self.lists_for(person).iter().any(|list| list.clinic == clinic);
                let list = self.lists.get(&clinic).filter(|_| open);
                let list = list.ok_or_else(|| problem(404, ErrorCode::NotFound, None))?;
                if self.known.as_ref() == Some(&list.revision) {
                    return Err(json!({"status": 304}));
                }
                self.lists_sent += 1;
                Ok(json!(list))
            }
            other => panic!("a list takes no {other}"),
        }
    }

    /// Loads a clinic's list, whose cells hold no commas.
    pub fn load_list(
        &mut self,
        clinic: ClinicId,
        file: &str,
        by: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<(), Value> {
        let rows = (1..).zip(file.lines().map(|line| line.split(',').collect()));
        let pairs = read_list(rows).map_err(|faults| {
            let mut problem = problem(422, ErrorCode::InvalidField, None);
            problem["list"] = json!(faults);
            problem
        })?;
        self.counter += 1;
        let list = InteractionList {
            clinic,
            revision: format!("v{}", self.counter),
            loaded_at: now,
            loaded_by: by,
            pairs,
        };
        self.lists.insert(clinic, list);
        Ok(())
    }

    fn changes(&self, person: PersonId, query: &HashMap<&str, &str>) -> Answer {
        let visible = self.visible(person);
        let tag = format!(
            "{}",
            visible
                .iter()
                .fold(7u128, |tag, patient| tag.wrapping_mul(31) ^ patient.uuid().as_u128())
        );
        let lists = self.lists_for(person);
        let tag = format!("{tag} {lists:?}").replace(|letter: char| !letter.is_ascii_alphanumeric(), "");
        let scope = (query.get("scope") != Some(&tag.as_str()))
            .then(|| json!({"tag": tag, "patients": visible, "lists": lists}));
        if !query.contains_key("after") {
            let cursor = format!("{}.{}", self.epoch, self.feed.len());
            return Ok(json!({"changes": [], "cursor": cursor, "more": false, "scope": scope}));
        }
        let after = self.after(query)?;
        let mut page = self.page(query, after, |patient| visible.contains(&patient));
        page["scope"] = scope.into();
        Ok(page)
    }

    fn after(&self, query: &HashMap<&str, &str>) -> Result<usize, Value> {
        let Some(after) = query.get("after") else {
            return Ok(0);
        };
        let (epoch, place) = after.split_once('.').unwrap();
        if epoch != self.epoch.to_string() {
            return Err(problem(409, ErrorCode::Conflict, Some("after")));
        }
        Ok(place.parse().unwrap())
    }

    /// Small pages, so that every pull has several.
    fn page(&self, query: &HashMap<&str, &str>, after: usize, wanted: impl Fn(PatientId) -> bool) -> Value {
        assert!(query.contains_key("limit"));
        let end = self.feed.len().min(after + 3);
        let of = |change: &Value| serde_json::from_value::<PatientId>(change["patient"].clone()).unwrap();
        let changes: Vec<_> = self.feed[after..end]
            .iter()
            .filter(|change| wanted(of(change)))
            .cloned()
            .collect();
        json!({"changes": changes, "cursor": format!("{}.{end}", self.epoch), "more": end < self.feed.len(), "scope": null})
    }
}
