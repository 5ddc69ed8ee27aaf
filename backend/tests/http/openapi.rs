//! The description of the interface: that it is sound, and that nothing is asked and answered in any of these tests but
//! what it says.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock, Mutex},
};

use axum::http::{Method, Uri, header};
use doseline_backend::http::{openapi, routes};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::world::{Reply, World};

/// The path of the description that a request is for, and what it says of the method.
fn operation(method: &Method, uri: &Uri) -> Option<(&'static str, &'static Value)> {
    let paths = openapi::document()["paths"].as_object().unwrap();
    let asked: Vec<&str> = uri.path().split('/').collect();
    let fits = |path: &str| {
        let parts: Vec<&str> = path.split('/').collect();
        parts.len() == asked.len()
            && parts
                .iter()
                .zip(&asked)
                .all(|(part, asked)| part.starts_with('{') || part == asked)
    };
    // A path that is named whole goes before one with parts that are not.
    let (path, methods) = paths
        .iter()
        .filter(|(path, _)| fits(path))
        .min_by_key(|(path, _)| path.matches('{').count())?;
    Some((path, methods.get(method.as_str().to_ascii_lowercase())?))
}

/// The validator of a schema of the description.
fn validator(schema: &Value) -> Arc<Validator> {
    static MADE: LazyLock<Mutex<BTreeMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap();
    let new = || {
        let whole = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "allOf": [schema],
            "components": openapi::document()["components"],
        });
        Arc::new(jsonschema::validator_for(&whole).unwrap())
    };
    made.entry(schema.to_string()).or_insert_with(new).clone()
}

fn fits(schema: &Value, value: &Value, what: &str) {
    let faults: Vec<String> = validator(schema)
        .iter_errors(value)
        .map(|fault| format!("{} at {}", fault, fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{what} is not as described: {faults:#?}\n{value:#}");
}

/// Holds a request that was done, and whatever was answered, against the description.
pub fn described(method: &Method, uri: &Uri, asked: &[u8], reply: &Reply) {
    let Some((path, operation)) = operation(method, uri) else {
        return;
    };
    let what = format!("{method} {path} → {}", reply.status);
    let responses = &operation["responses"];
    let status = reply.status.as_str();
    let response = match responses.get(status) {
        Some(response) => response,
        None if reply.status.is_client_error() || reply.status.is_server_error() => &responses["default"],
        None => panic!("{what}: the description names no such answer"),
    };
    let response = match response["$ref"].as_str() {
        Some(named) => openapi::document().pointer(named.strip_prefix('#').unwrap()).unwrap(),
        None => response,
    };
    match (response.get("content"), reply.headers.get(header::CONTENT_TYPE)) {
        (None, media) => assert_eq!(media, None, "{what}"),
        (Some(content), media) => {
            let media = media
                .unwrap_or_else(|| panic!("{what}: no content-type"))
                .to_str()
                .unwrap();
            let content = content
                .get(media)
                .unwrap_or_else(|| panic!("{what}: {media} is not described"));
            let in_part = uri.query().is_some_and(|query| query.contains("fields="));
            if let Some(schema) = content
                .get("schema")
                .filter(|_| !(in_part && reply.status.is_success()))
            {
                fits(schema, &reply.body, &what);
            }
        }
    }
    let body = operation.pointer("/requestBody/content/application~1json/schema");
    // Of a push each operation is done or refused by itself.
    let done = reply.status.is_success() && !reply.body.to_string().contains("\"refused\"");
    if let (true, Some(schema)) = (done, body) {
        let asked: Value = serde_json::from_slice(asked).unwrap();
        fits(schema, &asked, &format!("what is asked with {what}"));
    }
}

#[test]
fn every_endpoint_is_described_once_under_a_heading() {
    let document = openapi::document();
    let tags: BTreeSet<&str> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();
    let mut ids = BTreeSet::new();
    for route in routes() {
        let operation = &document["paths"][route.path][route.method.to_ascii_lowercase()];
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{operation:#}");
        assert!(tags.contains(operation["tags"][0].as_str().unwrap()), "{operation:#}");
        assert!(!operation["summary"].as_str().unwrap().is_empty());
        let named = route.path.matches('{').count();
        let parameters = operation["parameters"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let in_path = parameters.iter().filter(|parameter| parameter["in"] == "path").count();
        assert_eq!(in_path, named, "{}", route.path);
    }
    let used: BTreeSet<&str> = routes().iter().map(|route| route.noun).collect();
    assert_eq!(used, tags);
}

/// Every name that is referred to.
fn referred<'a>(value: &'a Value, names: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            names.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|field| referred(field, names));
        }
        Value::Array(each) => each.iter().for_each(|each| referred(each, names)),
        _ => {}
    }
}

#[test]
fn whatever_is_referred_to_is_there_and_every_type_is_used() {
    let document = openapi::document();
    let mut names = BTreeSet::new();
    referred(document, &mut names);
    for name in &names {
        assert!(document.pointer(name.strip_prefix('#').unwrap()).is_some(), "{name}");
    }
    let types = document["components"]["schemas"].as_object().unwrap();
    for (name, schema) in types {
        assert!(
            names.contains(format!("#/components/schemas/{name}").as_str()),
            "{name}"
        );
        // Two types of one name would be told apart by a number, or taken for one that is asked in another shape.
        assert!(!name.ends_with(|last: char| last.is_ascii_digit()), "{name}");
        if let Some(told) = name.strip_suffix("Input") {
            assert_eq!(types[told]["description"], schema["description"], "{name}");
        }
    }
}

#[test]
fn every_example_fits_what_it_is_an_example_of() {
    let mut found = 0;
    let document = openapi::document();
    let paths = ["paths", "webhooks"]
        .into_iter()
        .flat_map(|part| document[part].as_object().unwrap());
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap().values();
            for content in responses
                .chain([&operation["requestBody"]])
                .filter_map(|holder| holder["content"].as_object())
            {
                for body in content.values().filter(|body| body.get("example").is_some()) {
                    found += 1;
                    fits(
                        &body["schema"],
                        &body["example"],
                        &format!("the example of {method} {path}"),
                    );
                }
            }
        }
    }
    assert!(found >= 10, "{found}");
}

/// The one example that says what comes out of what goes in.
#[tokio::test]
async fn the_example_of_a_preview_is_what_a_preview_says() {
    let operation = &openapi::document()["paths"]["/v1/schedules/preview"]["post"];
    let asked = operation["requestBody"]["content"]["application/json"]["example"].clone();
    let told = &operation["responses"]["200"]["content"]["application/json"]["example"];
    let world = World::new().await;
    let answer = world.call("POST", "/v1/schedules/preview", None, Some(asked)).await;
    assert_eq!(&answer.ok::<Value>(), told);
}

#[tokio::test]
async fn anyone_reads_it_and_the_page_needs_nothing_from_elsewhere() {
    let world = World::new().await;
    let read = world.call("GET", "/openapi.json", None, None).await;
    assert_eq!(&read.ok::<Value>(), openapi::document());
    let page = world.call("GET", "/docs", None, None).await.body;
    let page = page.as_str().unwrap();
    for route in routes() {
        assert!(
            page.contains(route.summary) || route.summary.contains('\''),
            "{}",
            route.summary
        );
        assert!(page.contains(&format!("<code>{}</code>", route.path)), "{}", route.path);
    }
    for elsewhere in ["<script", "style=", "src=\"http", "href=\"http", "url("] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
    // Every link within the page leads somewhere.
    for link in page
        .split("href=\"#")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
    {
        assert!(page.contains(&format!("id=\"{link}\"")), "{link}");
    }
}
