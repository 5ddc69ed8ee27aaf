//! What surrounds every request: version, caller, headers, time limit, log line and metrics.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, MatchedPath, RawPathParams, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use doseline_shared::{
    api::{API_VERSION, VERSION_HEADER},
    id::{DeviceId, PatientId, PersonId},
};

use super::{
    problem::Refused,
    route::{Access, Route},
};
use crate::{
    account::{
        session::{self, Owed},
        token::Bearer,
    },
    app::{App, Caller, Origin, Target},
    fault::Fault,
    store::audit::Refusal,
};

/// States our version on every answer, and turns away a client of another.
pub async fn version(request: Request, next: Next) -> Response {
    let theirs = request.headers().get(VERSION_HEADER);
    let same = theirs.is_none_or(|theirs| theirs.as_bytes() == API_VERSION.to_string().as_bytes());
    let mut response = if same {
        next.run(request).await
    } else {
        Fault::OtherVersion { ours: API_VERSION }.into_response()
    };
    response
        .headers_mut()
        .insert(HeaderName::from_static(VERSION_HEADER), HeaderValue::from(API_VERSION));
    response
}

/// Lets a request through that its route's access class lets through; a signed-in one carries its [`Caller`] on,
/// one whose session is yet to be looked up its [`Bearer`]. What is refused, here or behind, is written to the audit.
pub async fn access(State((app, route)): State<(App, &'static Route)>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let origin = Origin(origin(&app, &parts.headers, peer));
    let target = Target::of(&parts);
    let patient = patient(&mut parts).await;
    let (who, response) = match admit(&app, route, origin, &mut parts).await {
        Ok(who) => (who, next.run(Request::from_parts(parts, body)).await),
        Err(fault) => (known(&app, &parts.headers), fault.into_response()),
    };
    let Some(Refused { code, why, account }) = response.extensions().get().copied() else {
        return response;
    };
    let refusal = Refusal {
        who,
        origin: origin.0,
        asked: target.0,
        account,
        patient,
        code,
        why,
        at: app.now(),
    };
    match app.refuse(refusal).await {
        Ok(()) => response,
        Err(fault) => fault.into_response(),
    }
}

/// Whose token it is that does not let them in: one that has ended, or whose session has.
fn known(app: &App, headers: &HeaderMap) -> Option<(PersonId, DeviceId)> {
    let bearer = app.tokens.made_for(&bearer(headers)?)?;
    Some((bearer.person, bearer.device))
}

/// Who is let through: nobody in particular, or a person on a device, whom the request then carries on.
async fn admit(
    app: &App,
    route: &Route,
    origin: Origin,
    parts: &mut Parts,
) -> Result<Option<(PersonId, DeviceId)>, Fault> {
    let token = || bearer(&parts.headers).ok_or(Fault::SignedOut);
    match route.access {
        Access::Open | Access::HelloFirst => Ok(None),
        Access::ThisMachine if app.metrics_open || origin.0.is_loopback() => Ok(None),
        Access::ThisMachine => Err(Fault::NotFound),
        Access::TokenFirst => {
            let now = app.now();
            let bearer = app.tokens.verify(&token()?, now)?;
            app.requests.take(bearer.person, now)?;
            bearer.may(route.scope)?;
            parts.extensions.insert(bearer);
            Ok(Some((bearer.person, bearer.device)))
        }
        Access::SignedIn => Ok(carry(
            session::caller(app, &token()?, origin, route.scope).await?,
            parts,
        )),
        Access::Enrolling => {
            let (caller, owes) = session::known(app, &token()?, origin).await?;
            caller.bearer().may(route.scope)?;
            match owes {
                Some(Owed::OwnPassword) => Err(Fault::OwnPasswordRequired),
                Some(Owed::SecondFactor) | None => Ok(carry(caller, parts)),
            }
        }
        Access::Choosing => {
            let (caller, _) = session::known(app, &token()?, origin).await?;
            caller.bearer().may(route.scope)?;
            Ok(carry(caller, parts))
        }
        Access::System => match session::known(app, &token()?, origin).await? {
            (caller, _) if caller.scopes.is_some() => Ok(carry(caller, parts)),
            _ => Err(Fault::Forbidden {
                why: "only for a system",
            }),
        },
    }
}

fn carry(caller: Caller, parts: &mut Parts) -> Option<(PersonId, DeviceId)> {
    parts.extensions.insert(caller);
    Some((caller.person, caller.device))
}

/// The patient that the path names.
async fn patient(parts: &mut Parts) -> Option<PatientId> {
    let named = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    let mut named = named.iter();
    named.find(|(name, _)| *name == "patient")?.1.parse().ok()
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    authorization(headers, "bearer").map(str::to_owned)
}

/// What `Authorization` says behind a scheme, where it is of that one.
pub fn authorization<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let (theirs, rest) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    theirs.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        // Only `access` puts one there. A handler that asks for a caller on an open route gets none.
        parts.extensions.get::<Self>().copied().ok_or(Fault::SignedOut)
    }
}

/// The text of the access token that a request carries.
pub struct AccessText(pub String);

impl<S: Send + Sync> FromRequestParts<S> for AccessText {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        bearer(&parts.headers).map(Self).ok_or(Fault::SignedOut)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Bearer {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        parts.extensions.get::<Self>().copied().ok_or(Fault::SignedOut)
    }
}

impl Target {
    fn of(parts: &Parts) -> Self {
        Self(format!("{} {}", parts.method, parts.uri.path()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Target {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

impl FromRequestParts<App> for Origin {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fault> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(origin(app, &parts.headers, peer)))
    }
}

fn origin(app: &App, headers: &HeaderMap, peer: Option<&ConnectInfo<SocketAddr>>) -> IpAddr {
    let forwarded = || {
        let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        last.rsplit(',').next()?.trim().parse().ok()
    };
    let address = if app.trust_forwarded_for { forwarded() } else { None };
    address
        .or(peer.map(|ConnectInfo(peer)| peer.ip()))
        .unwrap_or(IpAddr::from([0, 0, 0, 0]))
}

/// Ends what takes too long.
pub async fn in_time(State(longest): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(longest, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Fault::Unavailable { retry_after: 5 }.into_response(),
    }
}

/// Headers that tell a browser to be strict, and not to keep records.
pub async fn headers(request: Request, next: Next) -> Response {
    const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
        img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
        media-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(self), microphone=(self), geolocation=(), payment=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // What no route has said how long to keep is a record or an error: not at all.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Has browsers come by TLS only, for two years from each visit on.
pub async fn only_tls(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let forever = HeaderValue::from_static("max-age=63072000");
    response
        .headers_mut()
        .insert(header::STRICT_TRANSPORT_SECURITY, forever);
    response
}

/// One log line and one measurement a request. The path is the route's pattern: no id, no query string.
pub async fn observe(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().as_str().to_owned();
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "web".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    let took = began.elapsed();
    let status = response.status().as_u16();
    metrics::counter!("doseline_http_requests_total", "method" => method.clone(), "path" => path.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!("doseline_http_request_seconds", "method" => method.clone(), "path" => path.clone())
        .record(took.as_secs_f64());
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if response.status().is_server_error() {
        tracing::warn!(http.method = %method, http.path = %path, http.status = status, http.ms = millis, "answered");
    } else {
        tracing::debug!(http.method = %method, http.path = %path, http.status = status, http.ms = millis, "answered");
    }
    response
}
