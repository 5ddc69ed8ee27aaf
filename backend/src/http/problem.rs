//! Errors as they leave: RFC 9457 `application/problem+json`, with `Retry-After` where there is a time to wait.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use doseline_shared::id::PersonId;

use crate::fault::Fault;

/// What an answer that refuses says to the audit.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    /// The code of the answer.
    pub code: &'static str,
    /// Which rule says so.
    pub why: &'static str,
    /// Whose account was to be signed in to.
    pub account: Option<PersonId>,
}

impl Refused {
    /// None where the fault is not that the caller may not.
    fn by(fault: &Fault) -> Option<Self> {
        let why = match fault {
            Fault::SignedOut => "nobody is signed in, or no longer",
            Fault::WrongCredentials { .. } => "e-mail and password do not fit together",
            Fault::WrongKey => "the key is wrong, ended or expired",
            Fault::Forbidden { why } | Fault::Hidden { why } => why,
            // Half of a sign-in that is going on: the other half is an attempt of its own.
            Fault::SecondFactorNeeded => return None,
            Fault::SecondFactorWrong { .. } => "the code of the second factor is wrong",
            Fault::SecondFactorRequired => "the clinic asks for a second factor, and there is none",
            Fault::OwnPasswordRequired => "the password is a first one, and has to be changed",
            Fault::FirstPasswordEnded { .. } => "the first password has ended",
            Fault::NotFound => "there is no such thing",
            Fault::CodeInvalid => "the code does not work",
            Fault::BadRequest { .. }
            | Fault::Field { .. }
            | Fault::List(_)
            | Fault::TooMuch { .. }
            | Fault::EmailTaken
            | Fault::Conflict { .. }
            | Fault::TooManyAttempts { .. }
            | Fault::OtherVersion { .. }
            | Fault::Unavailable { .. }
            | Fault::Internal => return None,
        };
        let account = match fault {
            Fault::WrongCredentials { account } => *account,
            Fault::SecondFactorWrong { account } | Fault::FirstPasswordEnded { account } => Some(*account),
            _ => None,
        };
        Some(Self {
            code: fault.code().name(),
            why,
            account,
        })
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let refused = Refused::by(&self);
        let problem = self.problem();
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = problem.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if problem.status == 401 {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(refused) = refused {
            response.extensions_mut().insert(refused);
        }
        response
    }
}
