//! Somebody who has used the app for five years, and the browser in which they open it.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::backend::{self, Account, Backend, PASSWORD};
use crate::driver::Window;

/// Five years of two doses a day.
const DAYS: i64 = 5 * 365;
/// A row of Today that can be acted on.
pub const USABLE: &str = "[data-screen=\"today\"] [data-test=\"dose-row\"]";

/// An account with the doses of all those years, each taken when it was due; today's are open.
pub async fn lived(backend: &Backend) -> Result<Account> {
    let today = Utc::now().with_timezone(&Tz::Africa__Lagos).date_naive();
    let first = today - TimeDelta::days(DAYS);
    let account = Account::sign_up(backend, &backend::twice_daily(&first.to_string())?).await?;
    let mut operations = Vec::new();
    for day in 0..DAYS {
        for (slot, hour) in [("am", 8), ("pm", 20)] {
            let local = (first + TimeDelta::days(day))
                .and_hms_opt(hour, 0, 0)
                .context("no such hour")?;
            let due: DateTime<Utc> = Tz::Africa__Lagos
                .from_local_datetime(&local)
                .single()
                .context("no such time")?
                .with_timezone(&Utc);
            operations.push(account.taken(due, slot));
        }
    }
    for batch in operations.chunks(500) {
        account.push(batch.to_vec()).await?;
    }
    Ok(account)
}

/// The capabilities of a browser with a profile of its own.
pub fn chromium(profile: &Path) -> Value {
    json!({"browserName": "chrome", "goog:chromeOptions": {"args": [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--window-size=1440,900", format!("--user-data-dir={}", profile.display()),
    ]}})
}

/// Signs in; how long it took from the press of the button on.
pub async fn sign_in(window: &Window<'_>, account: &Account) -> Result<Duration> {
    window.await_element("[data-test=\"sign-in-email\"]").await?;
    window.write("sign-in-email", &account.email).await?;
    window.write("sign-in-password", PASSWORD).await?;
    // Whoever starts again tomorrow has said so.
    window.script("const keep = document.querySelector('[data-test=\"sign-in-keep\"]'); if (keep && !keep.checked) keep.click()").await?;
    let begun = Instant::now();
    window.press("sign-in-submit").await?;
    window.await_element(USABLE).await?;
    Ok(begun.elapsed())
}
