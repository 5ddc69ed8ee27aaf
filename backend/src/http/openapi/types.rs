//! The types of the description by their names. Owns what a type is called that is asked in another shape than it is told.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::http::signature::{SCHEMAS, Schemas};

/// What the name of a type ends with where it is asked in another shape than it is told: with fields that may be left out.
const ASKED: &str = "Input";

/// Puts the types that `document` names into it.
pub fn name(document: &mut Value, schemas: Schemas) {
    let [asked, mut types] = schemas.into_named();
    let twice = twice(&asked, &types);
    for (name, mut schema) in asked {
        rename(&mut schema, &twice);
        let name = if twice.contains(&name) { name + ASKED } else { name };
        types.insert(name, schema);
    }
    for operation in operations(document) {
        for part in ["parameters", "requestBody"] {
            if let Some(asked) = operation.get_mut(part) {
                rename(asked, &twice);
            }
        }
    }
    document["components"]["schemas"] = Value::Object(types);
    without_links(document);
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let paths = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    let methods = paths.filter_map(Value::as_object_mut).flat_map(Map::values_mut);
    methods.filter_map(Value::as_object_mut)
}

/// The types that are asked in another shape than they are told, themselves or in something that they hold.
fn twice(asked: &Map<String, Value>, told: &Map<String, Value>) -> BTreeSet<String> {
    let both = asked
        .iter()
        .filter_map(|(name, schema)| Some((name, schema, told.get(name)?)));
    let mut twice: BTreeSet<String> = both
        .clone()
        .filter(|(_, asked, told)| asked != told)
        .map(|(name, ..)| name.clone())
        .collect();
    loop {
        let before = twice.len();
        for (name, schema, _) in both.clone() {
            if names(schema, &twice) {
                twice.insert(name.clone());
            }
        }
        if twice.len() == before {
            return twice;
        }
    }
}

/// The type that `value` refers to, where it does.
pub fn referred(value: &Value) -> Option<&str> {
    let path = value.get("$ref")?.as_str()?;
    path.strip_prefix('#')?.strip_prefix(SCHEMAS)?.strip_prefix('/')
}

/// Whether one of `types` is named in `value`.
fn names(value: &Value, types: &BTreeSet<String>) -> bool {
    match value {
        Value::Object(fields) => {
            referred(value).is_some_and(|name| types.contains(name)) || fields.values().any(|field| names(field, types))
        }
        Value::Array(each) => each.iter().any(|each| names(each, types)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Has `value` refer to the shapes in which `types` are asked.
fn rename(value: &mut Value, types: &BTreeSet<String>) {
    if let Some(name) = referred(value).filter(|name| types.contains(*name)) {
        value["$ref"] = format!("#{SCHEMAS}/{name}{ASKED}").into();
    }
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|field| rename(field, types)),
        Value::Array(each) => each.iter_mut().for_each(|each| rename(each, types)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Takes the links of Rust's documentation out of what is said about types: they lead nowhere here.
fn without_links(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if name == "description" => {
                        *text = text.replace("[`", "`").replace("`]", "`");
                    }
                    field => without_links(field),
                }
            }
        }
        Value::Array(each) => each.iter_mut().for_each(without_links),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
