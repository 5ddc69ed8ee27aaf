//! A copy of everything that is kept about one's own record, to take elsewhere.

use doseline_client::ask::{ExportRecord, Fault};
use doseline_shared::api::export::file_name;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    draw::{
        file::{self, Words},
        piece,
    },
    host::{self, Printed},
    page, time,
    words::{say, t},
};

#[derive(Clone, Copy)]
struct Acting {
    busy: RwSignal<bool>,
    fault: RwSignal<Option<Fault>>,
    made: RwSignal<Option<(Printed, String)>>,
}

/// The section of the settings.
pub fn section() -> AnyView {
    let acting = Acting {
        busy: RwSignal::new(false),
        fault: RwSignal::new(None),
        made: RwSignal::new(None),
    };
    view! {
        <section class="settings" id="copy" aria-labelledby="copy-title">
            <h2 id="copy-title">{t("copy-title")}</h2>
            <p class="soft">{t("copy-words")}</p>
            <form class="form" on:submit=move |event| { event.prevent_default(); acting.take(); }>
                {piece::fault_line(acting.fault)}
                <div class="acts">
                    <button type="submit" class="button" data-test="copy-take"
                        aria-disabled=move || acting.busy.get().to_string()>{t("copy-take")}</button>
                </div>
            </form>
            <div role="status">{move || acting.made.get().map(|(printed, name)| made(printed, name))}</div>
        </section>
    }
    .into_any()
}

impl Acting {
    fn take(self) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.fault.set(None);
        self.made.set(None);
        spawn_local(async move {
            let today = time::today();
            let taken = async {
                let text = host::ask(ExportRecord {}).await?;
                host::keep_copy(text, today).await
            };
            let taken = taken.await;
            // The person may have left the screen meanwhile.
            if self.busy.try_set(false).is_some() {
                return;
            }
            match taken {
                Ok(printed) => {
                    let name = file_name(today);
                    if let Printed::Held(address) = &printed {
                        page::download(address, &name);
                    }
                    self.made.set(Some((printed, name)));
                }
                Err(fault) => self.fault.set(Some(fault)),
            }
        });
    }
}

fn made(printed: Printed, name: String) -> AnyView {
    let path = match &printed {
        Printed::Kept(path) => path.clone(),
        Printed::Held(_) => name.clone(),
    };
    let words = Words {
        kept: say("copy-kept", &[("path", &path)]),
        ready: t("copy-ready"),
        save: t("copy-save"),
    };
    file::made("copy", printed, name, words)
}
