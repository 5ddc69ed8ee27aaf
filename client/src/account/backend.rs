//! Requests to the backend: addresses, headers, versions, and problems as faults.

use doseline_shared::api::{API_VERSION, ErrorCode, Problem, VERSION_HEADER};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    ask::Fault,
    core::Core,
    host::{Host, HttpRequest, HttpResponse},
    json,
    state::value,
    vault::Vault,
};

/// The status where what the device has is what the backend has.
pub(crate) const UNCHANGED: u16 = 304;

impl<H: Host, V: Vault> Core<H, V> {
    /// The backend's address, with no slash at its end.
    pub(crate) fn server(&self) -> Result<String, Fault> {
        self.host
            .origin()
            .map(|origin| origin.trim_end_matches('/').to_owned())
            .or_else(|| self.value(value::SERVER))
            .ok_or_else(|| Fault::field("server"))
    }

    /// Sends a request as the signed-in person.
    pub(crate) async fn send(&self, method: &'static str, path: &str, body: Option<String>) -> Result<String, Fault> {
        let request = Outgoing::json(method, path, body);
        text(self.exchange(&request).await?.body)
    }

    /// Sends a request of any kind as the signed-in person. An access token that has run out is replaced once.
    pub(crate) async fn exchange(&self, request: &Outgoing<'_>) -> Result<HttpResponse, Fault> {
        let access = self.access(None).await?;
        match self.exchange_with(request, Some(&access)).await {
            Err(fault) if fault.code == ErrorCode::SignedOut => {
                let access = self.access(Some(&access)).await?;
                self.exchange_with(request, Some(&access)).await
            }
            Err(fault) if fault.code == ErrorCode::SecondFactorRequired => {
                self.note_second_factor_missing(true).await?;
                Err(fault)
            }
            Err(fault) if fault.code == ErrorCode::OwnPasswordRequired => {
                self.note_first_password(true).await?;
                Err(fault)
            }
            other => other,
        }
    }

    /// Sends a request with this access token, or with none.
    pub(crate) async fn send_with(
        &self,
        method: &'static str,
        path: &str,
        body: Option<String>,
        access: Option<&str>,
    ) -> Result<String, Fault> {
        let request = Outgoing::json(method, path, body);
        text(self.exchange_with(&request, access).await?.body)
    }

    async fn exchange_with(&self, outgoing: &Outgoing<'_>, access: Option<&str>) -> Result<HttpResponse, Fault> {
        let mut headers = vec![(VERSION_HEADER, API_VERSION.to_string())];
        headers.extend(outgoing.header.clone());
        if let Some(access) = access {
            headers.push(("authorization", format!("Bearer {access}")));
        }
        let request = HttpRequest {
            method: outgoing.method,
            url: format!("{}{}", self.server()?, outgoing.path),
            headers,
            body: outgoing.body.clone(),
        };
        let answer = match self.host.http(request).await {
            Ok(answer) => answer,
            Err(unreachable) => {
                tracing::debug!(http.error = %unreachable, "the backend cannot be reached");
                self.heard(false);
                return Err(unreachable.into());
            }
        };
        if answer
            .api_version
            .as_deref()
            .is_some_and(|version| version != API_VERSION.to_string())
        {
            return Err(Fault::of(ErrorCode::OtherVersion));
        }
        if (200..300).contains(&answer.status) || answer.status == UNCHANGED {
            self.heard(true);
            return Ok(answer);
        }
        // Whatever stands between (a proxy, the page of a hotel's network) does not speak for the backend.
        let problem = text(answer.body)
            .ok()
            .and_then(|body| json::read::<Problem>(&body).ok());
        self.heard(problem.is_some());
        Err(problem.map_or(Fault::of(ErrorCode::Unavailable), Fault::from))
    }

    /// Notes whether the backend answered.
    fn heard(&self, online: bool) {
        let was = std::mem::replace(&mut self.state.borrow_mut().online, online);
        if was != online {
            self.host.changed();
        }
    }

    /// Sends a body as the signed-in person and reads the answer.
    pub(crate) async fn post<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> Result<T, Fault> {
        read(&self.send("POST", path, Some(written(body)?)).await?)
    }

    /// Asks as the signed-in person and reads the answer.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Fault> {
        read(&self.send("GET", path, None).await?)
    }

    /// Deletes as the signed-in person.
    pub(crate) async fn delete(&self, path: &str) -> Result<(), Fault> {
        self.send("DELETE", path, None).await.map(drop)
    }
}

/// An answer as text.
pub(crate) fn text(body: Vec<u8>) -> Result<String, Fault> {
    String::from_utf8(body).map_err(|_| Fault::of(ErrorCode::Unavailable))
}

/// A request on its way.
pub(crate) struct Outgoing<'a> {
    pub(crate) method: &'static str,
    pub(crate) path: &'a str,
    /// Beside the version and the access token.
    pub(crate) header: Option<(&'static str, String)>,
    pub(crate) body: Option<String>,
}

impl<'a> Outgoing<'a> {
    pub(crate) fn json(method: &'static str, path: &'a str, body: Option<String>) -> Self {
        let header = body.is_some().then(|| ("content-type", "application/json".to_owned()));
        Self {
            method,
            path,
            header,
            body,
        }
    }
}

/// A body as JSON.
pub(crate) fn written<B: Serialize>(body: &B) -> Result<String, Fault> {
    serde_json::to_string(body).map_err(|_| Fault::of(ErrorCode::Internal))
}

/// An answer out of JSON. What cannot be read did not come from the backend of this version.
pub(crate) fn read<T: DeserializeOwned>(body: &str) -> Result<T, Fault> {
    json::read(body).map_err(|_| Fault::of(ErrorCode::Unavailable))
}

/// The address as it is kept: with a scheme, without a slash at its end. Plain HTTP only within the computer itself.
pub(crate) fn server_address(text: &str) -> Result<String, Fault> {
    let (scheme, rest) = text.trim().split_once("://").unwrap_or(("https", text.trim()));
    let rest = rest.trim_end_matches('/');
    let safe = scheme == "https" || scheme == "http" && is_loopback(rest);
    if safe && !rest.is_empty() && !rest.contains(char::is_whitespace) {
        Ok(format!("{scheme}://{rest}"))
    } else {
        Err(Fault::field("server"))
    }
}

fn is_loopback(rest: &str) -> bool {
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    matches!(host, "localhost" | "127.0.0.1" | "::1")
}

#[cfg(test)]
mod tests {
    use super::server_address;

    #[test]
    fn plain_http_stays_within_the_computer() {
        assert_eq!(server_address(" clinic.example/ ").unwrap(), "https://clinic.example");
        assert_eq!(
            server_address("http://127.0.0.1:8700").unwrap(),
            "http://127.0.0.1:8700"
        );
        assert_eq!(server_address("http://[::1]:8700").unwrap(), "http://[::1]:8700");
        for wrong in [
            "http://clinic.example",
            "http://localhost.evil.example",
            "ftp://clinic.example",
            "",
            "https://",
        ] {
            assert!(server_address(wrong).is_err(), "{wrong}");
        }
    }
}
