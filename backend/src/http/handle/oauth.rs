//! OAuth 2.0 for systems: tokens by client credentials (RFC 6749, section 4.4), introspection (RFC 7662), revocation
//! (RFC 7009), and what a client finds out about us by itself (RFC 8414, RFC 7517). Errors leave in the shape of RFC 6749,
//! section 5.2.

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use doseline_shared::api::partner::{AccessToken, ApiScope, INTROSPECT, Introspection, JWKS, REVOKE, TOKEN};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    account::token::Jwk,
    app::{App, Origin},
    fault::Fault,
    http::{around::authorization, read::Json},
    partner::{self, Credentials},
};

/// Every parameter that one of the forms has. What else a client sends is ignored, what it sends twice is not
/// (RFC 6749, section 3.2).
#[derive(Deserialize, JsonSchema)]
pub struct Asked {
    /// For a token: `client_credentials`.
    grant_type: Option<String>,
    /// For a token: what it is to open, names with spaces between them; all that the key opens where it is missing.
    scope: Option<String>,
    /// To introspect or to revoke: the token.
    token: Option<String>,
    /// The system, where it is not said by HTTP Basic.
    client_id: Option<String>,
    /// Its key, where it is not said by HTTP Basic.
    client_secret: Option<String>,
}

type Read = Result<Form<Asked>, FormRejection>;

pub async fn token(
    State(app): State<App>,
    origin: Origin,
    headers: HeaderMap,
    form: Read,
) -> Result<Json<AccessToken>, OAuthFault> {
    let (credentials, asked) = read(&headers, form)?;
    match asked.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => return Err(Fault::field("grant_type", "only client_credentials is supported").into()),
        None => return Err(bad("grant_type is missing")),
    }
    let token = partner::issue(&app, origin, credentials, asked.scope.as_deref()).await?;
    Ok(Json(token))
}

pub async fn introspect(
    State(app): State<App>,
    headers: HeaderMap,
    form: Read,
) -> Result<Json<Introspection>, OAuthFault> {
    let (credentials, asked) = read(&headers, form)?;
    let token = asked.token.ok_or_else(|| bad("token is missing"))?;
    Ok(Json(partner::introspect(&app, credentials, &token).await?))
}

/// The token serves no more; there is nothing to say (RFC 7009, section 2.2).
pub struct Ended;

impl IntoResponse for Ended {
    fn into_response(self) -> Response {
        StatusCode::OK.into_response()
    }
}

pub async fn revoke(State(app): State<App>, headers: HeaderMap, form: Read) -> Result<Ended, OAuthFault> {
    let (credentials, asked) = read(&headers, form)?;
    let token = asked.token.ok_or_else(|| bad("token is missing"))?;
    partner::revoke(&app, credentials, &token).await?;
    Ok(Ended)
}

/// What RFC 8414, section 2 has of us.
#[derive(Serialize, JsonSchema)]
pub struct Metadata {
    issuer: String,
    token_endpoint: String,
    introspection_endpoint: String,
    revocation_endpoint: String,
    jwks_uri: String,
    grant_types_supported: [&'static str; 1],
    response_types_supported: [&'static str; 0],
    scopes_supported: Vec<&'static str>,
    token_endpoint_auth_methods_supported: [&'static str; 2],
    introspection_endpoint_auth_methods_supported: [&'static str; 2],
    revocation_endpoint_auth_methods_supported: [&'static str; 2],
}

pub async fn metadata(State(app): State<App>) -> Json<Metadata> {
    const METHODS: [&str; 2] = ["client_secret_basic", "client_secret_post"];
    let issuer = app.tokens.issuer();
    let at = |path: &str| format!("{issuer}{path}");
    Json(Metadata {
        issuer: issuer.to_owned(),
        token_endpoint: at(TOKEN),
        introspection_endpoint: at(INTROSPECT),
        revocation_endpoint: at(REVOKE),
        jwks_uri: at(JWKS),
        grant_types_supported: ["client_credentials"],
        response_types_supported: [],
        scopes_supported: ApiScope::ALL.iter().map(|scope| scope.name()).collect(),
        token_endpoint_auth_methods_supported: METHODS,
        introspection_endpoint_auth_methods_supported: METHODS,
        revocation_endpoint_auth_methods_supported: METHODS,
    })
}

/// A set of keys (RFC 7517, section 5).
#[derive(Serialize, JsonSchema)]
pub struct Jwks {
    keys: [Jwk; 1],
}

pub async fn jwks(State(app): State<App>) -> Json<Jwks> {
    Json(Jwks {
        keys: [app.tokens.public().clone()],
    })
}

fn read(headers: &HeaderMap, form: Read) -> Result<(Credentials, Asked), OAuthFault> {
    let Ok(Form(asked)) = form else {
        return Err(bad(
            "send a form (application/x-www-form-urlencoded) that says nothing twice",
        ));
    };
    let basic = headers.contains_key(header::AUTHORIZATION).then(|| basic(headers));
    let (client, key) = match (basic, &asked.client_id, &asked.client_secret) {
        (Some(_), _, Some(_)) => return Err(bad("send client id and secret in one way, not in two")),
        (Some(basic), None, None) => basic.ok_or(Fault::WrongKey)?,
        (Some(basic), Some(client), None) => {
            let (of, key) = basic.ok_or(Fault::WrongKey)?;
            if of != *client {
                return Err(bad("the client id is said twice, and not the same"));
            }
            (of, key)
        }
        (None, Some(client), Some(key)) => (client.clone(), key.clone()),
        (None, _, _) => return Err(Fault::WrongKey.into()),
    };
    let credentials = Credentials {
        client: Some(client.parse().map_err(|_| Fault::WrongKey)?),
        key,
    };
    Ok((credentials, asked))
}

/// Client id and secret of `Authorization: Basic`. Both are of characters that form-encoding (RFC 6749, section 2.3.1)
/// leaves as they are.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let encoded = authorization(headers, "basic")?;
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (client, secret) = text.split_once(':')?;
    Some((client.to_owned(), secret.to_owned()))
}

fn bad(problem: &str) -> OAuthFault {
    OAuthFault(Fault::BadRequest {
        problem: problem.to_owned(),
    })
}

/// An error by RFC 6749, section 5.2.
#[derive(Serialize, JsonSchema)]
pub struct OAuthProblem {
    /// Which, such as `invalid_client`.
    error: &'static str,
    /// One sentence for a developer: what is wrong and the way out.
    error_description: String,
}

/// A fault in the shape of RFC 6749, section 5.2.
pub struct OAuthFault(Fault);

impl From<Fault> for OAuthFault {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

impl IntoResponse for OAuthFault {
    fn into_response(self) -> Response {
        let error = match &self.0 {
            Fault::WrongKey => "invalid_client",
            Fault::Field { path, .. } if path == "scope" => "invalid_scope",
            Fault::Field { path, .. } if path == "grant_type" => "unsupported_grant_type",
            Fault::TooManyAttempts { .. } | Fault::Unavailable { .. } => "temporarily_unavailable",
            Fault::Internal => "server_error",
            _ => "invalid_request",
        };
        let body = Json(OAuthProblem {
            error,
            error_description: self.0.to_string(),
        });
        // Everything else is as with every other fault: what it tells the audit, and when to come again.
        let mut response = self.0.into_response();
        let (parts, body) = body.into_response().into_parts();
        *response.body_mut() = body;
        if response.status() == StatusCode::UNPROCESSABLE_ENTITY {
            *response.status_mut() = StatusCode::BAD_REQUEST;
        }
        let headers = response.headers_mut();
        headers.extend(parts.headers);
        if headers.contains_key(header::WWW_AUTHENTICATE) {
            let basic = HeaderValue::from_static("Basic realm=\"doseline\"");
            headers.insert(header::WWW_AUTHENTICATE, basic);
        }
        response
    }
}
