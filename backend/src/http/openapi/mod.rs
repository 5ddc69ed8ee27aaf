//! The description of the interface by OpenAPI 3.1, made from the table of endpoints and the signatures of their handlers.
//! Owns what the description says beside those: errors, ways to sign in, and what holds for every endpoint.

use std::sync::LazyLock;

use axum::http::StatusCode;
use doseline_shared::api::{
    partner::{ApiScope, TOKEN},
    webhook::{Event, ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER},
};
use serde_json::{Map, Value, json};

use super::{
    route::{Access, Route, routes},
    signature::{Content, Schemas, Signature},
};

mod example;
mod page;
mod types;

pub use page::{STYLE, page};

/// `GET`: the description as JSON.
pub const DOCUMENT: &str = "/openapi.json";
/// `GET`: the description as a page.
pub const PAGE: &str = "/docs";
/// `GET`: how the page looks.
pub const LOOKS: &str = "/docs/style.css";

/// What an answer of an error is.
const NOT_DONE: &str = "It was not done, and why.";

/// What holds for every endpoint.
const ABOUT: &str = "\
The interface of a Doseline backend: what its own app uses, and what a system reads that a clinic has connected.

Systems read what a scope is named at. They exchange their key for a token (`POST /token` by OAuth 2.0, or `POST \
/api/auth/token` by the key alone) and send it as `Authorization: Bearer …`.

Times are RFC 3339 in UTC, dates are local dates of the patient, amounts are decimal texts, ids are UUIDs. A list comes by \
pages, and says itself how to ask for the next one. Fields may be added to answers within a version; requests take only \
fields that are named here.

Every error is `application/problem+json` (RFC 9457) with a stable `code`; with 429 and 503 `Retry-After` says in how many \
seconds to come again. `title` is for developers and holds no health data.";

/// What endpoints are about, in the order of the description: the noun of their handlers, and what it is.
const NOUNS: &[(&str, &str)] = &[
    ("oauth", "Tokens for systems, by OAuth 2.0"),
    ("patient", "Patients: medications, adherence, who looked"),
    ("schedule", "Schedules"),
    (
        "partner",
        "Systems that a clinic connects, and the short form of their tokens",
    ),
    ("webhook", "Webhooks of a system"),
    ("account", "Accounts and sessions"),
    ("second_factor", "The caller's second factor"),
    ("device", "The caller's devices"),
    ("clinic", "A clinic's staff"),
    ("interaction", "A clinic's list of interactions"),
    ("invitation", "Invitations and grants"),
    ("sync", "Sync: push, pull and hints"),
    ("report", "Reports"),
    ("operations", "Operation"),
    ("openapi", "This description"),
];

/// The description.
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(made);
    &DOCUMENT
}

fn made() -> Value {
    let mut schemas = Schemas::new();
    let problem = Content::problem(&mut schemas);
    let mut paths = Map::new();
    for route in routes() {
        let operation = operation(route, &Signature::of(route.describe, &mut schemas), &problem);
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.to_ascii_lowercase()] = operation;
    }
    let event = event(&Content::told::<Event>(&mut schemas));
    let tags: Vec<Value> = NOUNS
        .iter()
        .map(|(name, what)| json!({"name": name, "description": what}))
        .collect();
    let scopes: Map<String, Value> = ApiScope::ALL
        .iter()
        .map(|scope| (scope.name().to_owned(), json!(opens(*scope))))
        .collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Doseline",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": paths,
        "webhooks": {"event": {"post": event}},
        "components": {
            "responses": {"Problem": {"description": NOT_DONE, "content": problem.value()}},
            "securitySchemes": {
                "session": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A person who is signed in: the `access` of their session.",
                },
                "system": {
                    "type": "oauth2",
                    "description": "A system that a clinic has connected.",
                    "flows": {"clientCredentials": {"tokenUrl": TOKEN, "scopes": scopes}},
                },
                "client": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "A system that a clinic has connected: its id, and one of its keys.",
                },
            },
        },
    });
    types::name(&mut document, schemas);
    document
}

const fn opens(scope: ApiScope) -> &'static str {
    match scope {
        ApiScope::ProviderRead => "Who the clinic's patients are.",
        ApiScope::ScheduleRead => "Medications and their schedules.",
        ApiScope::AdherenceRead => "Measures of adherence.",
    }
}

fn operation(route: &Route, signature: &Signature<'_>, problem: &Content) -> Value {
    let id = format!("{}_{}", route.noun, route.verb);
    let mut parameters = parameters(route, signature);
    let mut responses = Map::new();
    for (status, body) in &signature.answers {
        let mut answer = json!({"description": reason(*status)});
        if let Some(body) = body {
            answer["content"] = body.value();
        }
        responses.insert(status.to_string(), answer);
    }
    if route.scope.is_some() {
        shape(&mut parameters, &mut responses);
    }
    let error = error(signature, problem);
    for status in refusals(route, signature) {
        responses.insert(status.to_string(), error.clone());
    }
    responses.insert("default".to_owned(), error);
    let mut operation = json!({
        "operationId": id,
        "tags": [route.noun],
        "summary": route.summary,
        "security": security(route, signature),
        "responses": responses,
    });
    if !parameters.is_empty() {
        operation["parameters"] = json!(parameters);
    }
    if let Some(body) = &signature.body {
        operation["requestBody"] = json!({"required": true, "content": body.value()});
    }
    example::add(&id, &mut operation);
    operation
}

/// What a webhook is sent, as an operation of the receiver.
fn event(body: &Content) -> Value {
    let headers = [
        (ID_HEADER, "The message's id, the same at every attempt."),
        (TIMESTAMP_HEADER, "The time of the attempt, in seconds since 1970."),
        (
            SIGNATURE_HEADER,
            "Its signatures by the Standard Webhooks specification, a space between them.",
        ),
    ];
    let parameters: Vec<Value> = headers
        .iter()
        .map(|(name, about)| {
            json!({"name": name, "in": "header", "required": true, "description": about, "schema": {"type": "string"}})
        })
        .collect();
    let mut event = json!({
        "operationId": "webhook_event",
        "tags": ["webhook"],
        "summary": "What a webhook is sent: that something has changed, by ids alone.",
        "security": [],
        "parameters": parameters,
        "requestBody": {"required": true, "content": body.value()},
        "responses": {
            "2XX": {"description": "It has arrived."},
            "410": {"description": "The webhook is over: nothing more is sent to it."},
            "default": {"description": "It is sent again, later and later, for three days."},
        },
    });
    example::add("webhook_event", &mut event);
    event
}

/// The parts of the path by their names in it, and the fields of the query.
fn parameters(route: &Route, signature: &Signature<'_>) -> Vec<Value> {
    let names = route
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = names
        .zip(&signature.path)
        .map(|(name, schema)| json!({"name": name, "in": "path", "required": true, "schema": schema}))
        .collect();
    if let Some(Value::Object(fields)) = signature.query.as_ref().and_then(|query| query.get("properties")) {
        parameters.extend(fields.iter().map(|(name, schema)| {
            let mut schema = schema.clone();
            let about = schema.as_object_mut().and_then(|schema| schema.remove("description"));
            json!({"name": name, "in": "query", "description": about, "schema": schema})
        }));
    }
    parameters
}

/// What `http::shape` adds to an endpoint that systems read.
fn shape(parameters: &mut Vec<Value>, responses: &mut Map<String, Value>) {
    parameters.push(json!({
        "name": "fields",
        "in": "query",
        "description": "Only these fields of the answer: paths with commas between them, each of names with dots between them.",
        "schema": {"type": "string"},
    }));
    parameters.push(json!({
        "name": "If-None-Match",
        "in": "header",
        "description": "The entity tag of the answer that the asker has.",
        "schema": {"type": "string"},
    }));
    if let Some(told) = responses.get_mut("200") {
        told["headers"] = json!({"ETag": {"description": "Stands for this answer.", "schema": {"type": "string"}}});
    }
    responses.insert("304".to_owned(), json!({"description": reason(304)}));
}

/// The statuses that an endpoint of this kind refuses with.
fn refusals(route: &Route, signature: &Signature<'_>) -> Vec<u16> {
    let mut statuses = Vec::new();
    if signature.body.is_some() || signature.query.is_some() || route.scope.is_some() {
        statuses.extend([400, 422]);
    }
    if !signature.path.is_empty() {
        statuses.push(404);
    }
    match route.access {
        Access::Open | Access::HelloFirst => {}
        Access::SignedIn | Access::Enrolling | Access::Choosing | Access::System | Access::TokenFirst => {
            statuses.extend([401, 403])
        }
        Access::ThisMachine => statuses.push(404),
    }
    statuses
}

/// The answer of an error.
fn error(signature: &Signature<'_>, problem: &Content) -> Value {
    let own = signature.errors.iter().find(|error| error.media != problem.media);
    match own {
        None => json!({"$ref": "#/components/responses/Problem"}),
        Some(own) => {
            // What surrounds a handler answers with a problem, whatever its own errors are.
            let content: Map<String, Value> = [own, problem].map(Content::entry).into_iter().collect();
            json!({"description": NOT_DONE, "content": content})
        }
    }
}

/// How one signs in for it: any one of these.
fn security(route: &Route, signature: &Signature<'_>) -> Value {
    let form = signature.body.as_ref().is_some_and(Content::is_form);
    match (route.access, route.scope) {
        // A form can hold the key as well.
        (Access::Open, _) if form => json!([{"client": []}, {}]),
        (Access::Open | Access::HelloFirst | Access::ThisMachine, _) => json!([]),
        (Access::System, _) => json!([{"system": []}]),
        (Access::SignedIn | Access::Enrolling | Access::Choosing | Access::TokenFirst, None) => {
            json!([{"session": []}])
        }
        (Access::SignedIn | Access::Enrolling | Access::Choosing | Access::TokenFirst, Some(scope)) => {
            json!([{"session": []}, {"system": [scope.name()]}])
        }
    }
}

fn reason(status: u16) -> &'static str {
    let status = StatusCode::from_u16(status).ok();
    status.and_then(|status| status.canonical_reason()).unwrap_or_default()
}
