//! Pictures of what is on a screen in every size and look, and what stands in the way of who reads, hears or enlarges it.

use std::fs;

use doseline_tests::{browser::Browser, page::Page, place};
use serde_json::{Value, json};

/// The sizes of a phone, a tablet and a desk.
pub const SIZES: [(u32, u32); 3] = [(390, 844), (820, 1180), (1440, 900)];

/// How a screen looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// By day.
    Light,
    /// By night.
    Dark,
    /// In high contrast.
    Contrast,
    /// In the letters of simple mode.
    Simple,
}

impl Look {
    /// Its name in the names of the pictures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Contrast => "contrast",
            Self::Simple => "simple",
        }
    }
}

/// What draws a page and can be looked at: a browser, or the desktop app's window.
pub trait Eye {
    /// The page.
    fn page(&self) -> &Page;
    /// Sets the size of what is drawn.
    async fn size(&self, width: u32, height: u32);
    /// What is drawn, as PNG.
    async fn picture(&self) -> Vec<u8>;
}

impl Eye for Browser {
    fn page(&self) -> &Page {
        self
    }

    async fn size(&self, width: u32, height: u32) {
        Browser::size(self, width, height).await;
    }

    async fn picture(&self) -> Vec<u8> {
        Browser::picture(self, false).await
    }
}

/// The window of the desktop app.
pub struct Window<'a>(pub &'a Page);

impl Eye for Window<'_> {
    fn page(&self) -> &Page {
        self.0
    }

    async fn size(&self, width: u32, height: u32) {
        let sized = self.0.client().set_window_size(width, height).await;
        sized.expect("a window takes a size");
    }

    async fn picture(&self) -> Vec<u8> {
        self.0.client().screenshot().await.expect("a window can be seen")
    }
}

/// Everything that was looked at, and every fault that was found.
#[derive(Default)]
pub struct Gallery {
    faults: Vec<String>,
}

impl Gallery {
    /// Fails where there was any fault.
    pub fn assert_faultless(self) {
        let faults = self.faults;
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    }

    /// Looks at what is on the screen now, in every size, light, dark and in the letters of simple mode, without leaving
    /// it: for states that a way through the settings would end.
    pub async fn state(&mut self, eye: &impl Eye, name: &str) {
        self.state_at(eye, name, None).await;
    }

    /// The same, with what fits `css` in the middle of the picture.
    pub async fn state_at(&mut self, eye: &impl Eye, name: &str, css: Option<&str>) {
        for look in [Look::Light, Look::Dark, Look::Simple] {
            self.in_place(eye, name, look, css).await;
        }
        dress(eye.page(), "system", false).await;
    }

    /// Looks at what is on the screen now in one look, without leaving it.
    pub async fn in_place(&mut self, eye: &impl Eye, name: &str, look: Look, css: Option<&str>) {
        let theme = match look {
            Look::Dark => "dark",
            Look::Contrast => "contrast",
            Look::Light | Look::Simple => "light",
        };
        for (width, height) in SIZES {
            eye.size(width, height).await;
            // Again for each picture: the app puts its own settings back whenever something has changed.
            dress(eye.page(), theme, look == Look::Simple).await;
            scroll_to(eye.page(), css).await;
            self.picture(eye, &format!("{name}-{width}x{height}-{}", look.name()))
                .await;
        }
        let (width, height) = SIZES[0];
        eye.size(width, height).await;
        dress(eye.page(), theme, look == Look::Simple).await;
        self.twice_as_large(eye, &format!("{name}-{width}x{height}-{}", look.name()), css)
            .await;
    }

    /// Keeps a picture of what is drawn, and notes what axe-core finds and what sticks out.
    pub async fn picture(&mut self, eye: &impl Eye, named: &str) {
        settled(eye.page()).await;
        keep(eye, named).await;
        let found = violations(eye.page())
            .await
            .into_iter()
            .chain(overflow(eye.page()).await);
        self.faults.extend(found.map(|fault| format!("{named}: {fault}")));
    }

    /// The same with letters of twice the size, where nothing may stick out or be cut off.
    pub async fn twice_as_large(&mut self, eye: &impl Eye, named: &str, css: Option<&str>) {
        let page = eye.page();
        page.run("document.documentElement.style.fontSize = '200%'", vec![])
            .await;
        scroll_to(page, css).await;
        settled(page).await;
        let named = format!("{named}-200-percent");
        keep(eye, &named).await;
        let found = overflow(page).await.into_iter().chain(cut_off(page).await);
        self.faults.extend(found.map(|fault| format!("{named}: {fault}")));
        page.run("document.documentElement.style.fontSize = ''", vec![]).await;
    }
}

async fn keep(eye: &impl Eye, named: &str) {
    let folder = place::screenshots();
    fs::create_dir_all(&folder).expect("the target folder is ours");
    fs::write(folder.join(format!("{named}.png")), eye.picture().await).expect("the folder is ours");
}

/// Puts on the page what the app puts there for a theme and for simple mode.
async fn dress(page: &Page, theme: &str, simple: bool) {
    let script = "const root = document.documentElement; \
                  if (root.dataset.theme !== arguments[0]) root.dataset.theme = arguments[0]; \
                  if (root.dataset.simple !== arguments[1]) root.dataset.simple = arguments[1];";
    page.run(script, vec![json!(theme), json!(simple.to_string())]).await;
}

async fn scroll_to(page: &Page, css: Option<&str>) {
    if let Some(css) = css {
        assert!(page.scroll_to(css).await, "{css} is not there to be looked at");
    }
}

/// Waits until fonts are there and what was changed is drawn.
async fn settled(page: &Page) {
    let script = "const done = arguments[0]; document.fonts.ready.then(() => \
                  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))));";
    page.run_async(script, vec![]).await;
}

/// What axe-core finds against the screen.
async fn violations(page: &Page) -> Vec<String> {
    if page.run("return typeof axe", vec![]).await == "undefined" {
        let axe = fs::read_to_string(place::tool("node_modules/axe-core/axe.min.js")).expect("axe-core is text");
        page.run(&axe, vec![]).await;
    }
    let script = "const done = arguments[0]; axe.run(document).then(\
                  found => done(found.passes.length < 10 ? ['axe-core looked at too little'] : found.violations.map(v => v.id + ': ' + v.help + ' at ' \
                    + v.nodes.map(n => n.target.join(' ') + ' ' + n.any.map(a => a.message).join('; ')).join(' | '))), \
                  error => done(['axe-core itself failed: ' + error]));";
    match page.run_async(script, vec![]).await {
        Value::Array(found) => found
            .into_iter()
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect(),
        other => vec![format!("axe-core answered {other}")],
    }
}

/// What sticks out of the width of the screen.
async fn overflow(page: &Page) -> Option<String> {
    let script = "const root = document.documentElement; if (root.scrollWidth <= root.clientWidth) return null; \
                  const out = [...document.querySelectorAll('body *')].filter(e => \
                    e.getBoundingClientRect().right > root.clientWidth + 1); \
                  return root.scrollWidth + ' > ' + root.clientWidth + ' by ' + \
                    out.slice(-4).map(e => e.outerHTML.slice(0, 120)).join(' | ');";
    let found = page.run(script, vec![json!(null)]).await;
    found.as_str().map(|text| format!("sticks out: {text}"))
}

/// Words that are cut off by the box around them.
async fn cut_off(page: &Page) -> Option<String> {
    let script = "const out = [...document.querySelectorAll('main *, nav *')].filter(e => \
                    !e.closest('.visually-hidden, svg, select, input') && e.textContent.trim() !== '' \
                    && ['hidden', 'clip'].includes(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth + 1); \
                  return out.length === 0 ? null : out.slice(0, 4).map(e => e.outerHTML.slice(0, 120)).join(' | ');";
    let found = page.run(script, vec![]).await;
    found.as_str().map(|text| format!("cut off: {text}"))
}
