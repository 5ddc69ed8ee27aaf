//! Reading requests: bodies of JSON and CSV, entity tags, parts of the path, query strings; each refusal is a problem that
//! says where.

use std::marker::PhantomData;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use doseline_shared::safety::{ListFaults, ListProblem};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::fault::Fault;

/// A body of JSON, in a request or in an answer.
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        parse(&json_bytes(request, state).await?).map(Self)
    }
}

/// A body of JSON of any shape, which the use case reads as a `T` by itself. No field can be at fault here, so none is
/// followed.
pub struct AnyJson<T>(pub Value, PhantomData<fn() -> T>);

impl<T, S: Send + Sync> FromRequest<S> for AnyJson<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let bytes = json_bytes(request, state).await?;
        serde_json::from_slice(&bytes)
            .map(|value| Self(value, PhantomData))
            .map_err(|error| not_json(&error))
    }
}

/// A body of CSV: the file of a clinic's list.
pub struct Csv(pub Vec<u8>);

impl<S: Send + Sync> FromRequest<S> for Csv {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        if !is_of(&request, "text/csv") {
            return Err(Fault::BadRequest {
                problem: "send the list as CSV with content-type: text/csv".to_owned(),
            });
        }
        match Bytes::from_request(request, state).await {
            Ok(bytes) => Ok(Self(bytes.into())),
            Err(refused) if refused.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Fault::List(ListFaults::one(1, ListProblem::Large {})))
            }
            Err(_) => Err(cut_off()),
        }
    }
}

/// The entity tags of `If-None-Match`, without their quotation marks.
pub fn tags(headers: &HeaderMap) -> Vec<String> {
    let all = headers.get_all(header::IF_NONE_MATCH).iter();
    all.filter_map(|tags| tags.to_str().ok())
        .flat_map(|tags| tags.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/").trim_matches('"').to_owned())
        .collect()
}

/// Whether a request says that its body is of this kind.
fn is_of(request: &Request, expected: &str) -> bool {
    request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .and_then(|kind| kind.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(expected))
}

fn cut_off() -> Fault {
    Fault::BadRequest {
        problem: "the body did not arrive whole".to_owned(),
    }
}

async fn json_bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Fault> {
    if !is_of(&request, "application/json") {
        return Err(Fault::BadRequest {
            problem: "send a body of JSON with content-type: application/json".to_owned(),
        });
    }
    Bytes::from_request(request, state).await.map_err(|refused| {
        if refused.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Fault::TooMuch {
                path: None,
                problem: "the body is larger than this backend takes".to_owned(),
            }
        } else {
            cut_off()
        }
    })
}

/// Parses JSON. What is no JSON is named by its position; what does not fit, by the path of the field.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        match inner.classify() {
            serde_json::error::Category::Data => Fault::Field {
                path: if path == "." { String::new() } else { path },
                // serde's own words may repeat the value; only its position is safe to say.
                problem: format!(
                    "does not fit what is expected here (line {}, column {})",
                    inner.line(),
                    inner.column()
                ),
            },
            serde_json::error::Category::Io
            | serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof => not_json(&inner),
        }
    })?;
    reader.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

fn not_json(error: &serde_json::Error) -> Fault {
    Fault::BadRequest {
        problem: format!(
            "the body is no JSON from line {}, column {} on",
            error.line(),
            error.column()
        ),
    }
}

/// Parts of the path. One that is no id names nothing that is here.
pub struct Ids<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Ids<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        Path::from_request_parts(parts, state)
            .await
            .map(|Path(ids)| Self(ids))
            .map_err(|_| Fault::NotFound)
    }
}

/// The query string.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        Query::from_request_parts(parts, state)
            .await
            .map(|Query(asked)| Self(asked))
            .map_err(|_| Fault::BadRequest {
                problem: "the query string does not fit what is expected here".to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use doseline_shared::api::account::Refresh;

    use super::*;

    #[test]
    fn a_fault_names_its_position_or_its_field_and_never_the_value() {
        let cut = parse::<Refresh>(b"{\n  \"refresh\": ").err().unwrap();
        assert!(
            matches!(&cut, Fault::BadRequest { problem } if problem.contains("line 2")),
            "{cut}"
        );
        let wrong = parse::<Refresh>(b"{\"refresh\": [\"hunter2\"]}").err().unwrap();
        assert!(
            matches!(&wrong, Fault::Field { path, .. } if path == "refresh"),
            "{wrong:?}"
        );
        assert!(!wrong.to_string().contains("hunter2"));
        let unknown = parse::<Refresh>(b"{\"refresh\": \"a\", \"more\": 1}").err().unwrap();
        assert!(
            matches!(&unknown, Fault::Field { path, .. } if path == "more"),
            "{unknown:?}"
        );
        assert!(parse::<Refresh>(b"{\"refresh\": \"a\"} x").is_err());
    }
}
