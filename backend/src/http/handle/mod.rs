//! The handlers, by domain noun: unpack, call, map.

pub mod account;
pub mod clinic;
pub mod device;
pub mod interaction;
pub mod invitation;
pub mod oauth;
pub mod openapi;
pub mod operations;
pub mod partner;
pub mod patient;
pub mod report;
pub mod schedule;
pub mod second_factor;
pub mod sync;
pub mod webhook;

use axum::{
    http::StatusCode,
    response::{IntoResponse, NoContent, Response},
};

use serde::Serialize;

use super::read::Json;
use crate::fault::Fault;

/// An answer of JSON, 200.
type Answer<T> = Result<Json<T>, Fault>;

/// What was made, 201.
type Made<T> = Result<Created<T>, Fault>;

/// Done; there is nothing to say, 204.
type Done = Result<NoContent, Fault>;

/// JSON with status 201.
pub struct Created<T>(pub T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}
