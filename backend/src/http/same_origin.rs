//! Whose page a WebSocket is opened from. A browser lets any page open one to anywhere, and says whose page it is; what is
//! not a browser says nothing, and so does the app on computers and phones, whose core connects itself.

use axum::http::{HeaderMap, HeaderName, header};

use crate::{app::App, fault::Fault};

/// Lets through what comes from the web app that this backend serves, or from no page at all.
pub fn ours(app: &App, headers: &HeaderMap) -> Result<(), Fault> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let said = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    // A proxy may speak TLS before us, so that only the page knows the scheme: the name and the port have to agree.
    let is_ours = origin.to_str().is_ok_and(|origin| {
        let here = said(header::HOST).is_some_and(|host| names(origin, host));
        here || authority(&app.public_url)
            .is_some_and(|(scheme, host)| origin.starts_with(scheme) && names(origin, host))
    });
    if is_ours {
        Ok(())
    } else {
        Err(Fault::Forbidden {
            why: "not from a page of this backend",
        })
    }
}

/// Whether an origin is of this host, with its port where it is not that of the scheme.
fn names(origin: &str, host: &str) -> bool {
    authority(origin).is_some_and(|(scheme, theirs)| {
        let port = if scheme == "https://" { ":443" } else { ":80" };
        let bare = |host: &str| host.strip_suffix(port).unwrap_or(host).to_ascii_lowercase();
        bare(theirs) == bare(host)
    })
}

/// Scheme and host of an address, without the path behind them.
fn authority(url: &str) -> Option<(&'static str, &str)> {
    let (scheme, rest) = ["https://", "http://"]
        .into_iter()
        .find_map(|scheme| Some((scheme, url.strip_prefix(scheme)?)))?;
    Some((scheme, rest.split('/').next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn an_origin_names_a_host_by_its_whole_name_and_its_port() {
        for (origin, host) in [
            ("https://clinic.example", "clinic.example"),
            ("https://clinic.example", "Clinic.example:443"),
            ("http://clinic.example:80", "clinic.example"),
            ("http://[::1]:8700", "[::1]:8700"),
        ] {
            assert!(names(origin, host), "{origin} {host}");
        }
        for (origin, host) in [
            ("https://clinic.example", "clinic.example:80"),
            ("https://clinic.example:8443", "clinic.example"),
            ("https://clinic.example.evil.example", "clinic.example"),
            ("https://evil.example/clinic.example", "clinic.example"),
            ("tauri://localhost", "localhost"),
            ("null", "null"),
            ("", ""),
        ] {
            assert!(!names(origin, host), "{origin} {host}");
        }
    }
}
