//! The shape of what other systems read: only the fields that were asked for (`fields=`), and nothing at all where the asker
//! has it already (`If-None-Match`, RFC 9110, section 13.1.2). Owns what a list of fields means.
//!
//! A field is named by its path, with dots between names; a list is gone through, so `patients.name` is the name of each.

use axum::{
    body::{Body, to_bytes},
    extract::{Query, Request},
    http::{HeaderValue, StatusCode, Uri, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::read::tags;
use crate::{fault::Fault, random};

/// Kept by whoever asks, and asked for again each time.
pub const KEEP: &str = "private, no-cache";

/// Most paths in a list.
const MOST: usize = 50;
/// Deepest path.
const DEEPEST: usize = 8;

/// Shapes the answer of the endpoint behind.
pub async fn shaped(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let known = tags(&parts.headers);
    let fields = match taken(&mut parts) {
        Ok(fields) => fields,
        Err(fault) => return fault.into_response(),
    };
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.status() != StatusCode::OK {
        return response;
    }
    shape(response, fields, &known)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

async fn shape(response: Response, fields: Option<Fields>, known: &[String]) -> Result<Response, Fault> {
    let (mut head, body) = response.into_parts();
    let mut bytes: Vec<u8> = to_bytes(body, usize::MAX).await.map_err(|_| Fault::Internal)?.into();
    if let Some(fields) = fields {
        let value = serde_json::from_slice(&bytes).map_err(|_| Fault::Internal)?;
        bytes = serde_json::to_vec(&fields.of_answer(value)?).map_err(|_| Fault::Internal)?;
    }
    let tag: String = random::digest(&[b"answer", &bytes]).chars().take(32).collect();
    // Weak: the answer may be sent compressed or not.
    let weak = HeaderValue::from_str(&format!("W/\"{tag}\"")).map_err(|_| Fault::Internal)?;
    head.headers.insert(header::ETAG, weak);
    head.headers
        .insert(header::CACHE_CONTROL, HeaderValue::from_static(KEEP));
    head.headers.remove(header::CONTENT_LENGTH);
    if known.iter().any(|known| *known == tag || known == "*") {
        head.status = StatusCode::NOT_MODIFIED;
        head.headers.remove(header::CONTENT_TYPE);
        bytes.clear();
    }
    Ok(Response::from_parts(head, Body::from(bytes)))
}

#[derive(Deserialize)]
struct Asked {
    fields: String,
}

/// Takes `fields` out of the query, so that the endpoint behind sees the rest.
fn taken(parts: &mut Parts) -> Result<Option<Fields>, Fault> {
    let wrong = |problem: &str| Fault::field("fields", problem);
    let query = parts.uri.query().unwrap_or_default();
    let is_fields = |part: &&str| part.split('=').next() == Some("fields");
    let (asked, rest): (Vec<&str>, Vec<&str>) = query.split('&').partition(is_fields);
    let asked = match asked.as_slice() {
        [] => return Ok(None),
        [one] => format!("/?{one}"),
        _ => return Err(wrong("say it once, with commas between the paths")),
    };
    let asked: Uri = asked.parse().map_err(|_| wrong("cannot be read"))?;
    let Query(Asked { fields }) = Query::try_from_uri(&asked).map_err(|_| wrong("cannot be read"))?;
    let rest = format!("{}?{}", parts.uri.path(), rest.join("&"));
    parts.uri = rest.parse().map_err(|_| Fault::Internal)?;
    Fields::read(&fields).map(Some)
}

/// The fields that were asked for: of each name all, or what is asked for beneath it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Fields(Vec<(String, Option<Fields>)>);

impl Fields {
    fn read(text: &str) -> Result<Self, Fault> {
        let paths: Vec<&str> = text.split(',').map(str::trim).collect();
        let mut fields = Self::default();
        for path in &paths {
            let names: Vec<&str> = path.split('.').collect();
            if paths.len() > MOST || names.len() > DEEPEST || names.iter().any(|name| name.is_empty()) {
                let problem = format!(
                    "is a list of at most {MOST} paths with commas between them, each of at most {DEEPEST} names with dots \
                     between them"
                );
                return Err(Fault::field("fields", problem));
            }
            fields.add(&names);
        }
        Ok(fields)
    }

    fn add(&mut self, names: &[&str]) {
        let Some((first, rest)) = names.split_first() else {
            return;
        };
        let place = self.0.iter().position(|(name, _)| name == first);
        let place = place.unwrap_or_else(|| {
            self.0.push(((*first).to_owned(), Some(Self::default())));
            self.0.len() - 1
        });
        if let Some((_, beneath)) = self.0.get_mut(place) {
            match beneath {
                // The whole of it was asked for, which is the wider.
                None => {}
                Some(_) if rest.is_empty() => *beneath = None,
                Some(beneath) => beneath.add(rest),
            }
        }
    }

    /// What of a whole answer was asked for. At its top every name must be there: a misspelt one is an error.
    fn of_answer(&self, value: Value) -> Result<Value, Fault> {
        if let Value::Object(all) = &value
            && self.0.iter().any(|(name, _)| !all.contains_key(name))
        {
            let names: Vec<&str> = all.keys().map(String::as_str).collect();
            return Err(Fault::field("fields", format!("the answer has {}", names.join(", "))));
        }
        Ok(self.of(value))
    }

    fn of(&self, value: Value) -> Value {
        match value {
            Value::Object(mut all) => {
                let mut kept = Map::new();
                for (name, beneath) in &self.0 {
                    if let Some(value) = all.remove(name) {
                        let value = match beneath {
                            Some(beneath) => beneath.of(value),
                            None => value,
                        };
                        kept.insert(name.clone(), value);
                    }
                }
                Value::Object(kept)
            }
            Value::Array(each) => each.into_iter().map(|value| self.of(value)).collect(),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(fields: &str) -> Value {
        let answer = json!({
            "patient": "a", "zone": "UTC",
            "medications": [
                {"name": "one", "plan": [{"number": 1, "from": "x"}], "schedule": null},
                {"name": "two", "plan": [], "schedule": {"rule": {"kind": "wall"}, "start": "y"}},
            ],
        });
        Fields::read(fields).unwrap().of_answer(answer).unwrap()
    }

    #[test]
    fn what_is_asked_for_is_kept_through_lists_and_nothing_else_is() {
        assert_eq!(asked("patient"), json!({"patient": "a"}));
        assert_eq!(
            asked("medications.name, zone"),
            json!({"medications": [{"name": "one"}, {"name": "two"}], "zone": "UTC"})
        );
        assert_eq!(
            asked("medications.plan.number,medications.schedule.rule"),
            json!({"medications": [
                {"plan": [{"number": 1}], "schedule": null},
                {"plan": [], "schedule": {"rule": {"kind": "wall"}}},
            ]})
        );
    }

    #[test]
    fn the_whole_of_a_field_is_wider_than_a_part_in_either_order() {
        let whole = json!([{"number": 1, "from": "x"}]);
        for fields in [
            "medications.plan,medications.plan.number",
            "medications.plan.number,medications.plan",
        ] {
            assert_eq!(asked(fields)["medications"][0]["plan"], whole, "{fields}");
        }
    }

    #[test]
    fn what_is_no_list_of_fields_is_refused() {
        for wrong in ["", "a,,b", ".a", "a.", "a.b.c.d.e.f.g.h.i", &vec!["a"; 51].join(",")] {
            assert!(matches!(Fields::read(wrong), Err(Fault::Field { .. })), "{wrong}");
        }
        let fault = Fields::read("nam").unwrap().of_answer(json!({"name": 1, "next": 2}));
        assert_eq!(fault, Err(Fault::field("fields", "the answer has name, next")));
    }
}
