//! The description as a page that needs no script and no network but this backend. Owns how the document reads, nothing of
//! what it says.

use std::sync::LazyLock;

use maud::{DOCTYPE, Markup, html};
use serde_json::{Map, Value};

use super::{DOCUMENT, LOOKS, document, types::referred};

/// How the page looks.
pub const STYLE: &str = include_str!("style.css");

/// The page.
pub fn page() -> &'static str {
    static PAGE: LazyLock<String> = LazyLock::new(|| whole(document()).into_string());
    &PAGE
}

fn whole(document: &Value) -> Markup {
    let info = &document["info"];
    let types = fields(&document["components"]["schemas"]);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (text(&info["title"])) " · interface" }
                link rel="icon" href="/icons/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href=(LOOKS);
            }
            body {
                header {
                    h1 { (text(&info["title"])) " " span.version { (text(&info["version"])) } }
                    @for paragraph in text(&info["description"]).split("\n\n") { p { (words(paragraph)) } }
                    p { a href=(DOCUMENT) { "The same for machines (OpenAPI 3.1)" } }
                }
                nav aria-label="Contents" {
                    @for (tag, _) in tags(document) {
                        p { a href={"#" (tag)} { (tag_title(document, tag)) } }
                        ul {
                            @for (.., operation) in of(document, tag) {
                                li { a href={"#" (text(&operation["operationId"]))} { (text(&operation["summary"])) } }
                            }
                        }
                    }
                    p { a href="#types" { "Types" } }
                }
                main {
                    @for (tag, _) in tags(document) {
                        section aria-labelledby=(tag) {
                            h2 id=(tag) { (tag_title(document, tag)) }
                            @for (path, method, operation) in of(document, tag) { (endpoint(path, method, operation)) }
                        }
                    }
                    section aria-labelledby="types" {
                        h2 id="types" { "Types" }
                        @for (name, schema) in types {
                            article id={"type-" (name)} {
                                h3 { (name) }
                                (meaning(schema))
                                (shape(schema))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn endpoint(path: &str, method: &str, operation: &Value) -> Markup {
    let id = text(&operation["operationId"]);
    let parameters = list(&operation["parameters"]);
    let body = fields(&operation["requestBody"]["content"]);
    html! {
        article id=(id) {
            h3 { span.method { (method.to_uppercase()) } " " code { (path) } }
            p { (text(&operation["summary"])) }
            p.who { (who(&operation["security"])) }
            @if !parameters.is_empty() {
                table {
                    caption { "Parameters" }
                    thead { tr { th scope="col" { "Name" } th scope="col" { "Where" } th scope="col" { "What" } } }
                    tbody {
                        @for parameter in parameters {
                            tr {
                                th scope="row" { code { (text(&parameter["name"])) } }
                                td { (text(&parameter["in"])) }
                                td { (kind(&parameter["schema"])) " " (words(text(&parameter["description"]))) }
                            }
                        }
                    }
                }
            }
            @for (media, body) in body {
                h4 { "Asks with " code { (media) } }
                (of_content(body))
            }
            h4 { "Answers" }
            dl {
                @for (status, answer) in fields(&operation["responses"]) {
                    dt { (if status == "default" { "Any other" } else { status }) }
                    dd {
                        @if answer.get("$ref").is_some() {
                            a href="#type-Problem" { "Problem" }
                        } @else {
                            (text(&answer["description"]))
                            @for (media, body) in fields(&answer["content"]) {
                                " · " code { (media) }
                                (of_content(body))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn of_content(body: &Value) -> Markup {
    html! {
        @match body.get("schema") {
            Some(schema) if schema.get("properties").is_some() => (shape(schema)),
            Some(schema) => { " · " (kind(schema)) }
            None => {}
        }
        @if let Some(example) = body.get("example") {
            pre { (format!("{example:#}")) }
        }
    }
}

/// Who may ask.
fn who(security: &Value) -> Markup {
    let ways: Vec<Markup> = list(security)
        .iter()
        .flat_map(fields)
        .map(|(name, scopes)| {
            let scopes: Vec<&str> = list(scopes).iter().map(text).collect();
            match name.as_str() {
                "session" => html! { "someone who is signed in" },
                "system" if scopes.is_empty() => html! { "a system with a token" },
                "system" => html! { "a system with a token that opens " code { (scopes.join(" ")) } },
                _ => html! { "a system with one of its keys" },
            }
        })
        .collect();
    html! {
        "For "
        @if ways.is_empty() { "anyone" }
        @for (place, way) in ways.iter().enumerate() {
            @if place > 0 { ", or " }
            (way)
        }
        "."
    }
}

/// What a type holds.
fn shape(schema: &Value) -> Markup {
    let required: Vec<&str> = list(&schema["required"]).iter().map(text).collect();
    let properties = fields(&schema["properties"]);
    let variants = ["oneOf", "anyOf"].map(|choice| list(&schema[choice])).concat();
    html! {
        @if !properties.is_empty() {
            table {
                thead { tr { th scope="col" { "Field" } th scope="col" { "Type" } th scope="col" { "What" } } }
                tbody {
                    @for (name, field) in properties {
                        tr {
                            th scope="row" { code { (name) } @if !required.contains(&name.as_str()) { br; span.may { "may be missing" } } }
                            td { (kind(field)) }
                            td { (words(text(&field["description"]))) }
                        }
                    }
                }
            }
        } @else if variants.is_empty() {
            p { (kind(schema)) }
        }
        @if !variants.is_empty() {
            p { "One of these:" }
            ul.variants { @for variant in variants { li { (meaning(&variant)) (shape(&variant)) } } }
        }
    }
}

/// What is said about a type.
fn meaning(schema: &Value) -> Markup {
    html! { @if let Some(about) = schema.get("description") { p { (words(text(about))) } } }
}

/// A type in a few words.
fn kind(schema: &Value) -> Markup {
    if let Some(name) = referred(schema) {
        return html! { a href={"#type-" (name)} { (name) } };
    }
    if let Some(only) = schema.get("const") {
        return html! { code { (only) } };
    }
    if let Value::Array(values) = &schema["enum"] {
        return html! { @for (place, value) in values.iter().enumerate() { @if place > 0 { ", " } code { (value) } } };
    }
    let choices = ["oneOf", "anyOf", "allOf"].map(|choice| list(&schema[choice])).concat();
    if !choices.is_empty() {
        return html! { @for (place, choice) in choices.iter().enumerate() { @if place > 0 { " or " } (kind(choice)) } };
    }
    let names: Vec<&str> = match &schema["type"] {
        Value::Array(names) => names.iter().map(text).collect(),
        name => vec![text(name)],
    };
    html! {
        @for (place, name) in names.iter().enumerate() {
            @if place > 0 { " or " }
            @match *name {
                "" => "anything",
                "array" => { "list of " (kind(&schema["items"])) },
                "object" => "object",
                "null" => "null",
                "string" => (schema.get("format").map_or("text", text)),
                "integer" => "whole number",
                other => (other),
            }
        }
        @if let Value::Array(examples) = &schema["examples"] {
            @for example in examples { ", such as " code { (example) } }
        }
    }
}

/// Words with `code` in them.
fn words(text: &str) -> Markup {
    html! {
        @for (place, part) in text.split('`').enumerate() {
            @if place % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn tags(document: &Value) -> impl Iterator<Item = (&str, &Value)> {
    list(&document["tags"]).iter().map(|tag| (text(&tag["name"]), tag))
}

fn tag_title<'a>(document: &'a Value, tag: &str) -> &'a str {
    let of = tags(document).find(|(name, _)| *name == tag);
    of.map(|(_, tag)| text(&tag["description"])).unwrap_or_default()
}

/// The operations of a tag, and what its receivers are sent: path, method, and what it says of it.
fn of<'a>(document: &'a Value, tag: &'a str) -> impl Iterator<Item = (&'a str, &'a str, &'a Value)> {
    let paths = ["paths", "webhooks"]
        .into_iter()
        .flat_map(|part| fields(&document[part]));
    paths.flat_map(move |(path, methods)| {
        let of_tag = fields(methods)
            .into_iter()
            .filter(move |(_, operation)| operation["tags"][0] == tag);
        of_tag.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

fn fields(value: &Value) -> Vec<(&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
