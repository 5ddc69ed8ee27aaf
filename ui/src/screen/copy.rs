//! A copy of everything that is kept about one's own record, to take elsewhere.

use doseline_client::ask::{ExportRecord, Fault};
use doseline_shared::api::export::file_name;
use leptos::prelude::*;

use crate::{
    draw::{
        file::{Making, Words},
        piece,
    },
    host::{self, Printed},
    time,
    words::{say, t},
};

/// The section of the settings.
pub fn section() -> AnyView {
    let making = Making::new();
    view! {
        <section class="settings" id="copy" aria-labelledby="copy-title">
            <h2 id="copy-title">{t("copy-title")}</h2>
            <p class="soft">{t("copy-words")}</p>
            <form class="form" on:submit=move |event| { event.prevent_default(); making.make(taken()); }>
                {piece::fault_line(making.fault)}
                <div class="acts">
                    <button type="submit" class="button" data-test="copy-take"
                        aria-disabled=move || making.busy.get().to_string()>{t("copy-take")}</button>
                </div>
            </form>
            {making.shown("copy", words)}
        </section>
    }
    .into_any()
}

async fn taken() -> Result<(Printed, String), Fault> {
    let today = time::today();
    let text = host::ask(ExportRecord {}).await?;
    let printed = host::keep_copy(text, today).await?;
    Ok((printed, file_name(today)))
}

fn words() -> Words {
    Words {
        kept: |path| say("copy-kept", &[("path", path)]),
        ready: t("copy-ready"),
        save: t("copy-save"),
    }
}
