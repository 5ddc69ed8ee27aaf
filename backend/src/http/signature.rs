//! What an endpoint takes and answers, read off the Rust signature of its handler, so that the description of the interface
//! cannot say anything else. Owns which media type, status and schema stand for which extractor and which answer.

use std::borrow::Cow;

use axum::{
    Form,
    extract::{State, WebSocketUpgrade, rejection::FormRejection, ws::rejection::WebSocketUpgradeRejection},
    http::HeaderMap,
    response::{Html, NoContent},
};
use doseline_shared::api::{Problem, interactions::InteractionList};
use schemars::{
    JsonSchema, Schema, SchemaGenerator,
    generate::{Contract, SchemaSettings},
};
use serde_json::{Map, Value, json};

use super::{
    around::AccessText,
    handle::{
        Created,
        interaction::Kept,
        oauth::{Ended, OAuthFault, OAuthProblem},
        openapi::Css,
        operations::{Measured, Text},
        report::Pdf,
        sync::Upgraded,
        webhook::Events,
    },
    read::{AnyJson, Asked, Csv, Ids, Json},
};
use crate::{
    account::token::Bearer,
    app::{App, Caller, Origin, Target},
    fault::Fault,
};

/// Where the schemas of types with a name stand in the description.
pub const SCHEMAS: &str = "/components/schemas";

/// The schemas that signatures name. What is asked may leave out what an answer always has, so there are two of each type
/// that is in both.
pub struct Schemas {
    asked: SchemaGenerator,
    told: SchemaGenerator,
}

impl Schemas {
    /// None yet.
    pub fn new() -> Self {
        let of = |contract| {
            let mut settings = SchemaSettings::draft2020_12();
            settings.definitions_path = Cow::Borrowed(SCHEMAS);
            settings.meta_schema = None;
            settings.contract = contract;
            settings.into_generator()
        };
        Self {
            asked: of(Contract::Deserialize),
            told: of(Contract::Serialize),
        }
    }

    /// Those of what is asked and those of what is told, by the names of their types.
    pub fn into_named(mut self) -> [Map<String, Value>; 2] {
        [self.asked.take_definitions(true), self.told.take_definitions(true)]
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// A body.
pub struct Content {
    /// Its media type.
    pub media: &'static str,
    /// What it holds; none for what is no JSON.
    pub schema: Option<Schema>,
}

impl Content {
    /// A problem: what every error is that is not said to be something else.
    pub fn problem(schemas: &mut Schemas) -> Self {
        Self {
            media: "application/problem+json",
            ..Self::told::<Problem>(schemas)
        }
    }

    /// JSON that goes out.
    pub fn told<T: JsonSchema>(schemas: &mut Schemas) -> Self {
        Self::json(schemas.told.subschema_for::<T>())
    }

    /// Whether it is a form.
    pub fn is_form(&self) -> bool {
        self.media == FORM
    }

    /// As an entry of a map of contents.
    pub fn entry(&self) -> (String, Value) {
        let schema = self.schema.as_ref().map(|schema| json!({"schema": schema}));
        (self.media.to_owned(), schema.unwrap_or_else(|| json!({})))
    }

    /// As a map of contents.
    pub fn value(&self) -> Value {
        Value::Object(Map::from_iter([self.entry()]))
    }

    const fn plain(media: &'static str) -> Self {
        Self { media, schema: None }
    }

    const fn json(schema: Schema) -> Self {
        Self {
            media: "application/json",
            schema: Some(schema),
        }
    }
}

/// What a handler takes and answers.
pub struct Signature<'a> {
    schemas: &'a mut Schemas,
    /// The parts of the path, in its order.
    pub path: Vec<Schema>,
    /// The query, as the schema of an object.
    pub query: Option<Schema>,
    /// The body of a request.
    pub body: Option<Content>,
    /// The answers that are no errors, by their status.
    pub answers: Vec<(u16, Option<Content>)>,
    /// The errors that the handler answers with, beside those of what surrounds it.
    pub errors: Vec<Content>,
}

impl<'a> Signature<'a> {
    /// The signature of the handler that `describe` is about.
    pub fn of(describe: fn(&mut Signature<'_>), schemas: &'a mut Schemas) -> Self {
        let mut signature = Self {
            schemas,
            path: Vec::new(),
            query: None,
            body: None,
            answers: Vec::new(),
            errors: Vec::new(),
        };
        describe(&mut signature);
        signature
    }
}

/// Writes down the signature of a handler.
pub fn of<Args, H: Handler<Args>>(_: &H, signature: &mut Signature<'_>) {
    H::describe(signature);
}

/// A handler whose signature can be read.
pub trait Handler<Args> {
    /// Writes it down.
    fn describe(signature: &mut Signature<'_>);
}

macro_rules! handlers {
    ($(($($taken:ident)*))+) => {$(
        impl<H, Answering, Answer, $($taken),*> Handler<($($taken,)*)> for H
        where
            H: Fn($($taken),*) -> Answering,
            Answering: Future<Output = Answer>,
            Answer: Told,
            $($taken: Taken,)*
        {
            fn describe(signature: &mut Signature<'_>) {
                $($taken::taken(signature);)*
                Answer::told(signature);
            }
        }
    )+};
}

handlers! { () (A) (A B) (A B C) (A B C D) (A B C D E) }

/// Something that a handler takes.
pub trait Taken {
    /// Writes it down.
    fn taken(_: &mut Signature<'_>) {}
}

// Who asks, from where and by which way: what surrounds the handler finds out.
impl Taken for State<App> {}
impl Taken for Caller {}
impl Taken for Bearer {}
impl Taken for AccessText {}
impl Taken for Origin {}
impl Taken for Target {}
impl Taken for HeaderMap {}
impl Taken for Result<WebSocketUpgrade, WebSocketUpgradeRejection> {}

impl<T: JsonSchema> Taken for Json<T> {
    fn taken(signature: &mut Signature<'_>) {
        signature.body = Some(Content::json(signature.schemas.asked.subschema_for::<T>()));
    }
}

impl<T: JsonSchema> Taken for AnyJson<T> {
    fn taken(signature: &mut Signature<'_>) {
        Json::<T>::taken(signature);
    }
}

impl<T: Taken> Taken for Result<T, Fault> {
    fn taken(signature: &mut Signature<'_>) {
        T::taken(signature);
    }
}

impl<T: JsonSchema> Taken for Result<Form<T>, FormRejection> {
    fn taken(signature: &mut Signature<'_>) {
        signature.body = Some(Content {
            media: FORM,
            schema: Some(T::json_schema(&mut signature.schemas.asked)),
        });
    }
}

impl Taken for Csv {
    fn taken(signature: &mut Signature<'_>) {
        signature.body = Some(Content::plain("text/csv"));
    }
}

impl<T: JsonSchema> Taken for Asked<T> {
    fn taken(signature: &mut Signature<'_>) {
        signature.query = Some(T::json_schema(&mut signature.schemas.asked));
    }
}

impl<T: JsonSchema> Taken for Ids<T> {
    fn taken(signature: &mut Signature<'_>) {
        let schema = signature.schemas.asked.subschema_for::<T>();
        // Several are a tuple.
        signature.path = match schema.get("prefixItems") {
            Some(Value::Array(parts)) => parts.iter().cloned().filter_map(|part| part.try_into().ok()).collect(),
            _ => vec![schema],
        };
    }
}

/// Something that a handler answers.
pub trait Told {
    /// Writes it down.
    fn told(signature: &mut Signature<'_>);
}

/// A status, and a body that is no JSON, or none.
macro_rules! plain {
    ($($type:ty => $status:literal $($media:literal)?;)+) => {$(
        impl Told for $type {
            fn told(signature: &mut Signature<'_>) {
                signature.answers.push(($status, plain!(@content $($media)?)));
            }
        }
    )+};
    (@content) => { None };
    (@content $media:literal) => { Some(Content::plain($media)) };
}

plain! {
    NoContent => 204;
    Ended => 200;
    Upgraded => 101;
    Text => 200 "text/plain; charset=utf-8";
    Measured => 200 "text/plain; version=0.0.4; charset=utf-8";
    Pdf => 200 "application/pdf";
    Html<&'static str> => 200 "text/html; charset=utf-8";
    Css => 200 "text/css; charset=utf-8";
    Events => 200 "text/event-stream";
}

impl<T: JsonSchema> Told for Json<T> {
    fn told(signature: &mut Signature<'_>) {
        let content = Content::told::<T>(signature.schemas);
        signature.answers.push((200, Some(content)));
    }
}

impl<T: JsonSchema> Told for Created<T> {
    fn told(signature: &mut Signature<'_>) {
        let content = Content::told::<T>(signature.schemas);
        signature.answers.push((201, Some(content)));
    }
}

impl Told for Kept {
    fn told(signature: &mut Signature<'_>) {
        Json::<InteractionList>::told(signature);
        signature.answers.push((304, None));
    }
}

impl<T: Told, E: Refused> Told for Result<T, E> {
    fn told(signature: &mut Signature<'_>) {
        T::told(signature);
        let error = E::refused(signature);
        signature.errors.push(error);
    }
}

/// An error that a handler answers with.
pub trait Refused {
    /// Its shape.
    fn refused(signature: &mut Signature<'_>) -> Content;
}

impl Refused for Fault {
    fn refused(signature: &mut Signature<'_>) -> Content {
        Content::problem(signature.schemas)
    }
}

impl Refused for OAuthFault {
    fn refused(signature: &mut Signature<'_>) -> Content {
        Content::told::<OAuthProblem>(signature.schemas)
    }
}
