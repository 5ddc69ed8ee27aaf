//! A file that a person has made: while it is made, and then where it lies, or how to save it.

use doseline_client::ask::Fault;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{host::Printed, page};

/// What is said of it.
pub struct Words {
    /// Where it lies, in the shell: of its place.
    pub kept: fn(&str) -> String,
    /// That it is ready, in a browser.
    pub ready: String,
    /// The link that saves it once more.
    pub save: String,
}

/// A file on its way, or there. One at a time.
#[derive(Clone, Copy)]
pub struct Making {
    /// Whether it is being made.
    pub busy: RwSignal<bool>,
    /// Why it was not.
    pub fault: RwSignal<Option<Fault>>,
    /// The file, and what it is called.
    made: RwSignal<Option<(Printed, String)>>,
}

impl Making {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            busy: RwSignal::new(false),
            fault: RwSignal::new(None),
            made: RwSignal::new(None),
        }
    }

    /// Makes a file, with its name. A browser saves it at once.
    pub fn make(self, file: impl Future<Output = Result<(Printed, String), Fault>> + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.fault.set(None);
        self.made.set(None);
        spawn_local(async move {
            let answer = file.await;
            // The person may have left the screen meanwhile.
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok((printed, name)) => {
                    if let Printed::Held(address) = &printed {
                        page::download(address, &name);
                    }
                    self.made.set(Some((printed, name)));
                }
                Err(fault) => self.fault.set(Some(fault)),
            }
        });
    }

    /// What became of it. `test` names the sentence and the link.
    pub fn shown(self, test: &'static str, words: fn() -> Words) -> AnyView {
        view! {
            <div role="status">{move || self.made.get().map(|(printed, name)| made(test, printed, name, words()))}</div>
        }
        .into_any()
    }
}

fn made(test: &'static str, printed: Printed, name: String, words: Words) -> AnyView {
    match printed {
        Printed::Kept(path) => {
            let kept = (words.kept)(&path);
            view! { <p class="sentence" data-test=format!("{test}-kept")>{kept}</p> }.into_any()
        }
        Printed::Held(address) => view! {
            <p class="sentence">{words.ready}</p>
            <div class="acts">
                <a class="button" data-test=format!("{test}-file") href=address download=name>{words.save}</a>
            </div>
        }
        .into_any(),
    }
}
