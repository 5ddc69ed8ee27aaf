//! Every kind of schedule, added by a person's steps: what they enter is said back in a sentence that they can check.

use std::time::Duration;

use doseline_tests::{
    backend::{Backend, Engine},
    browser::Browser,
    desktop::Desk,
    page::Page,
};

use serde_json::{Value, json};

use crate::{beside_others, main_job::sign_up, screens::gallery::SIZES};

/// A kind of schedule: the medicine, the steps, and the sentence.
struct Kind {
    name: &'static str,
    steps: &'static [Step],
    sentence: &'static str,
}

enum Step {
    /// Opens what is folded away.
    Open(&'static str),
    /// Chooses a tile or ticks a box.
    Choose(&'static str),
    /// Types into a field.
    Fill(&'static str, &'static str),
    /// Sets a field that is not typed into: a time, a date, a list.
    Set(&'static str, &'static str),
    /// Presses a button.
    Press(&'static str),
}

use Step::{Choose, Fill, Open, Press, Set};

const KINDS: &[Kind] = &[
    Kind {
        name: "Levothyroxine",
        steps: &[Choose("preset-once"), Set("time-0", "07:00")],
        sentence: "1 tablet every morning, at 07:00",
    },
    Kind {
        name: "Methotrexate",
        steps: &[Choose("preset-weekly"), Choose("weekday-fri"), Set("time-0", "09:00")],
        sentence: "1 tablet every Monday and Friday at 09:00",
    },
    Kind {
        name: "Vitamin D",
        steps: &[
            Open("more-ways"),
            Choose("preset-monthly"),
            Fill("month-days", "1, 31"),
            Set("time-0", "09:00"),
        ],
        sentence: "1 tablet on day 1 and 31 of each month at 09:00",
    },
    Kind {
        name: "Alendronate",
        steps: &[
            Open("more-ways"),
            Choose("preset-every-days"),
            Fill("every-days", "2"),
            Set("time-0", "06:30"),
        ],
        sentence: "1 tablet every other day at 06:30",
    },
    Kind {
        name: "Microgynon",
        steps: &[
            Open("more-ways"),
            Choose("preset-cycle"),
            Fill("cycle-on", "21"),
            Fill("cycle-off", "7"),
            Set("time-0", "22:00"),
        ],
        sentence: "1 tablet daily for 21 days, then 7 days off, at 22:00",
    },
    Kind {
        name: "Amoxicillin",
        steps: &[
            Choose("preset-hours"),
            Fill("every-hours", "8"),
            Set("first-time", "06:00"),
            Fill("max-count", "21"),
        ],
        sentence: "1 tablet every 8 hours, day and night",
    },
    Kind {
        name: "Eye drops",
        steps: &[
            Set("amount-unit", "drop"),
            Choose("preset-hours"),
            Fill("every-hours", "4"),
            Choose("from-last"),
            Choose("between"),
            Set("between-from", "07:00"),
            Set("between-to", "22:00"),
        ],
        sentence: "1 drop every 4 hours after the last one, between 07:00 and 22:00",
    },
    Kind {
        name: "Iron",
        steps: &[Open("more-ways"), Choose("preset-after"), Fill("after-minutes", "30")],
        sentence: "1 tablet 30 min after Levothyroxine",
    },
    Kind {
        name: "Paracetamol",
        steps: &[
            Fill("amount-value", "500"),
            Set("amount-unit", "mg"),
            Choose("preset-needed"),
            Fill("gap-hours", "4"),
            Fill("max-per-day", "6"),
            Fill("max-amount", "3000"),
        ],
        sentence: "500 mg when you need it, at most 6 in 24 hours, at most 3,000 mg in 24 hours, 4 hours apart",
    },
    Kind {
        name: "Prednisolone",
        steps: &[
            Set("amount-way", "steps"),
            Fill("step-amount-0", "4"),
            Fill("step-days-0", "7"),
            Fill("step-amount-1", "2"),
            Fill("step-days-1", "7"),
            Press("add-step"),
            Fill("step-amount-2", "1"),
            Choose("preset-once"),
            Set("time-0", "08:00"),
        ],
        sentence: "Every morning, at 08:00: 4 tablets for 7 days, then 2 tablets for 7 days, then 1 tablet",
    },
    Kind {
        name: "Warfarin",
        steps: &[
            Set("amount-way", "days"),
            Set("amount-unit", "mg"),
            Fill("day-amount-0", "5"),
            Fill("day-amount-1", "2,5"),
            Choose("preset-once"),
            Set("time-0", "18:00"),
        ],
        sentence: "Every evening, at 18:00, day by day: 5 mg, then 2.5 mg, and again from the first",
    },
    Kind {
        name: "Insulin",
        steps: &[Set("amount-way", "ask"), Choose("preset-three"), Choose("travels")],
        sentence: "Every morning, afternoon and evening, at 08:00, 14:00 and 20:00",
    },
    Kind {
        name: "Aspirin",
        steps: &[Open("more-ways"), Choose("preset-not-yet")],
        sentence: "No times set yet",
    },
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_enters_every_kind_of_schedule_and_reads_it_back() {
    let _beside = beside_others().await;
    let backend = Backend::start(Engine::Embedded).await;
    let page = Browser::start().await;
    page.size(390, 844).await;
    page.go(&backend.url()).await;
    sign_up(&page, "Ada Obi", "ada@kinds.example", "sign-up-patient").await;
    enter_all(&page).await;
    page.held_its_tongue(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_enters_every_kind_of_schedule_in_the_window() {
    let _beside = beside_others().await;
    let backend = Backend::start(Engine::Embedded).await;
    let mut desk = Desk::set_up(&backend.url());
    let page = desk.open_window().await;
    sign_up(&page, "Ada Obi", "ada@window.example", "sign-up-patient").await;
    enter_all(&page).await;
    page.close().await;
}

/// The next days come in above *Save* a moment after each choice, and are of other heights. Whoever is about to press it must
/// not miss it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn save_stays_where_it_is_while_the_next_days_come_in() {
    let _beside = beside_others().await;
    let backend = Backend::start(Engine::Embedded).await;
    let page = Browser::start().await;
    page.go(&backend.url()).await;
    sign_up(&page, "Ada Obi", "ada@still.example", "sign-up-patient").await;
    page.press("tab-medicines").await;
    page.press("add-medicine").await;
    page.fill("medicine-name", "Metformin 500 mg").await;
    page.see("preview-sentence").await;
    for (width, height) in SIZES {
        page.size(width, height).await;
        for simple in ["false", "true"] {
            for end in [false, true] {
                let places = page.run_async(MOVES, vec![json!(simple), json!(end)]).await;
                let Value::Array(places) = places else {
                    panic!("the script answered {places}")
                };
                let (heights, places): (Vec<&Value>, Vec<&Value>) = places.iter().partition(|it| it.is_number());
                let at = format!("{width}x{height}, simple {simple}, at the end {end}");
                assert!(
                    heights.len() > 1,
                    "nothing came in at {at}: the story looks at too little"
                );
                assert_eq!(places.len(), 1, "Save moved to {places:?} at {at}");
            }
        }
    }
    page.held_its_tongue(&[]).await;
}

/// Makes several choices, and answers with every place that *Save* was drawn at meanwhile, and every height of the preview.
const MOVES: &str = "const [simple, end, done] = arguments; \
    document.documentElement.dataset.simple = simple; \
    const pick = id => document.querySelector(`[data-test=\"${id}\"]`); \
    const choices = ['preset-needed', 'preset-three', 'preset-weekly', 'preset-once', 'preset-twice']; \
    window.scrollTo({ top: end ? document.documentElement.scrollHeight : 0, behavior: 'instant' }); \
    const seen = new Set(); let next = performance.now() + 100; \
    const look = () => { \
      const box = pick('save-medicine').getBoundingClientRect(); \
      seen.add(Math.round(box.left) + ',' + Math.round(box.top)); \
      seen.add(Math.round(pick('preview').getBoundingClientRect().height)); \
      if (performance.now() >= next) { \
        const choice = choices.shift(); \
        if (!choice) return done([...seen]); \
        pick(choice).click(); next = performance.now() + 700; \
      } \
      requestAnimationFrame(look); }; \
    requestAnimationFrame(() => requestAnimationFrame(look));";

/// Adds one of each, from *Today* on, and opens one again.
async fn enter_all(page: &Page) {
    page.screen("today").await;
    for kind in KINDS {
        page.press("tab-medicines").await;
        page.press("add-medicine").await;
        page.fill("medicine-name", kind.name).await;
        for step in kind.steps {
            take(page, step).await;
        }
        page.press("save-medicine").await;
        page.gone(r#"[data-screen="medicine-form"]"#, Duration::from_secs(20))
            .await;
        page.screen("medicine").await;
        assert_eq!(page.read("medicine-sentence").await, kind.sentence, "{}", kind.name);
    }
    // Opening one to edit it shows what was entered.
    page.press("tab-medicines").await;
    page.press_css(r#"[data-test="medicine-row"][data-name="Prednisolone"]"#)
        .await;
    page.press("edit-medicine").await;
    page.screen("medicine-form").await;
    assert_eq!(
        page.read("preview-sentence").await,
        "Every morning, at 08:00: 4 tablets for 7 days, then 2 tablets for 7 days, then 1 tablet"
    );
}

async fn take(page: &Page, step: &Step) {
    match step {
        Open(id) | Press(id) => page.press(id).await,
        Choose(id) => page.choose(id).await,
        Fill(id, text) => page.fill(id, text).await,
        Set(id, value) => page.set(id, value).await,
    }
}
