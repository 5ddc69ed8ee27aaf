//! Every endpoint, in one table: method, path, who is let through, handler. The router is built from it, and so is the
//! test of the access matrix.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{MethodRouter, delete, get, post, put},
};
use doseline_shared::{
    api::{
        account, audit, export, interactions, invitation, partner, partner::ApiScope, patient, preview, report,
        second_factor, sync,
    },
    safety,
};

use super::{around, handle, shape};
use crate::app::App;

/// Who is let through to a handler. What they may do there, the use case asks `shared::access`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Open,
    /// Any person with a live session, except whom a clinic asks for a second factor that is not there; and systems whose
    /// token holds the scope of the route, where it has one.
    SignedIn,
    /// Any person with a live session: what leads to a second factor, and signing out.
    Enrolling,
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
    handler: fn() -> MethodRouter<App>,
}

/// Every endpoint.
pub fn routes() -> &'static [Route] {
    ROUTES
}

macro_rules! table {
    (@scope) => { None };
    (@scope $scope:ident) => { Some(ApiScope::$scope) };
    ($($method:literal $path:expr, $access:ident $(+ $scope:ident)? => $handler:expr;)+) => {
        &[$(Route {
            method: $method,
            path: $path,
            access: Access::$access,
            scope: table!(@scope $($scope)?),
            handler: || $handler,
        }),+]
    };
}

#[rustfmt::skip]
static ROUTES: &[Route] = table! {
    "POST"   account::ACCOUNTS,     Open        => post(handle::account::sign_up);
    "POST"   account::SESSIONS,     Open        => post(handle::account::sign_in);
    "DELETE" account::SESSIONS,     Enrolling   => delete(handle::account::sign_out);
    "POST"   account::REFRESH,      Open        => post(handle::account::refresh);
    "GET"    account::ME,           Enrolling   => get(handle::account::me);
    "POST"   account::PASSWORD,     Enrolling   => post(handle::account::change_password);
    "GET"    account::DEVICES,      Enrolling   => get(handle::device::list);
    "DELETE" account::DEVICE,       Enrolling   => delete(handle::device::revoke);
    "GET"    second_factor::SECOND_FACTOR,  Enrolling => get(handle::second_factor::state);
    "POST"   second_factor::SECOND_FACTOR,  Enrolling => post(handle::second_factor::begin);
    "POST"   second_factor::CONFIRM,        Enrolling => post(handle::second_factor::confirm);
    "POST"   second_factor::RECOVERY_CODES, Enrolling => post(handle::second_factor::recovery_codes);
    "POST"   second_factor::REMOVE,         Enrolling => post(handle::second_factor::remove);
    "GET"    second_factor::REQUIREMENT,    SignedIn  => get(handle::clinic::requirement);
    "PUT"    second_factor::REQUIREMENT,    SignedIn  => put(handle::clinic::require);
    "POST"   account::STAFF,        SignedIn    => post(handle::clinic::add_staff);
    "GET"    account::STAFF,        SignedIn    => get(handle::clinic::list_staff);
    "DELETE" account::STAFF_MEMBER, SignedIn    => delete(handle::clinic::remove_staff);
    "POST"   partner::SYSTEMS,      SignedIn    => post(handle::partner::connect);
    "GET"    partner::SYSTEMS,      SignedIn    => get(handle::partner::list);
    "DELETE" partner::SYSTEM,       SignedIn    => delete(handle::partner::disconnect);
    "POST"   partner::KEYS,         SignedIn    => post(handle::partner::make_key);
    "DELETE" partner::KEY,          SignedIn    => delete(handle::partner::end_key);
    "PUT"    interactions::INTERACTIONS, SignedIn => put(handle::interaction::load).layer(DefaultBodyLimit::max(safety::MAX_BYTES));
    "GET"    interactions::INTERACTIONS, SignedIn => get(handle::interaction::read);
    "DELETE" interactions::INTERACTIONS, SignedIn => delete(handle::interaction::withdraw);
    "POST"   invitation::INVITATIONS, SignedIn  => post(handle::invitation::invite);
    "POST"   invitation::LOOKUP,    SignedIn    => post(handle::invitation::lookup);
    "POST"   invitation::REDEEM,    SignedIn    => post(handle::invitation::redeem);
    "DELETE" invitation::GRANT,     SignedIn    => delete(handle::invitation::end_grant);
    "POST"   sync::PUSH,            TokenFirst  => post(handle::sync::push);
    "GET"    sync::CHANGES,         SignedIn    => get(handle::sync::changes);
    "GET"    sync::PATIENT_CHANGES, SignedIn    => get(handle::sync::patient_changes);
    "GET"    sync::HINTS,           HelloFirst  => get(handle::sync::hints);
    "GET"    audit::AUDIT,          SignedIn    => get(handle::patient::audit);
    "GET"    export::EXPORT,        SignedIn    => get(handle::patient::export);
    "GET"    partner::PATIENTS,     SignedIn + ProviderRead  => get(handle::patient::list);
    "GET"    patient::MEDICATIONS,  SignedIn + ScheduleRead  => get(handle::patient::medications);
    "GET"    patient::ADHERENCE,    SignedIn + AdherenceRead => get(handle::patient::adherence);
    "POST"   report::REPORT,        SignedIn    => post(handle::report::pdf);
    "POST"   partner::TOKEN,        Open        => post(handle::oauth::token);
    "POST"   partner::INTROSPECT,   Open        => post(handle::oauth::introspect);
    "POST"   partner::REVOKE,       Open        => post(handle::oauth::revoke);
    "GET"    partner::METADATA,     Open        => get(handle::oauth::metadata);
    "GET"    partner::JWKS,         Open        => get(handle::oauth::jwks);
    "POST"   partner::SHORT_TOKEN,    Open      => post(handle::partner::token);
    "GET"    partner::SHORT_VALIDATE, System    => get(handle::partner::validate);
    "DELETE" partner::SHORT_REVOKE,   System    => delete(handle::partner::revoke);
    "POST"   preview::PREVIEW,      Open        => post(handle::schedule::preview);
    "GET"    "/healthz",            Open        => get(handle::operations::alive);
    "GET"    "/readyz",             Open        => get(handle::operations::ready);
    "GET"    "/metrics",            ThisMachine => get(handle::operations::metrics);
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
