//! A system is told of changes: an administrator gives it an address and sends a test; a patient takes a dose; the receiver
//! fails for a while, and what waits is shown.

use std::time::Duration;

use chrono::Utc;
use doseline_shared::{
    api::{
        invitation::{Code, INVITATIONS, Invitation, NewInvitation, REDEEM, Redeemed},
        sync::OperationBody,
    },
    id::MedicationId,
};
use doseline_tests::{
    account::Account,
    backend::{Backend, Engine},
    browser::Browser,
    on_both_engines,
    receiver::{Answer, Receiver},
};

use crate::{
    beside_others,
    screens::gallery::Gallery,
    second_factor::sign_in,
    watch::{log_taken, medication, push},
};

const ADMIN: &str = "chief@webhooks.example";

on_both_engines!(a_system_is_told_of_a_dose_and_what_it_does_not_take_waits);

async fn a_system_is_told_of_a_dose_and_what_it_does_not_take_waits(engine: Engine) {
    let _beside = beside_others().await;
    let backend = Backend::start(engine).await;
    backend.found_clinic("Chief Admin", ADMIN).await;
    let receiver = Receiver::start().await;
    let mut gallery = Gallery::default();
    let pictures = engine == Engine::Embedded;
    let desk = Browser::start().await;
    desk.go(&backend.url()).await;
    sign_in(&desk, ADMIN).await;
    desk.screen("clinic").await;
    let (ada, warfarin) = join(&backend).await;

    desk.press("go-systems").await;
    desk.screen("systems").await;
    desk.fill("system-name", "Hospital records").await;
    desk.choose("scope-adherence").await;
    desk.press("system-add").await;
    desk.press("system-secret-kept").await;
    desk.press("webhook-new").await;
    if pictures {
        gallery.state(&desk, "systems-webhook-new").await;
    }
    // Not of the public Internet, and not of the network that the operator has named.
    desk.fill("webhook-url", "https://192.168.0.1/events").await;
    desk.press("webhook-add").await;
    desk.find(r#"[data-test="webhook-url"][aria-invalid="true"]"#).await;
    desk.fill("webhook-url", &receiver.url("/events")).await;
    for event in ["event-dose-changed", "event-dose-missed"] {
        desk.choose(event).await;
    }
    desk.press("webhook-add").await;
    let secret = desk.read("webhook-secret").await;
    if pictures {
        gallery.state(&desk, "systems-webhook-secret").await;
    }
    desk.press("webhook-secret-kept").await;
    desk.gone(r#"[data-test="webhook-secret"]"#, Duration::from_secs(5))
        .await;
    assert!(!desk.text().await.contains(&secret), "the secret is shown once");
    desk.see("webhook-undelivered").await;

    desk.press("webhook-test").await;
    let got = receiver.wait(1).await;
    assert!(got[0].kind() == "webhook.ping" && got[0].verifies(&secret), "{got:?}");
    desk.see("webhook-delivered").await;

    let dose = log_taken(&ada, warfarin, None, Utc::now()).await;
    let got = receiver.wait(2).await;
    assert!(got[1].kind() == "dose.changed" && got[1].verifies(&secret), "{got:?}");
    assert_eq!(got[1].json()["data"]["dose"], dose.to_string());
    assert!(
        !got[1].body.contains("Warfarin") && !got[1].body.contains("Ada"),
        "{}",
        got[1].body
    );

    receiver.answers_all(Answer::Status(500));
    log_taken(&ada, warfarin, None, Utc::now()).await;
    let failed = receiver.wait(3).await;
    log_taken(&ada, warfarin, None, Utc::now()).await;
    desk.find_within(r#"[data-test="webhook-failing"]"#, Duration::from_secs(40))
        .await;
    let failing = desk.read("webhook-failing").await;
    assert!(failing.contains("answered with 500"), "{failing}");
    desk.press("webhook-show").await;
    desk.see("message-outcome").await;
    if pictures {
        gallery.state(&desk, "systems-webhook-waiting").await;
    }
    desk.press("webhook-hide").await;
    receiver.answers_all(Answer::Status(204));
    desk.gone(r#"[data-test="webhook-waiting"]"#, Duration::from_secs(120))
        .await;
    let arrived = receiver.got();
    let again: Vec<_> = arrived.iter().filter(|got| got.id() == failed[2].id()).collect();
    assert!(again.len() > 1 && again.iter().all(|got| got.is_signed_with(&secret)));
    assert_ne!(
        arrived.last().map(|got| got.id()),
        Some(failed[2].id()),
        "the next came after it"
    );

    // A new secret; the old one signs along.
    desk.press("webhook-renew").await;
    desk.press("webhook-renew-confirm").await;
    let renewed = desk.read("webhook-secret").await;
    desk.press("webhook-secret-kept").await;
    desk.see("webhook-old-secret").await;
    desk.press("webhook-test").await;
    let got = receiver.wait(arrived.len() + 1).await;
    let last = got.last().expect("it has come");
    assert!(last.verifies(&renewed) && last.verifies(&secret) && renewed != secret);

    desk.press("webhook-end").await;
    desk.press("webhook-end-confirm").await;
    desk.gone(r#"[data-test="webhook"]"#, Duration::from_secs(10)).await;
    log_taken(&ada, warfarin, None, Utc::now()).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(receiver.got().len(), got.len(), "nothing more is sent");
    desk.held_its_tongue(&["422"]).await;
    gallery.assert_faultless();
}

/// Ada signs up, joins the clinic and takes a medicine from now on.
async fn join(backend: &Backend) -> (Account, MedicationId) {
    let admin = Account::sign_in(backend, ADMIN).await;
    let clinic = admin.session.me.staff.first().expect("it founded the clinic").clinic;
    let ada = Account::sign_up(backend, "Ada Obi", "ada@webhooks.example", true).await;
    let code: Invitation = admin.post(INVITATIONS, &NewInvitation::JoinClinic { clinic }).await;
    let _: Redeemed = ada.post(REDEEM, &Code { code: code.code }).await;
    let (medication, _) = medication(&ada);
    let id = medication.id;
    push(&ada, OperationBody::PutMedication { base: 0, medication }).await;
    (ada, id)
}
