//! HTTP: the table of endpoints, their description, what surrounds every request, and the web app.
//!
//! Handlers unpack, call a use case, and map its answer. No rule of medicine or of access is decided here.

use std::{path::Path, time::Duration};

use axum::{Router, middleware};
use tower::util::option_layer;
use tower_http::compression::CompressionLayer;

mod around;
mod handle;
pub mod limit;
pub mod openapi;
mod problem;
mod read;
mod route;
mod same_origin;
mod shape;
mod signature;
mod web;

pub use route::{Access, Route, routes};

use crate::app::App;

/// The whole service: the interface, and the web app in `web_dir` for every other path. `secure` where it speaks TLS
/// itself.
pub fn service(app: &App, web_dir: &Path, secure: bool) -> Router {
    let longest = Duration::from_secs(app.limits.request_seconds);
    route::router(app)
        .fallback_service(web::router(web_dir))
        .layer(middleware::from_fn_with_state(longest, around::in_time))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn(around::version))
        .layer(middleware::from_fn(around::headers))
        .layer(option_layer(secure.then(|| middleware::from_fn(around::only_tls))))
}
