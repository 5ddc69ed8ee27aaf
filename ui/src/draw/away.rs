//! What stands in place of a screen that a browser cannot have without the network: what is safe, and what to do. A
//! browser keeps what was recorded and no medicines, so that nobody who opens it later reads them.

use doseline_client::{ask::SyncNow, view::OfflineView};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::{icon, piece},
    host,
    words::{say, t},
};

/// The screen. `again` asks once more for what cannot be shown, after what waits has been sent.
pub fn screen(app: App, view: &OfflineView, again: Box<dyn Fn()>) -> AnyView {
    let again = StoredValue::new_local(again);
    let busy = RwSignal::new(false);
    let try_again = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            drop(host::ask(SyncNow {}).await);
            // What was sent may have brought the screen back, and taken this one away.
            busy.try_set(false);
            again.try_with_value(|again| again());
            app.touch();
        });
    };
    let safe = match view.unsent {
        0 => t("offline-none"),
        count => say("offline-safe", &[("count", &count.to_string())]),
    };
    view! {
        <section class="blank" role="status" data-test="offline" data-unsent=view.unsent.to_string()>
            <div class="blank-drawing offline-drawing" aria-hidden="true">{icon::icon(icon::CUT_OFF)}</div>
            <h1>{t("offline-title")}</h1>
            <p data-test="offline-safe">{safe}</p>
            <p class="soft">{t("offline-why")}</p>
            {piece::button("button main", "try-again", t("try-again"), try_again)}
        </section>
    }
    .into_any()
}
