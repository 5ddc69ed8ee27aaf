//! A file that was made: where it lies, or how to save it.

use leptos::prelude::*;

use crate::host::Printed;

/// What is said of it.
pub struct Words {
    /// Where it lies, in the shell.
    pub kept: String,
    /// That it is ready, in a browser.
    pub ready: String,
    /// The link that saves it once more.
    pub save: String,
}

/// The file of this name. `test` names the sentence and the link.
pub fn made(test: &'static str, printed: Printed, name: String, words: Words) -> AnyView {
    match printed {
        Printed::Kept(_) => view! { <p class="sentence" data-test=format!("{test}-kept")>{words.kept}</p> }.into_any(),
        Printed::Held(address) => view! {
            <p class="sentence">{words.ready}</p>
            <div class="acts">
                <a class="button" data-test=format!("{test}-file") href=address download=name>{words.save}</a>
            </div>
        }
        .into_any(),
    }
}
