//! The web app: the built files, compressed where they lie compressed, and index.html for the routes of the UI.
//!
//! Names with a hash in them never change and are kept for good; all others are asked for again each time.

use std::path::Path;

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tower::ServiceExt;
use tower_http::services::{ServeDir, ServeFile};

use crate::fault::Fault;

/// Serves the files in `folder` where no other route answers.
pub fn router(folder: &Path) -> Router {
    let index = folder.join("index.html");
    let files = ServeDir::new(folder)
        .precompressed_br()
        .precompressed_gzip()
        .append_index_html_on_directories(true);
    let serve = move |request: Request| {
        let (files, index) = (files.clone(), index.clone());
        async move {
            if request.method() != Method::GET && request.method() != Method::HEAD {
                return Fault::NotFound.into_response();
            }
            let path = request.uri().path();
            let names_file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
            if path == "/v1" || path.starts_with("/v1/") {
                return Fault::NotFound.into_response();
            }
            let response = if names_file || path == "/" {
                files.oneshot(request).await.map(|response| response.map(Body::new))
            } else {
                // A route of the UI: the app itself finds out what it shows.
                let page = ServeFile::new(index).precompressed_br().precompressed_gzip();
                page.oneshot(request).await.map(|response| response.map(Body::new))
            };
            match response {
                Ok(response) if response.status() == StatusCode::NOT_FOUND => Fault::NotFound.into_response(),
                Ok(response) => response,
                Err(never) => match never {},
            }
        }
    };
    Router::new()
        .fallback(serve)
        .layer(middleware::from_fn(keep))
        .layer(middleware::from_fn(in_utf8))
}

/// In which charset a file of text is: all of ours are in one.
async fn in_utf8(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let media = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|media| media.to_str().ok());
    if let Some(media) = media.filter(|media| media.starts_with("text/") && !media.contains("charset"))
        && let Ok(named) = HeaderValue::from_str(&format!("{media}; charset=utf-8"))
    {
        response.headers_mut().insert(header::CONTENT_TYPE, named);
    }
    response
}

/// How long a browser may keep what it got.
async fn keep(request: Request, next: Next) -> Response {
    let value = if is_hashed(request.uri().path()) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut response = next.run(request).await;
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    }
    response
}

/// Whether the name ends in `-<hash>.<suffix>`, the hash of eight or more hexadecimal digits.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let Some((stem, _)) = name.rsplit_once('.') else {
        return false;
    };
    stem.rsplit_once('-')
        .is_some_and(|(_, hash)| hash.len() >= 8 && hash.chars().all(|c| c.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_good() {
        assert!(is_hashed("/doseline-0a1b2c3d4e5f.wasm"));
        assert!(!is_hashed("/index.html"));
        assert!(!is_hashed("/fonts/noto-sans.woff2"));
        assert!(!is_hashed("/doseline-0a1b2c3d"));
    }
}
