//! The secrets that messages are signed with, and the signatures (Standard Webhooks, `v1`: HMAC-SHA-256).

use base64::{Engine, engine::general_purpose::STANDARD};
use doseline_shared::id::{MessageId, WebhookId};
use ring::hmac;
use zeroize::Zeroizing;

use crate::{fault::Fault, lock::Lock, random};

const PREFIX: &str = "whsec_";
/// Bytes of a secret.
const LENGTH: usize = 32;

/// Makes secrets, and keeps them so that they are of use here alone.
pub struct Secrets(Lock);

/// A new secret.
pub struct Fresh {
    /// As it is kept.
    pub kept: String,
    /// As it is shown, once.
    pub shown: String,
}

impl Secrets {
    /// Under this key.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(Lock::new(key, "webhooks"))
    }

    /// A new secret for this webhook.
    ///
    /// # Errors
    /// [`Fault::Internal`], which is a fault of the program.
    pub fn fresh(&self, webhook: WebhookId) -> Result<Fresh, Fault> {
        let secret: Zeroizing<[u8; LENGTH]> = Zeroizing::new(random::bytes());
        Ok(Fresh {
            kept: self.0.locked(webhook.uuid(), secret.as_slice())?,
            shown: format!("{PREFIX}{}", STANDARD.encode(secret.as_slice())),
        })
    }

    /// The signatures by each of the secrets that are kept, a space between them.
    pub(super) fn signatures<'a>(
        &self,
        webhook: WebhookId,
        kept: impl IntoIterator<Item = &'a String>,
        message: MessageId,
        seconds: i64,
        body: &str,
    ) -> Result<String, Fault> {
        let text = format!("{message}.{seconds}.{body}");
        let sign = |kept: &String| {
            let secret = self.0.open(webhook.uuid(), kept)?;
            Ok(signature(&secret, &text))
        };
        let all: Vec<String> = kept.into_iter().map(sign).collect::<Result<_, Fault>>()?;
        Ok(all.join(" "))
    }
}

fn signature(secret: &[u8], text: &str) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
    format!("v1,{}", STANDARD.encode(tag))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use standardwebhooks::Webhook;

    use super::*;

    #[test]
    fn an_outside_library_signs_alike_with_the_secret_that_was_shown() {
        let secrets = Secrets::new(&[1; 32]);
        let now = DateTime::from_timestamp(1_772_000_000, 0).unwrap();
        let webhook = random::id(now, WebhookId::new);
        let message = random::id(now, MessageId::new);
        let (one, other) = (secrets.fresh(webhook).unwrap(), secrets.fresh(webhook).unwrap());
        assert!(one.shown.starts_with("whsec_") && one.shown.len() == 50 && one.shown != other.shown);
        assert!(!one.kept.contains(one.shown.trim_start_matches("whsec_")));
        let body = r#"{"type":"webhook.ping"}"#;
        let ours = secrets
            .signatures(webhook, [&one.kept, &other.kept], message, now.timestamp(), body)
            .unwrap();
        let theirs = [&one, &other].map(|secret| {
            let library = Webhook::new(&secret.shown).unwrap();
            let id = message.to_string();
            library.sign(&id, now.timestamp(), body.as_bytes()).unwrap()
        });
        assert_eq!(ours, theirs.join(" "));

        // A row that is copied to another webhook signs nothing there.
        let elsewhere = random::id(now, WebhookId::new);
        assert!(secrets.signatures(elsewhere, [&one.kept], message, 0, body).is_err());
        let others = Secrets::new(&[2; 32]);
        assert!(others.signatures(webhook, [&one.kept], message, 0, body).is_err());
    }

    #[test]
    fn the_example_of_the_documentation_is_signed_as_it_says() {
        let page = include_str!("../../../docs/integrating.md");
        let after = |start: &str| {
            let line = page.lines().find_map(|line| line.strip_prefix(start));
            line.unwrap_or_else(|| panic!("the page has no line that begins with {start}"))
        };
        let (id, seconds) = (after("webhook-id: "), after("webhook-timestamp: "));
        let body = page.lines().find(|line| line.starts_with("{\"type\":")).unwrap();
        let secret = page.split("whsec_").nth(1).unwrap().split('`').next().unwrap();
        let found = signature(&STANDARD.decode(secret).unwrap(), &format!("{id}.{seconds}.{body}"));
        assert_eq!(found, after("webhook-signature: "));
    }
}
