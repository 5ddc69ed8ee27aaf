//! Systems that a clinic connects: their keys, their tokens by OAuth 2.0 and by the short form, and what becomes of both.

use axum::{body::Body, http::Request};
use chrono::TimeDelta;
use doseline_backend::config::PublicUrl;
use doseline_shared::{
    api::{
        audit::Audit,
        partner::{AccessToken, Introspection, IssuedKey, PartnerSystem, Patients, Validated},
    },
    audit::Way,
    id::ClinicId,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use oauth2::{
    AuthUrl, ClientId, ClientSecret, HttpRequest, HttpResponse, IntrospectionUrl, RevocationUrl, Scope,
    StandardRevocableToken, TokenIntrospectionResponse, TokenResponse, TokenUrl, basic::BasicClient,
};
use serde_json::{Value, json};

use crate::world::{Someone, World, a_system};

struct Scene {
    world: World,
    clinic: ClinicId,
    admin: Someone,
    ada: Someone,
    key: IssuedKey,
}

impl Scene {
    /// Harmony with Ada as its patient, and a hospital's system connected.
    async fn new() -> Self {
        Self::of(World::new().await).await
    }

    async fn of(world: World) -> Self {
        let (clinic, admin) = world.clinic("Harmony", "Admin").await;
        let ada = world.sign_up("Ada", true).await;
        let code = world
            .invite(&admin, json!({"kind": "join_clinic", "clinic": clinic}))
            .await;
        world.redeem(&ada, &code).await.ok::<Value>();
        world.medication(&ada, ada.patient()).await;
        let path = format!("/v1/clinics/{clinic}/systems");
        let key = world.post(&path, &admin, a_system("Hospital records")).await.ok();
        Self {
            world,
            clinic,
            admin,
            ada,
            key,
        }
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/clinics/{}/systems{rest}", self.clinic)
    }

    fn medications(&self) -> String {
        format!("/api/patient/{}/medications", self.ada.patient())
    }

    async fn as_system(&self, token: &str, path: &str) -> crate::world::Reply {
        let request = Request::get(path).header("authorization", format!("Bearer {token}"));
        self.world.send(request.body(Body::empty()).unwrap()).await
    }

    async fn status(&self, token: &str, path: &str) -> u16 {
        self.as_system(token, path).await.status.as_u16()
    }

    fn credentials(&self) -> String {
        format!("client_id={}&client_secret={}", self.key.system, self.key.secret)
    }

    async fn token(&self) -> String {
        self.world.system_token(&self.key, None).await
    }
}

/// The patient's name is in the list of the system, her record is open to it, and she sees who has looked.
#[tokio::test]
async fn a_connected_system_reads_what_is_open_to_its_clinic_and_the_patient_sees_that_it_did() {
    let scene = Scene::new().await;
    let stranger = scene.world.sign_up("Stranger", true).await;
    let token = scene.token().await;
    let patients: Patients = scene.as_system(&token, "/v1/patients").await.ok();
    let names: Vec<&str> = patients.patients.iter().map(|one| one.name.as_str()).collect();
    assert_eq!((names, patients.next), (vec!["Ada"], None));
    let medications: Value = scene.as_system(&token, &scene.medications()).await.ok();
    assert_eq!(medications["medications"].as_array().unwrap().len(), 1);
    let adherence = format!("/api/patient/{}/adherence", scene.ada.patient());
    assert_eq!(scene.status(&token, &adherence).await, 200);
    let foreign = format!("/api/patient/{}/medications", stranger.patient());
    assert_eq!(scene.status(&token, &foreign).await, 404);

    let path = format!("/v1/patients/{}/audit", scene.ada.patient());
    let audit: Audit = scene.world.get(&path, &scene.ada).await.ok();
    let by_system: Vec<_> = audit
        .events
        .iter()
        .filter(|event| event.way == Some(Way::PartnerSystem))
        .collect();
    assert_eq!(by_system.len(), 3);
    for event in by_system {
        assert_eq!(event.name.as_deref(), Some("Hospital records"));
        assert_eq!(event.clinic_name.as_deref(), Some("Harmony"));
    }

    // Ada leaves the clinic.
    let records = scene.world.pull(&scene.ada, scene.ada.patient()).await;
    let grant = records.iter().find(|record| record["to"]["kind"] == "clinic").unwrap();
    let grant = grant["id"].as_str().unwrap();
    scene
        .world
        .delete(&format!("/v1/grants/{grant}"), &scene.ada)
        .await
        .done();
    assert_eq!(scene.status(&token, &scene.medications()).await, 404);
    let none: Patients = scene.as_system(&token, "/v1/patients").await.ok();
    assert!(none.patients.is_empty());
}

#[tokio::test]
async fn patients_are_listed_page_by_page() {
    let scene = Scene::new().await;
    for name in ["Bola", "Chidi"] {
        let one = scene.world.sign_up(name, true).await;
        let join = json!({"kind": "join_clinic", "clinic": scene.clinic});
        let code = scene.world.invite(&scene.admin, join).await;
        scene.world.redeem(&one, &code).await.ok::<Value>();
    }
    let token = scene.token().await;
    let mut names = Vec::new();
    let mut path = "/v1/patients?limit=1".to_owned();
    loop {
        let page: Patients = scene.as_system(&token, &path).await.ok();
        assert_eq!(page.patients.len(), 1);
        names.extend(page.patients.into_iter().map(|one| one.name));
        match page.next {
            Some(next) => path = format!("/v1/patients?limit=1&after={next}"),
            None => break,
        }
    }
    assert_eq!(names, ["Ada", "Bola", "Chidi"]);
    let audit: Value = scene
        .world
        .get(&format!("/v1/patients/{}/audit", scene.ada.patient()), &scene.ada)
        .await
        .ok();
    let looks = audit["events"].as_array().unwrap().iter();
    assert_eq!(
        looks.filter(|event| event["asked"] == "GET /v1/patients").count(),
        1,
        "once, where it was given"
    );
    for wrong in ["limit=0", "limit=201", "after=x", "more=1"] {
        let status = scene.status(&token, &format!("/v1/patients?{wrong}")).await;
        assert!(matches!(status, 400 | 422), "{wrong}: {status}");
    }
}

#[tokio::test]
async fn a_key_is_shown_once_and_ends_with_its_tokens_by_itself_by_hand_or_with_its_system() {
    let scene = Scene::new().await;
    let (world, admin) = (&scene.world, &scene.admin);
    let (first, path) = (scene.token().await, scene.medications());
    assert_eq!(scene.status(&first, &path).await, 200);

    let list = world.get(&scene.path(""), admin).await;
    assert!(!list.body.to_string().contains(&scene.key.secret));
    let systems: Vec<PartnerSystem> = list.ok();
    assert_eq!(systems.len(), 1);
    assert_eq!(systems[0].name, "Hospital records");
    assert!(systems[0].keys[0].used.is_some());
    let staff: Value = world
        .get(&format!("/v1/clinics/{}/staff", scene.clinic), admin)
        .await
        .ok();
    assert_eq!(staff.as_array().unwrap().len(), 1, "a system is no member of staff");

    // A second key, for less; then the first one is ended.
    let keys = scene.path(&format!("/{}/keys", scene.key.system));
    let body = json!({"scopes": ["provider:read"], "days": 7});
    let second: IssuedKey = world.post(&keys, admin, body).await.ok();
    let token = world.system_token(&second, None).await;
    assert_eq!(scene.status(&token, "/v1/patients").await, 200);
    assert_eq!(scene.status(&token, &path).await, 403);
    world
        .delete(&format!("{keys}/{}", scene.key.key.id), admin)
        .await
        .done();
    assert_eq!(scene.status(&first, &path).await, 401);
    assert_eq!(scene.status(&token, "/v1/patients").await, 200);
    let ended = json!({"api_key": scene.key.secret});
    let refused = world.call("POST", "/api/auth/token", None, Some(ended)).await;
    assert_eq!(refused.problem(), (401, "wrong_credentials"));
    let again = world.delete(&format!("{keys}/{}", scene.key.key.id), admin).await;
    assert_eq!(again.problem(), (404, "not_found"));

    // The second one's time is over; its last token ends with it.
    world.pass(TimeDelta::days(7) - TimeDelta::minutes(5));
    let body = json!({"api_key": second.secret});
    let last: AccessToken = world
        .call("POST", "/api/auth/token", None, Some(body.clone()))
        .await
        .ok();
    assert!(last.expires_in <= 300, "{}", last.expires_in);
    world.pass(TimeDelta::minutes(6));
    assert_eq!(scene.status(&last.access_token, "/v1/patients").await, 401);
    let over = world.call("POST", "/api/auth/token", None, Some(body)).await;
    assert_eq!(over.problem(), (401, "wrong_credentials"));

    // The system with all its keys.
    let admin = &world.sign_in("Admin").await;
    let body = json!({"scopes": ["provider:read"], "days": 7});
    let third: IssuedKey = world.post(&keys, admin, body).await.ok();
    let token = world.system_token(&third, None).await;
    world
        .delete(&scene.path(&format!("/{}", scene.key.system)), admin)
        .await
        .done();
    assert_eq!(scene.status(&token, "/v1/patients").await, 401);
    let none: Vec<PartnerSystem> = world.get(&scene.path(""), admin).await.ok();
    assert!(none.is_empty());
}

#[tokio::test]
async fn a_system_cannot_be_hired_signed_in_as_or_managed_from_another_clinic() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let staff = format!("/v1/clinics/{}/staff", scene.clinic);
    let body = json!({"name": "Robot", "email": "robot@test.example", "role": "partner_system"});
    let refused = world.post(&staff, &scene.admin, body).await;
    assert_eq!(refused.body["field"], "role", "{refused:?}");
    let path = format!("/v1/clinics/{}/second-factor", scene.clinic);
    let refused = world
        .call(
            "PUT",
            &path,
            Some(&scene.admin),
            Some(json!({"roles": ["partner_system"]})),
        )
        .await;
    assert_eq!(refused.body["field"], "roles", "{refused:?}");
    let removed = world
        .delete(&format!("{staff}/{}", scene.key.system), &scene.admin)
        .await;
    assert_eq!(removed.problem(), (404, "not_found"));
    let device = world.device();
    for password in ["", "x"] {
        let body = json!({"email": format!("system:{}", scene.key.system), "password": password,
            "device": {"id": device, "name": "Test"}});
        let refused = world.call("POST", "/v1/sessions", None, Some(body)).await;
        assert!(matches!(refused.status.as_u16(), 401 | 422), "{refused:?}");
    }

    let (other, other_admin) = world.clinic("Elsewhere", "Other").await;
    for path in [
        format!("/v1/clinics/{other}/systems/{}", scene.key.system),
        format!(
            "/v1/clinics/{other}/systems/{}/keys/{}",
            scene.key.system, scene.key.key.id
        ),
    ] {
        assert_eq!(world.delete(&path, &other_admin).await.problem(), (404, "not_found"));
    }
    let path = format!("/v1/clinics/{other}/systems/{}/keys", scene.key.system);
    let body = json!({"scopes": ["provider:read"], "days": 1});
    assert_eq!(
        world.post(&path, &other_admin, body).await.problem(),
        (404, "not_found")
    );
    assert_eq!(scene.status(&scene.token().await, "/v1/patients").await, 200);
}

#[tokio::test]
async fn what_is_wrong_with_a_new_key_is_said_by_its_field() {
    let scene = Scene::new().await;
    for (name, scopes, days, field) in [
        ("", json!(["provider:read"]), 1, "name"),
        ("A", json!([]), 1, "key.scopes"),
        ("A", json!(["provider:write"]), 1, "key.scopes[0]"),
        ("A", json!(["provider:read"]), 0, "key.days"),
        ("A", json!(["provider:read"]), 731, "key.days"),
    ] {
        let body = json!({"name": name, "key": {"scopes": scopes, "days": days}});
        let refused = scene.world.post(&scene.path(""), &scene.admin, body).await;
        assert_eq!((refused.status.as_u16(), &refused.body["field"]), (422, &json!(field)));
    }
    let keys = scene.path(&format!("/{}/keys", scene.key.system));
    for _ in 1..5 {
        let body = json!({"scopes": ["provider:read"], "days": 1});
        scene.world.post(&keys, &scene.admin, body).await.ok::<Value>();
    }
    let body = json!({"scopes": ["provider:read"], "days": 1});
    let sixth = scene.world.post(&keys, &scene.admin, body).await;
    assert_eq!(sixth.problem(), (409, "conflict"));
}

#[tokio::test]
async fn the_short_form_exchanges_looks_at_and_ends_a_token() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let body = json!({"api_key": scene.key.secret, "scope": "schedule:read"});
    let token: AccessToken = world.call("POST", "/api/auth/token", None, Some(body)).await.ok();
    assert_eq!((token.token_type.as_str(), token.expires_in), ("Bearer", 900));
    assert_eq!(token.scope.to_string(), "schedule:read");
    let token = token.access_token;
    let valid: Validated = scene.as_system(&token, "/api/auth/validate").await.ok();
    assert_eq!(valid.system, scene.key.system);
    assert_eq!((valid.name.as_str(), valid.clinic), ("Hospital records", scene.clinic));
    assert!(valid.expires <= world.now() + TimeDelta::minutes(15));
    let revoke = Request::delete("/api/auth/revoke").header("authorization", format!("Bearer {token}"));
    world.send(revoke.body(Body::empty()).unwrap()).await.done();
    assert_eq!(scene.status(&token, "/api/auth/validate").await, 401);
    assert_eq!(scene.status(&token, &scene.medications()).await, 401);

    let body = json!({"api_key": scene.key.secret, "scope": "schedule:write"});
    let refused = world.call("POST", "/api/auth/token", None, Some(body)).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.body["field"]),
        (422, &json!("scope"))
    );
}

#[tokio::test]
async fn what_a_system_reads_can_be_asked_for_in_part_and_anew_only_where_it_has_changed() {
    let scene = Scene::new().await;
    let token = scene.token().await;
    let part: Value = scene
        .as_system(&token, "/v1/patients?fields=patients.name%2Cnext&limit=5")
        .await
        .ok();
    assert_eq!(part, json!({"patients": [{"name": "Ada"}], "next": null}));
    let path = format!("{}?fields=medications.name", scene.medications());
    let part: Value = scene.as_system(&token, &path).await.ok();
    assert_eq!(part, json!({"medications": [{"name": "Metformin 500 mg"}]}));
    for wrong in ["fields=", "fields=nam", "fields=a..b", "fields=next&fields=patients"] {
        let refused = scene.as_system(&token, &format!("/v1/patients?{wrong}")).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.body["field"]),
            (422, &json!("fields")),
            "{wrong}"
        );
    }

    let whole = scene.as_system(&token, &scene.medications()).await;
    let tag = whole.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(whole.headers["cache-control"], "private, no-cache");
    let again = async |tag: &str| {
        let request = Request::get(scene.medications())
            .header("authorization", format!("Bearer {token}"))
            .header("if-none-match", tag);
        scene.world.send(request.body(Body::empty()).unwrap()).await
    };
    let same = again(&tag).await;
    assert_eq!((same.status.as_u16(), &same.body), (304, &json!("")));
    assert_eq!(same.headers["etag"], tag.as_str());
    let head = Request::head(path.as_str()).header("authorization", format!("Bearer {token}"));
    let head = scene.world.send(head.body(Body::empty()).unwrap()).await;
    assert_eq!((head.status.as_u16(), &head.body), (200, &json!("")));
    assert!(head.headers.contains_key("etag"));
    scene.world.medication(&scene.ada, scene.ada.patient()).await;
    let changed = again(&tag).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.headers["etag"], tag.as_str());
}

/// Carries the requests of the `oauth2` crate to the backend.
async fn carried(world: &World, request: HttpRequest) -> Result<HttpResponse, std::convert::Infallible> {
    let (parts, body) = request.into_parts();
    let mut sent = Request::builder().method(parts.method).uri(parts.uri.path());
    *sent.headers_mut().unwrap() = parts.headers;
    let reply = world.send(sent.body(Body::from(body)).unwrap()).await;
    let mut response = HttpResponse::new(match &reply.body {
        Value::String(text) => text.clone().into_bytes(),
        body => body.to_string().into_bytes(),
    });
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    Ok(response)
}

/// The `oauth2` crate, which knows nothing of us, gets a token by both ways of proving itself, looks at it and ends it.
#[tokio::test]
async fn an_outside_client_library_gets_looks_at_and_ends_a_token() {
    let scene = Scene::new().await;
    let url = |path: &str| format!("https://doseline.clinic.example{path}");
    for auth in [oauth2::AuthType::BasicAuth, oauth2::AuthType::RequestBody] {
        let client = BasicClient::new(ClientId::new(scene.key.system.to_string()))
            .set_client_secret(ClientSecret::new(scene.key.secret.clone()))
            .set_auth_type(auth)
            .set_auth_uri(AuthUrl::new(url("/none")).unwrap())
            .set_token_uri(TokenUrl::new(url("/token")).unwrap())
            .set_introspection_url(IntrospectionUrl::new(url("/introspect")).unwrap())
            .set_revocation_url(RevocationUrl::new(url("/revoke")).unwrap());
        let http = |request: HttpRequest| carried(&scene.world, request);
        let token = client
            .exchange_client_credentials()
            .add_scope(Scope::new("provider:read".to_owned()))
            .add_scope(Scope::new("schedule:read".to_owned()))
            .request_async(&http)
            .await
            .unwrap();
        let scopes: Vec<&str> = token.scopes().unwrap().iter().map(|scope| scope.as_str()).collect();
        assert_eq!(scopes, ["provider:read", "schedule:read"]);
        assert_eq!(token.expires_in().map(|time| time.as_secs()), Some(900));
        let access = token.access_token();
        assert_eq!(scene.status(access.secret(), "/v1/patients").await, 200);

        let looked = client.introspect(access).request_async(&http).await.unwrap();
        assert!(looked.active());
        assert_eq!(
            looked.client_id().map(|id| id.as_str()),
            Some(scene.key.system.to_string().as_str())
        );
        client
            .revoke_token(StandardRevocableToken::AccessToken(access.clone()))
            .unwrap()
            .request_async(&http)
            .await
            .unwrap();
        let looked = client.introspect(access).request_async(&http).await.unwrap();
        assert!(!looked.active());
        assert_eq!(scene.status(access.secret(), "/v1/patients").await, 401);

        let refused = client
            .exchange_client_credentials()
            .add_scope(Scope::new("everything".to_owned()))
            .request_async(&http)
            .await;
        let Err(oauth2::RequestTokenError::ServerResponse(answer)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(answer.error().as_ref(), "invalid_scope");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_token_request_is_said_in_the_words_of_oauth() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let (credentials, id) = (scene.credentials(), scene.key.system.to_string());
    let grant = "grant_type=client_credentials";
    let other: IssuedKey = world.post(&scene.path(""), &scene.admin, a_system("Other")).await.ok();
    for (form, status, error) in [
        (credentials.clone(), 400, "invalid_request"),
        (
            format!("{credentials}&grant_type=password"),
            400,
            "unsupported_grant_type",
        ),
        (format!("{credentials}&{grant}&{grant}"), 400, "invalid_request"),
        (format!("{credentials}&{grant}&scope=all"), 400, "invalid_scope"),
        (grant.to_owned(), 401, "invalid_client"),
        (format!("{grant}&client_id={id}&client_secret=x"), 401, "invalid_client"),
        (
            format!("{grant}&client_id={id}&client_secret={}", other.secret),
            401,
            "invalid_client",
        ),
        (
            format!("{grant}&client_id=x&client_secret={}", scene.key.secret),
            401,
            "invalid_client",
        ),
    ] {
        let refused = world.form("/token", None, &form).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.body["error"]),
            (status, &json!(error)),
            "{form}"
        );
        assert!(refused.body["error_description"].is_string());
    }
    let basic = Some((id.as_str(), scene.key.secret.as_str()));
    let twice = world.form("/token", basic, &format!("{grant}&{credentials}")).await;
    assert_eq!(twice.body["error"], "invalid_request");
    let wrong = world.form("/token", Some((&id, "x")), grant).await;
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.headers["www-authenticate"], "Basic realm=\"doseline\"");
    let good = world.form("/token", basic, &format!("{grant}&unknown=1")).await;
    assert_eq!(
        (good.status.as_u16(), good.headers["cache-control"].as_bytes()),
        (200, b"no-store".as_slice())
    );
    let json = world
        .post("/token", &scene.admin, json!({"grant_type": "client_credentials"}))
        .await;
    assert_eq!(
        (json.status.as_u16(), &json.body["error"]),
        (400, &json!("invalid_request"))
    );
    for path in ["/introspect", "/revoke"] {
        let missing = world.form(path, basic, "").await;
        assert_eq!(
            (missing.status.as_u16(), &missing.body["error"]),
            (400, &json!("invalid_request"))
        );
    }
}

/// Of a token of someone else's a client hears nothing, and cannot end it.
#[tokio::test]
async fn a_client_neither_sees_nor_ends_the_tokens_of_others() {
    let scene = Scene::new().await;
    let world = &scene.world;
    let other: IssuedKey = world.post(&scene.path(""), &scene.admin, a_system("Other")).await.ok();
    let others = world.system_token(&other, None).await;
    for token in [&others, &scene.ada.token, &"none".to_owned()] {
        let form = format!("{}&token={token}", scene.credentials());
        let looked: Introspection = world.form("/introspect", None, &form).await.ok();
        assert_eq!((looked.active, looked.token), (false, None));
        assert_eq!(world.form("/revoke", None, &form).await.status, 200);
    }
    assert_eq!(scene.status(&others, "/v1/patients").await, 200);
    assert_eq!(world.get("/v1/me", &scene.ada).await.status, 200);
}

/// A token is verified with nothing but what we publish, and names us by the public address.
#[tokio::test]
async fn a_token_verifies_with_the_published_key_and_names_its_issuer() {
    let address = "https://doseline.clinic.example".to_owned();
    let named = address.clone();
    let world = World::with(move |config| config.public_url = Some(PublicUrl::try_from(named).unwrap())).await;
    let scene = Scene::of(world).await;
    let metadata: Value = scene
        .world
        .call("GET", "/.well-known/oauth-authorization-server", None, None)
        .await
        .ok();
    assert_eq!(metadata["issuer"], json!(address));
    assert_eq!(metadata["token_endpoint"], json!(format!("{address}/token")));
    let jwks = metadata["jwks_uri"].as_str().unwrap().strip_prefix(&address).unwrap();
    let keys: JwkSet = scene.world.call("GET", jwks, None, None).await.ok();
    let token = scene.token().await;
    let header = jsonwebtoken::decode_header(&token).unwrap();
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    let key = keys.find(&header.kid.unwrap()).unwrap();
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_issuer(&[&address]);
    rules.set_audience(&["doseline-api"]);
    let read = jsonwebtoken::decode::<Value>(&token, &DecodingKey::from_jwk(key).unwrap(), &rules).unwrap();
    for claim in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti", "scope"] {
        assert!(!read.claims[claim].is_null(), "RFC 9068 asks for {claim}");
    }
    assert_eq!(read.claims["sub"], json!(scene.key.system));
}

/// A system's token is for reading by HTTP: no record is written with it, and no live connection opened.
#[tokio::test]
async fn a_system_opens_no_live_connection() {
    let scene = Scene::new().await;
    let token = scene.token().await;
    let mut hints = scene.world.hello(&token).await;
    assert_eq!(hints.next().await, json!({"closed": 1008}));
}
