//! Every endpoint, in one table: method, path, who is let through, handler, what it does. The router is built from it, and
//! so are the description of the interface and the test of the access matrix.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{MethodRouter, delete, get, post, put},
};
use doseline_shared::{
    api::{
        account, audit, export, interactions, invitation, partner, partner::ApiScope, patient, preview, report,
        second_factor, sync, webhook,
    },
    safety,
};

use super::{
    around, handle, openapi, shape,
    signature::{self, Signature},
};
use crate::app::App;

/// Who is let through to a handler. What they may do there, the use case asks `shared::access`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Open,
    /// Any person with a live session, except who has signed in with a first password or is asked by a clinic for a second
    /// factor that is not there; and systems whose token holds the scope of the route, where it has one.
    SignedIn,
    /// Any person with a live session who has a password of their own: what leads to a second factor.
    Enrolling,
    /// Any person with a live session: what leads to a password of their own, and signing out.
    Choosing,
    /// A system with a live token, whatever it opens.
    System,
    /// As [`Access::SignedIn`]; but the handler gets no more than what the token says, and the use case itself looks, in
    /// the transaction of its effect, whether the session lives.
    TokenFirst,
    /// Anyone may connect; the first message must carry a live session.
    HelloFirst,
    /// Clients on this machine, where the configuration does not open it.
    ThisMachine,
}

/// An endpoint.
pub struct Route {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// The path, with its parts in braces.
    pub path: &'static str,
    /// Who is let through.
    pub access: Access,
    /// The scope that opens it to systems.
    pub scope: Option<ApiScope>,
    /// What it is about: a noun of the domain.
    pub noun: &'static str,
    /// What it does with it.
    pub verb: &'static str,
    /// The same as one sentence.
    pub summary: &'static str,
    /// Writes down what it takes and answers.
    pub describe: fn(&mut Signature<'_>),
    handler: fn() -> MethodRouter<App>,
}

/// Every endpoint.
pub fn routes() -> &'static [Route] {
    ROUTES
}

macro_rules! table {
    (@scope) => { None };
    (@scope $scope:ident) => { Some(ApiScope::$scope) };
    ($($method:literal $path:expr, $access:ident $(+ $scope:ident)?
        => $on:ident(handle::$noun:ident::$verb:ident) $(.layer($layer:expr))?, $summary:literal;)+) => {
        &[$(Route {
            method: $method,
            path: $path,
            access: Access::$access,
            scope: table!(@scope $($scope)?),
            noun: stringify!($noun),
            verb: stringify!($verb),
            summary: $summary,
            describe: |signature| signature::of(&handle::$noun::$verb, signature),
            handler: || $on(handle::$noun::$verb)$(.layer($layer))?,
        }),+]
    };
}

#[rustfmt::skip]
static ROUTES: &[Route] = table! {
    "POST"   account::ACCOUNTS,     Open        => post(handle::account::sign_up),
        "Makes an account and signs in to it.";
    "POST"   account::SESSIONS,     Open        => post(handle::account::sign_in),
        "Signs in on a device.";
    "DELETE" account::SESSIONS,     Choosing    => delete(handle::account::sign_out),
        "Ends the session that asks.";
    "POST"   account::REFRESH,      Open        => post(handle::account::refresh),
        "Exchanges a refresh token for the next session.";
    "GET"    account::ME,           Choosing    => get(handle::account::me),
        "Who is signed in.";
    "POST"   account::PASSWORD,     Choosing    => post(handle::account::change_password),
        "Puts a new password in place of the old one, and ends all other sessions.";
    "GET"    account::DEVICES,      Enrolling   => get(handle::device::list),
        "The devices that the caller is signed in on.";
    "POST"   account::END_DEVICE,   Enrolling   => post(handle::device::revoke),
        "Ends the sessions of one of them at once.";
    "GET"    second_factor::SECOND_FACTOR,  Enrolling => get(handle::second_factor::state),
        "Whether the caller has a second factor.";
    "POST"   second_factor::SECOND_FACTOR,  Enrolling => post(handle::second_factor::begin),
        "Begins to set one up: a key for an authenticator app.";
    "POST"   second_factor::CONFIRM,        Enrolling => post(handle::second_factor::confirm),
        "Finishes it with the first code, for recovery codes.";
    "POST"   second_factor::RECOVERY_CODES, Enrolling => post(handle::second_factor::recovery_codes),
        "New recovery codes; the old ones serve no more.";
    "POST"   second_factor::REMOVE,         Enrolling => post(handle::second_factor::remove),
        "Takes the second factor away.";
    "GET"    second_factor::REQUIREMENT,    SignedIn  => get(handle::clinic::requirement),
        "Of which roles a clinic asks for a second factor.";
    "PUT"    second_factor::REQUIREMENT,    SignedIn  => put(handle::clinic::require),
        "Sets of which roles it does.";
    "POST"   account::STAFF,        SignedIn    => post(handle::clinic::add_staff),
        "Takes someone on.";
    "GET"    account::STAFF,        SignedIn    => get(handle::clinic::list_staff),
        "Who works for a clinic.";
    "DELETE" account::STAFF_MEMBER, SignedIn    => delete(handle::clinic::remove_staff),
        "Ends that someone works for it, at once.";
    "POST"   account::FIRST_PASSWORD, SignedIn  => post(handle::clinic::renew_first_password),
        "Makes a new first password for someone who has not chosen their own.";
    "POST"   partner::SYSTEMS,      SignedIn    => post(handle::partner::connect),
        "Connects a system to a clinic, with its first key.";
    "GET"    partner::SYSTEMS,      SignedIn    => get(handle::partner::list),
        "The systems that are connected to a clinic.";
    "DELETE" partner::SYSTEM,       SignedIn    => delete(handle::partner::disconnect),
        "Ends a system with its keys and tokens at once.";
    "POST"   partner::KEYS,         SignedIn    => post(handle::partner::make_key),
        "Makes another key for a system.";
    "DELETE" partner::KEY,          SignedIn    => delete(handle::partner::end_key),
        "Ends a key with its tokens at once.";
    "POST"   webhook::WEBHOOKS,     SignedIn    => post(handle::webhook::make),
        "Makes a webhook of a system: an address that is told of changes.";
    "GET"    webhook::WEBHOOKS,     SignedIn    => get(handle::webhook::list),
        "The webhooks of a system.";
    "DELETE" webhook::WEBHOOK,      SignedIn    => delete(handle::webhook::end),
        "Ends a webhook with all its messages at once.";
    "GET"    webhook::EVENTS,       System      => get(handle::webhook::events),
        "A stream (server-sent events) of what has changed, by ids alone, for as long as the token serves.";
    "POST"   webhook::PING,         SignedIn    => post(handle::webhook::ping),
        "Sends a test message, in its turn.";
    "POST"   webhook::SECRET,       SignedIn    => post(handle::webhook::renew_secret),
        "Makes a new secret; the old one signs along for a day.";
    "GET"    webhook::MESSAGES,     SignedIn    => get(handle::webhook::messages),
        "What waits to be sent, and what was given up.";
    "POST"   webhook::REPLAY,       SignedIn    => post(handle::webhook::replay),
        "Sends a message again that was given up.";
    "PUT"    interactions::INTERACTIONS, SignedIn => put(handle::interaction::load).layer(DefaultBodyLimit::max(safety::MAX_BYTES)),
        "Puts a list of interactions in place of the one that stands.";
    "GET"    interactions::INTERACTIONS, SignedIn => get(handle::interaction::read),
        "The list of interactions that stands for a clinic.";
    "DELETE" interactions::INTERACTIONS, SignedIn => delete(handle::interaction::withdraw),
        "Withdraws it.";
    "POST"   invitation::INVITATIONS, SignedIn  => post(handle::invitation::invite),
        "Makes a code by which someone comes to see a patient.";
    "POST"   invitation::LOOKUP,    SignedIn    => post(handle::invitation::lookup),
        "What a code would do, without using it.";
    "POST"   invitation::REDEEM,    SignedIn    => post(handle::invitation::redeem),
        "Uses a code up.";
    "DELETE" invitation::GRANT,     SignedIn    => delete(handle::invitation::end_grant),
        "Ends at once what someone may see of a patient.";
    "POST"   sync::PUSH,            TokenFirst  => post(handle::sync::push),
        "Applies operations, each once, in their order.";
    "GET"    sync::CHANGES,         SignedIn    => get(handle::sync::changes),
        "What has changed in the records that the caller sees, after a cursor.";
    "GET"    sync::PATIENT_CHANGES, SignedIn    => get(handle::sync::patient_changes),
        "What has changed in one record, after a cursor.";
    "GET"    sync::HINTS,           HelloFirst  => get(handle::sync::hints),
        "A WebSocket that says when there is something to pull.";
    "GET"    audit::AUDIT,          SignedIn    => get(handle::patient::audit),
        "Who has looked at the caller's own record.";
    "GET"    export::EXPORT,        SignedIn    => get(handle::patient::export),
        "A copy of all that is kept about the caller.";
    "GET"    partner::PATIENTS,     SignedIn + ProviderRead  => get(handle::patient::list),
        "The patients that the caller sees.";
    "GET"    patient::MEDICATIONS,  SignedIn + ScheduleRead  => get(handle::patient::medications),
        "A patient's medications as they stand.";
    "GET"    patient::ADHERENCE,    SignedIn + AdherenceRead => get(handle::patient::adherence),
        "A measure of adherence over a range of dates.";
    "POST"   report::REPORT,        SignedIn    => post(handle::report::pdf),
        "Sets a report for the doctor as a PDF.";
    "POST"   partner::TOKEN,        Open        => post(handle::oauth::token),
        "An access token for a system, by OAuth 2.0 client credentials.";
    "POST"   partner::INTROSPECT,   Open        => post(handle::oauth::introspect),
        "Whether a token serves (RFC 7662).";
    "POST"   partner::REVOKE,       Open        => post(handle::oauth::revoke),
        "Ends a token (RFC 7009).";
    "GET"    partner::METADATA,     Open        => get(handle::oauth::metadata),
        "What an OAuth client finds out by itself (RFC 8414).";
    "GET"    partner::JWKS,         Open        => get(handle::oauth::jwks),
        "The keys that access tokens are signed with (RFC 7517).";
    "POST"   partner::SHORT_TOKEN,    Open      => post(handle::partner::token),
        "An access token for a system, by its key alone.";
    "GET"    partner::SHORT_VALIDATE, System    => get(handle::partner::validate),
        "What the token is that is sent with it.";
    "DELETE" partner::SHORT_REVOKE,   System    => delete(handle::partner::revoke),
        "Ends the token that is sent with it.";
    "POST"   preview::PREVIEW,      Open        => post(handle::schedule::preview),
        "When the doses of a schedule are due.";
    "GET"    openapi::DOCUMENT,     Open        => get(handle::openapi::document),
        "This description.";
    "GET"    openapi::PAGE,         Open        => get(handle::openapi::page),
        "This description as a page.";
    "GET"    openapi::LOOKS,        Open        => get(handle::openapi::looks),
        "How the page looks.";
    "GET"    "/healthz",            Open        => get(handle::operations::alive),
        "Whether the backend runs.";
    "GET"    "/readyz",             Open        => get(handle::operations::ready),
        "Whether it can serve.";
    "GET"    "/metrics",            ThisMachine => get(handle::operations::metrics),
        "Measurements for Prometheus.";
};

/// The interface, without the web app.
pub fn router(app: &App) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let guard = middleware::from_fn_with_state((app.clone(), route), around::access);
        let handler = match route.scope {
            // What systems read can be asked for in part, and anew only where it has changed.
            Some(_) => (route.handler)().layer(middleware::from_fn(shape::shaped)),
            None => (route.handler)(),
        };
        router = router.route(route.path, handler.layer(guard));
    }
    router
        .method_not_allowed_fallback(async || crate::fault::Fault::NotFound)
        .layer(DefaultBodyLimit::max(app.limits.body_bytes))
        .layer(middleware::from_fn(around::observe))
        .with_state(app.clone())
}
