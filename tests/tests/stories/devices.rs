//! Two devices of one person.

use std::time::Duration;

use doseline_client::{
    ask::{LogAct, LogDose, OpenDevices, OpenToday, RevokeDevice, SaveMedicine, Secret, Start, SyncNow},
    view::StartView,
};
use doseline_shared::dose::DoseState;
use doseline_tests::{
    account::PASSWORD,
    backend::{Backend, Engine},
    device::Device,
    on_both_engines,
    seed::Seed,
};

use crate::{
    DEVICE, alone,
    regimen::{daily, doses, medicine},
};

on_both_engines!(another_device_shows_a_dose_within_a_second_and_a_revoked_one_is_signed_out);

async fn another_device_shows_a_dose_within_a_second_and_a_revoked_one_is_signed_out(engine: Engine) {
    let _alone = alone().await;
    let backend = Backend::start(engine).await;
    let (mut seed, _) = Seed::of_this_run();
    let phone = Device::new(DEVICE, chrono_tz::Africa::Lagos, seed.split()).await;
    let tablet = Device::new(DEVICE, chrono_tz::Africa::Lagos, seed.split()).await;
    phone.sign_up(&backend, "Ada Obi", "ada@story.example", true).await;
    tablet.sign_in(&backend, "ada@story.example").await;
    let times: Vec<String> = (0..24).map(|hour| format!("{hour}:30")).collect();
    let times: Vec<&str> = times.iter().map(String::as_str).collect();
    phone
        .ask(SaveMedicine {
            patient: None,
            medication: None,
            draft: medicine("Metformin", daily(&times)),
        })
        .await;
    tablet
        .until(Duration::from_secs(5), OpenToday { patient: None }, |today| {
            doses(today).count() == 24
        })
        .await;

    for round in 0..5 {
        let today = phone.ask(OpenToday { patient: None }).await;
        let dose = doses(&today).nth(round).expect("there are 24").clone();
        let (patient, medication, occurrence) = (today.patient, dose.medication, dose.occurrence);
        let act = LogAct::Taken { at: None, amount: None };
        phone
            .ask(LogDose {
                patient,
                medication,
                occurrence: occurrence.clone(),
                act,
            })
            .await;
        let shown = tablet
            .until(Duration::from_secs(5), OpenToday { patient: None }, |today| {
                doses(today).any(|dose| dose.occurrence == occurrence && matches!(dose.state, DoseState::Taken { .. }))
            })
            .await;
        assert!(
            shown < Duration::from_secs(1),
            "the dose took {shown:?} to the other device"
        );
    }

    let devices = phone.ask(OpenDevices {}).await;
    let other = devices
        .iter()
        .find(|device| !device.current)
        .expect("the tablet has a session");
    let (device, password) = (other.id, Secret(PASSWORD.to_owned()));
    phone.ask(RevokeDevice { device, password }).await;
    let out = tablet
        .until(Duration::from_secs(5), Start {}, |start| {
            matches!(start, StartView::SignedOut { .. })
        })
        .await;
    assert!(
        out < Duration::from_secs(2),
        "the revoked device was signed out after {out:?}"
    );
    assert!(tablet.try_ask(SyncNow {}).await.is_err());
    assert!(tablet.held().await.records.is_empty(), "what it held has left it");
}
