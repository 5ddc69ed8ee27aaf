//! The handlers, by domain noun: unpack, call, map.

pub mod account;
pub mod clinic;
pub mod device;
pub mod interaction;
pub mod invitation;
pub mod oauth;
pub mod operations;
pub mod partner;
pub mod patient;
pub mod report;
pub mod schedule;
pub mod second_factor;
pub mod sync;

use axum::http::StatusCode;

use crate::fault::Fault;

/// An answer with its status.
type Answer<T> = Result<(StatusCode, axum::Json<T>), Fault>;

/// Done; there is nothing to say.
type Done = Result<StatusCode, Fault>;

fn ok<T>(value: T) -> (StatusCode, axum::Json<T>) {
    (StatusCode::OK, axum::Json(value))
}

fn created<T>(value: T) -> (StatusCode, axum::Json<T>) {
    (StatusCode::CREATED, axum::Json(value))
}
