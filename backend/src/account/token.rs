//! Access tokens (JWT, EdDSA, `typ=at+jwt`, 15 minutes; RFC 9068) and refresh tokens (256 random bits, kept hashed).
//!
//! A token that verifies says only who it was made for. Whether the session still lives is the store's to say, on every
//! request, so that ending one takes effect at once. A device sends the same token for a quarter of an hour: its signature
//! is checked the first time, and remembered.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use doseline_shared::{
    api::partner::ApiScopes,
    id::{DeviceId, PersonId, SessionId, uuid_v7},
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use ring::{
    digest::{SHA256, digest},
    hmac,
    signature::{Ed25519KeyPair, KeyPair},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{fault::Fault, random};

/// How long an access token serves, in minutes.
pub const ACCESS_MINUTES: i64 = 15;

/// How many verified tokens are remembered, a few megabytes of them.
const REMEMBERED: usize = 20_000;

const AUDIENCE: &str = "doseline-api";
const TYPE: &str = "at+jwt";
/// The client of the sessions of people: the app.
const APP: &str = "doseline-app";

/// Signs and verifies access tokens.
pub struct Tokens {
    issuer: String,
    signing: EncodingKey,
    verifying: DecodingKey,
    /// The public key, as a JSON web key.
    public: Jwk,
    successors: hmac::Key,
    /// Tokens that have verified, by their hash, with the end of each in seconds.
    verified: Mutex<HashMap<String, (Bearer, i64)>>,
}

/// What an access token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: PersonId,
    client_id: String,
    jti: Uuid,
    sid: SessionId,
    did: DeviceId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<ApiScopes>,
    iat: i64,
    exp: i64,
}

/// A public key of Ed25519 as a JSON web key (RFC 8037, section 2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Jwk {
    /// `OKP`.
    kty: &'static str,
    /// `Ed25519`.
    crv: &'static str,
    /// The key.
    x: String,
    /// `sig`.
    #[serde(rename = "use")]
    purpose: &'static str,
    /// `EdDSA`.
    alg: &'static str,
    /// The thumbprint of the key (RFC 7638): SHA-256 over its necessary members in the order of their names.
    kid: String,
}

impl Jwk {
    fn ed25519(public: &[u8]) -> Self {
        let x = URL_SAFE_NO_PAD.encode(public);
        let necessary = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let thumbprint = digest(&SHA256, necessary.as_bytes());
        Self {
            kty: "OKP",
            crv: "Ed25519",
            x,
            purpose: "sig",
            alg: "EdDSA",
            kid: URL_SAFE_NO_PAD.encode(thumbprint),
        }
    }
}

/// Who a token was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// The person, or the system.
    pub person: PersonId,
    /// The session.
    pub session: SessionId,
    /// The device; of a system, its key.
    pub device: DeviceId,
    /// What a system's token opens; none for a person.
    pub scopes: Option<ApiScopes>,
}

impl Tokens {
    /// Signs access tokens of `issuer` with the Ed25519 key of `seed`; `successors` makes the answers to refreshes.
    pub fn new(issuer: String, seed: &[u8; 32], successors: &[u8; 32]) -> Self {
        // PKCS#8 version 1 around an Ed25519 seed (RFC 8410, section 7): jsonwebtoken takes no other form.
        const PREFIX: [u8; 16] = [
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
        ];
        let pkcs8 = [PREFIX.as_slice(), seed.as_slice()].concat();
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("any 32 bytes are a seed");
        Self {
            issuer,
            public: Jwk::ed25519(pair.public_key().as_ref()),
            signing: EncodingKey::from_ed_der(&pkcs8),
            verifying: DecodingKey::from_ed_der(pair.public_key().as_ref()),
            successors: hmac::Key::new(hmac::HMAC_SHA256, successors),
            verified: Mutex::default(),
        }
    }

    /// Who signs.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What others verify access tokens with.
    pub const fn public(&self) -> &Jwk {
        &self.public
    }

    /// An access token for `bearer`, and when it ends.
    pub fn access(&self, bearer: Bearer, now: DateTime<Utc>) -> Result<(String, DateTime<Utc>), Fault> {
        let until = now + TimeDelta::minutes(ACCESS_MINUTES);
        self.access_until(bearer, now, until).map(|token| (token, until))
    }

    /// An access token for `bearer` that ends at `until`.
    pub fn access_until(&self, bearer: Bearer, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<String, Fault> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.public.kid.clone());
        let client_id = match bearer.scopes {
            Some(_) => bearer.person.to_string(),
            None => APP.to_owned(),
        };
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: bearer.person,
            client_id,
            jti: random::id(now, uuid_v7),
            sid: bearer.session,
            did: bearer.device,
            scope: bearer.scopes,
            iat: now.timestamp(),
            exp: until.timestamp(),
        };
        jsonwebtoken::encode(&header, &claims, &self.signing).map_err(|_| Fault::Internal)
    }

    /// The refresh token that takes the place of `old`. Where the device has chosen a text for this one request, the same
    /// request gives the same token; nobody without the key can tell it from a random one.
    pub fn successor(&self, old: &str, retry: Option<&str>) -> String {
        match retry {
            Some(retry) => {
                let request = random::digest(&[old.as_bytes(), retry.as_bytes()]);
                URL_SAFE_NO_PAD.encode(hmac::sign(&self.successors, request.as_bytes()))
            }
            None => fresh_refresh(),
        }
    }

    /// Who `token` was made for, where it is one of ours and has not ended.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Bearer, Fault> {
        self.verify_until(token, now).map(|(bearer, _)| bearer)
    }

    /// The same, with when it ends, in seconds since 1970.
    pub fn verify_until(&self, token: &str, now: DateTime<Utc>) -> Result<(Bearer, i64), Fault> {
        let hash = random::digest(&[b"access", token.as_bytes()]);
        let known = self.remembered().get(&hash).copied();
        let (bearer, end) = match known {
            Some(known) => known,
            None => self.checked(token)?,
        };
        if now.timestamp() >= end {
            self.remembered().remove(&hash);
            return Err(Fault::SignedOut);
        }
        if known.is_none() {
            let mut verified = self.remembered();
            if verified.len() >= REMEMBERED {
                verified.clear();
            }
            verified.insert(hash, (bearer, end));
        }
        Ok((bearer, end))
    }

    /// Who `token` was made for, where it is one of ours, however long ago it ended: for the audit, never to let anyone in.
    pub fn made_for(&self, token: &str) -> Option<Bearer> {
        self.checked(token).ok().map(|(bearer, _)| bearer)
    }

    fn remembered(&self) -> MutexGuard<'_, HashMap<String, (Bearer, i64)>> {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who `token` was made for, and when it ends, where its signature and everything else about it hold.
    fn checked(&self, token: &str) -> Result<(Bearer, i64), Fault> {
        let mut rules = Validation::new(Algorithm::EdDSA);
        // Whose key it is says the signature. By name one backend may go by several addresses, or by a new one.
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The end is compared by `verify` with the caller's clock, so that there is one clock.
        rules.validate_exp = false;
        let token = jsonwebtoken::decode::<Claims>(token, &self.verifying, &rules).map_err(|_| Fault::SignedOut)?;
        if token.header.typ.as_deref() != Some(TYPE) {
            return Err(Fault::SignedOut);
        }
        let bearer = Bearer {
            person: token.claims.sub,
            session: token.claims.sid,
            device: token.claims.did,
            scopes: token.claims.scope,
        };
        Ok((bearer, token.claims.exp))
    }
}

/// A fresh refresh token. Only its hash is kept.
pub fn fresh_refresh() -> String {
    URL_SAFE_NO_PAD.encode(random::bytes::<32>())
}

/// What is kept of a refresh token.
pub fn refresh_hash(token: &str) -> String {
    random::digest(&[b"refresh", token.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer() -> Bearer {
        let now = DateTime::UNIX_EPOCH;
        Bearer {
            person: PersonId::new(now, [1; 10]),
            session: SessionId::new(now, [2; 10]),
            device: DeviceId::new(now, [3; 10]),
            scopes: None,
        }
    }

    fn tokens(seed: u8) -> Tokens {
        Tokens::new("https://clinic.example".to_owned(), &[seed; 32], &[0; 32])
    }

    #[test]
    fn a_token_serves_for_fifteen_minutes_and_not_a_second_longer() {
        let (other, tokens) = (tokens(8), tokens(7));
        let now = Utc::now();
        let (token, until) = tokens.access(bearer(), now).unwrap();
        assert_eq!(tokens.verify(&token, now).unwrap(), bearer());
        assert!(tokens.verify(&token, until - TimeDelta::seconds(1)).is_ok());
        assert_eq!(tokens.verify(&token, until), Err(Fault::SignedOut));
        assert_eq!(tokens.made_for(&token), Some(bearer()));
        assert_eq!(other.made_for(&token), None);
    }

    #[test]
    fn a_key_is_published_under_its_thumbprint() {
        // The key and the thumbprint of RFC 8037, appendices A.2 and A.3.
        let public = URL_SAFE_NO_PAD
            .decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
            .unwrap();
        assert_eq!(Jwk::ed25519(&public).kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_token_of_another_key_type_or_algorithm_is_refused() {
        let (other, tokens) = (tokens(8), tokens(7));
        let now = Utc::now();
        let (foreign, _) = other.access(bearer(), now).unwrap();
        assert_eq!(tokens.verify(&foreign, now), Err(Fault::SignedOut));

        let claims = |aud: &str| Claims {
            iss: tokens.issuer().to_owned(),
            aud: aud.to_owned(),
            sub: bearer().person,
            client_id: APP.to_owned(),
            jti: Uuid::nil(),
            scope: None,
            sid: bearer().session,
            did: bearer().device,
            iat: now.timestamp(),
            exp: now.timestamp() + 60,
        };
        let typed = |typ: &str, aud: &str| {
            let mut header = Header::new(Algorithm::EdDSA);
            header.typ = Some(typ.to_owned());
            jsonwebtoken::encode(&header, &claims(aud), &tokens.signing).unwrap()
        };
        assert!(tokens.verify(&typed("at+jwt", AUDIENCE), now).is_ok());
        assert_eq!(tokens.verify(&typed("JWT", AUDIENCE), now), Err(Fault::SignedOut));
        assert_eq!(tokens.verify(&typed("at+jwt", "elsewhere"), now), Err(Fault::SignedOut));

        let symmetric = EncodingKey::from_secret(&[7; 32]);
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(TYPE.to_owned());
        let confused = jsonwebtoken::encode(&header, &claims(AUDIENCE), &symmetric).unwrap();
        assert_eq!(tokens.verify(&confused, now), Err(Fault::SignedOut));
    }
}
