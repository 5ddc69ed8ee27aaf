//! A report for the doctor is made in the browser and lies among the downloads, and only a network can make it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use doseline_tests::{
    backend::{Backend, Engine},
    browser::Browser,
    on_both_engines,
};

use crate::{
    beside_others,
    main_job::{add_twice_daily, sign_up, take_next},
    screens::gallery::Gallery,
};

const WAIT: Duration = Duration::from_secs(20);
const FAULT: &str = r#"[data-test="fault"]"#;

on_both_engines!(a_report_for_the_doctor_is_made_and_kept);

async fn a_report_for_the_doctor_is_made_and_kept(engine: Engine) {
    let _beside = beside_others().await;
    let backend = Backend::start(engine).await;
    let mut gallery = Gallery::default();
    let ada = Browser::start().await;
    ada.go(&backend.url()).await;
    sign_up(&ada, "Adé Ọláṣùbọ̀mí", "ade@story.example", "sign-up-patient").await;
    add_twice_daily(&ada, "Metformin 500 mg").await;
    ada.press("tab-today").await;
    take_next(&ada).await;
    ada.find_within(r#"[data-test="network"][data-state="saved"]"#, WAIT)
        .await;

    ada.press("tab-medicines").await;
    ada.press("report").await;
    ada.screen("report").await;
    ada.set("report-from", "2099-01-02").await;
    ada.press("report-make").await;
    ada.find_within(FAULT, WAIT).await;
    let said = ada.read("fault").await;
    assert!(said.starts_with("Choose two dates"), "{said}");

    // As it is opened, it is of the last thirty days.
    ada.press("back").await;
    ada.screen("medicines").await;
    ada.press("report").await;
    ada.screen("report").await;
    ada.offline(true).await;
    ada.press("report-make").await;
    ada.find_within(FAULT, WAIT).await;
    let said = ada.read("fault").await;
    assert!(said.contains("needs the network in the browser"), "{said}");
    ada.offline(false).await;
    ada.press("report-make").await;
    let file = downloaded(&ada.downloads(), "pdf").await;
    ada.see("report-file").await;
    if engine == Engine::Embedded {
        gallery.state(&ada, "report").await;
    }

    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let date = name
        .strip_prefix("doseline-report-")
        .and_then(|rest| rest.strip_suffix(".pdf"));
    assert!(
        date.is_some_and(|date| date.parse::<chrono::NaiveDate>().is_ok()),
        "the name says more than a date: {name}"
    );
    let text = read("pdftotext", &["-layout"], &file, &["-"]);
    for words in [
        "Report for the doctor",
        "Adé Ọláṣùbọ̀mí",
        "Metformin 500 mg",
        "1 tablet every morning",
        "1 of 1",
        "100 %",
        "None recorded",
        "Every scheduled dose was taken in time.",
    ] {
        assert!(
            text.replace('\u{a0}', " ").contains(words),
            "{words} is not in:\n{text}"
        );
    }
    let pages = read("pdfinfo", &[], &file, &[]);
    assert!(
        pages
            .lines()
            .any(|line| line.starts_with("Pages:") && line.ends_with(" 1")),
        "{pages}"
    );
    gallery.assert_faultless();
}

/// The first whole file with this ending in a folder of downloads.
pub async fn downloaded(folder: &Path, ending: &str) -> PathBuf {
    let end = Instant::now() + WAIT;
    loop {
        let files = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path());
        if let Some(file) = files
            .into_iter()
            .find(|path| path.extension().is_some_and(|of| of == ending))
        {
            return file;
        }
        assert!(Instant::now() < end, "nothing was downloaded");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What a program of poppler's says of a file.
fn read(program: &str, before: &[&str], file: &Path, after: &[&str]) -> String {
    let output = Command::new(program)
        .args(before)
        .arg(file)
        .args(after)
        .output()
        .unwrap_or_else(|error| panic!("{program} ({error}); run `cargo xtask test`, which installs it"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
