//! The desktop shell: two commands, one event. Talks to the global that the shell puts into its window.

use chrono::NaiveDate;
use doseline_client::{
    ask::{Ask, Fault, Request},
    json,
};
use doseline_shared::api::{ErrorCode, report::Document};
use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use leptos::prelude::window;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

/// Whether this page is in the shell's window.
#[cfg(feature = "browser")]
pub fn is_here() -> bool {
    member(&window(), "__TAURI__").is_some()
}

/// Asks the core behind the shell's command.
pub async fn ask<R: Request>(request: R) -> Result<R::Answer, Fault> {
    let answer = invoke(request.into()).await?;
    read(&answer).ok_or_else(internal)
}

/// Has the shell keep a report, and gives the place where it is.
pub async fn print(document: &Document, made: NaiveDate) -> Result<String, Fault> {
    let arguments = serde_json::to_string(document)
        .ok()
        .and_then(|text| JSON::parse(&text).ok())
        .map(|document| arguments(&[("document", document), ("made", JsValue::from_str(&made.to_string()))]))
        .ok_or_else(internal)?;
    let answer = command("keep_report", &arguments).await?;
    answer.as_string().ok_or_else(internal)
}

/// Has the shell keep a copy of a record, and gives the place where it is.
pub async fn keep_copy(text: &str, made: NaiveDate) -> Result<String, Fault> {
    let arguments = arguments(&[
        ("text", JsValue::from_str(text)),
        ("made", JsValue::from_str(&made.to_string())),
    ]);
    let answer = command("keep_copy", &arguments).await?;
    answer.as_string().ok_or_else(internal)
}

async fn invoke(ask: Ask) -> Result<JsValue, Fault> {
    let ask = serde_json::to_string(&ask)
        .ok()
        .and_then(|text| JSON::parse(&text).ok())
        .ok_or_else(internal)?;
    command("ask", &arguments(&[("ask", ask)])).await
}

async fn command(name: &str, arguments: &JsValue) -> Result<JsValue, Fault> {
    let answer = call("core", "invoke", &JsValue::from_str(name), arguments).ok_or_else(internal)?;
    match JsFuture::from(answer).await {
        Ok(answer) => Ok(answer),
        Err(fault) => Err(read(&fault).unwrap_or_else(internal)),
    }
}

/// Listens to the shell's event.
pub fn on_changed(hear: impl Fn() + 'static) {
    let hear = Closure::<dyn Fn(JsValue)>::new(move |_| hear());
    let listening = call(
        "event",
        "listen",
        &JsValue::from_str("doseline://changed"),
        hear.as_ref(),
    );
    debug_assert!(listening.is_some(), "the shell lets its window listen");
    // It lives as long as the window.
    hear.forget();
}

fn call(module: &str, function: &str, first: &JsValue, second: &JsValue) -> Option<Promise> {
    let module = member(&member(&window(), "__TAURI__")?, module)?;
    let function: Function = member(&module, function)?.dyn_into().ok()?;
    Reflect::apply(&function, &module, &Array::of2(first, second))
        .ok()?
        .dyn_into()
        .ok()
}

fn member(of: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(of, &JsValue::from_str(name)).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

fn arguments(all: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in all {
        let set = Reflect::set(&object, &JsValue::from_str(name), value);
        debug_assert!(set.is_ok(), "a fresh object takes any property");
    }
    object.into()
}

fn read<T: DeserializeOwned>(value: &JsValue) -> Option<T> {
    let text = if value.is_undefined() {
        "null".to_owned()
    } else {
        JSON::stringify(value).ok()?.as_string()?
    };
    json::read(&text).ok()
}

fn internal() -> Fault {
    Fault::of(ErrorCode::Internal)
}
