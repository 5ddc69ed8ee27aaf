//! What a person waits for in the browser, with five years of history: a dose that is logged, Today, a medicine's page, a
//! schedule that is saved. Each from the press until the result is painted, by the page's own clock.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::backend::Backend;
use crate::driver::{Driver, Window};
use crate::five_years::{self, chromium, sign_in};
use crate::table::Row;

/// How often each is done.
const ROUNDS: usize = 60;
/// Edits make a revision each.
const EDITS: usize = 30;
/// What nobody notices as waiting, in milliseconds.
const AIM: f64 = 50.0;

/// `until` waits for something to hold, looking after each change of the page; `timed` says how many milliseconds an act
/// takes until then and until the frame after it is painted.
const WATCH: &str = "
    window.one = (name) => document.querySelector(`[data-test=\"${name}\"]`);
    window.until = (holds) => new Promise((done, fail) => {
        const limit = setTimeout(() => { seen.disconnect(); fail(new Error(`never: ${holds}`)); }, 10000);
        const look = () => { if (holds()) { seen.disconnect(); clearTimeout(limit); done(); } };
        const seen = new MutationObserver(look);
        seen.observe(document.documentElement, { subtree: true, childList: true, attributes: true, characterData: true });
        look();
    });
    window.painted = () => new Promise((done) => requestAnimationFrame(() => {
        const after = new MessageChannel();
        after.port1.onmessage = done;
        after.port2.postMessage(null);
    }));
    window.timed = async (act, holds) => {
        await painted();
        const begun = performance.now();
        act();
        await until(holds);
        await painted();
        return performance.now() - begun;
    };
    window.enter = (name, value) => {
        const field = one(name);
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, value);
        for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, { bubbles: true }));
    };
    window.screen_is = (name) => document.querySelector(`[data-screen=\"${name}\"]`) !== null;";

/// Takes the dose that comes next, and takes that back.
const LOG: &str = "
    await until(() => one('dose-card') && !one('undo-bar'));
    const dose = one('dose-card').dataset.occurrence;
    const open = () => one('dose-card')?.dataset.occurrence === dose;
    const took = await timed(() => one('dose-taken').click(), () => !open() && one('undo-bar'));
    one('undo').click();
    await until(() => open() && !one('undo-bar'));
    return took;";

const TODAY: &str = "
    one('tab-medicines').click();
    await until(() => one('medicine-row'));
    return await timed(() => one('tab-today').click(), () => screen_is('today') && one('dose-row'));";

const MEDICINE: &str = "
    one('tab-medicines').click();
    await until(() => one('medicine-row'));
    return await timed(() => one('medicine-row').click(), () => screen_is('medicine') && one('taking-sentence'));";

/// From the medicine's page: the evening dose to another minute.
const EDIT: &str = "
    await until(() => one('edit-medicine'));
    one('edit-medicine').click();
    await until(() => one('time-1'));
    enter('time-1', '20:MINUTE');
    await until(() => [...document.querySelectorAll('[data-test=\"preview-time\"]')]
        .some((time) => time.textContent.includes('20:MINUTE')));
    return await timed(() => one('save-medicine').click(),
        () => screen_is('medicine') && one('medicine-sentence')?.textContent.includes('20:MINUTE'));";

/// Measures them.
pub async fn measure() -> Result<Vec<Row>> {
    let backend = Backend::start(None).await?;
    let account = five_years::lived(&backend).await?;
    let driver = Driver::chromium().await?;
    let profile = tempfile::tempdir()?;
    let window = driver.open(chromium(profile.path())).await?;
    window.go(&format!("http://{}/", backend.address)).await?;
    sign_in(&window, &account).await?;
    window.script(WATCH).await?;
    let mut rows = Vec::new();
    let log = repeated(&window, ROUNDS, |_| LOG.to_owned()).await?;
    rows.extend(rows_of("a dose taken, until Today shows it", log)?);
    let today = repeated(&window, ROUNDS, |_| TODAY.to_owned()).await?;
    rows.extend(rows_of("Today, from another screen", today)?);
    let medicine = repeated(&window, ROUNDS, |_| MEDICINE.to_owned()).await?;
    rows.extend(rows_of("a medicine's page", medicine)?);
    let edit = |round: usize| EDIT.replace("MINUTE", &format!("{:02}", round % 50 + 5));
    let saved = repeated(&window, EDITS, edit).await?;
    rows.extend(rows_of("a schedule saved, until the medicine's page shows it", saved)?);
    window.close().await?;
    Ok(rows)
}

/// Runs what `round` says so many times, one after the other; the milliseconds that each took.
async fn repeated(window: &Window<'_>, rounds: usize, round: impl Fn(usize) -> String) -> Result<Vec<f64>> {
    let mut times = Vec::new();
    for number in 0..rounds {
        let script = format!("return (async () => {{ {} }})()", round(number));
        let took: Value = window.script(&script).await?;
        times.push(took.as_f64().with_context(|| format!("no time but {}", json!(took)))?);
    }
    Ok(times)
}

fn rows_of(what: &str, mut times: Vec<f64>) -> Result<Vec<Row>> {
    ensure!(!times.is_empty(), "nothing was measured");
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    let row = |name: &str, time: f64| {
        Row::new(
            format!("browser, five years of history: {what}, {name}"),
            format!("{time:.0} ms"),
        )
    };
    Ok(vec![row("p50", at(50)), row("p95", at(95)).aim("50 ms", at(95) < AIM)])
}
