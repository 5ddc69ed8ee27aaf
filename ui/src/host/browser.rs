//! A browser: the core runs inside this page. Fetch, WebSocket, timers, storage and the browser's own randomness are what
//! it needs from the outside.

use std::{cell::RefCell, rc::Rc, time::Duration};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use doseline_client::{
    ask::{Fault, PrintReport, Request, SyncNow},
    cache::{Batch, Cache, CacheError},
    core::Core,
    host::{HintStream, Host, HttpRequest, HttpResponse, SecretError, Unreachable},
    json,
    vault::{Opening, Vault},
};
use doseline_shared::api::{
    ErrorCode, VERSION_HEADER,
    report::Document,
    sync::{Hello, Hint},
};
use futures::{StreamExt, channel::mpsc};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Intl, Reflect, Uint8Array};
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortController, Blob, BlobPropertyBag, CloseEvent, Headers, MessageEvent, Request as Fetch, RequestInit, Response,
    Storage, Url, WebSocket,
};

use super::indexed_db::IndexedDbCache;

type BrowserCore = Core<BrowserHost, BrowserVault>;
type Hear = Rc<dyn Fn()>;

/// The longest that a request may take.
const PATIENCE_MILLIS: u32 = 20_000;

thread_local! {
    static CORE: RefCell<Option<Rc<BrowserCore>>> = const { RefCell::new(None) };
    static HEAR: RefCell<Option<Hear>> = const { RefCell::new(None) };
}

/// Asks the core in this page, and starts it with the first question.
pub async fn ask<R: Request>(request: R) -> Result<R::Answer, Fault> {
    core().ask(request).await
}

/// Has the backend make a PDF, and gives the address under which the page holds it.
pub async fn print(document: Document) -> Result<String, Fault> {
    let pdf = core().ask(PrintReport { document }).await?;
    hold(&pdf, "application/pdf")
}

/// Gives the address under which the page holds a file.
pub fn hold(contents: &[u8], of_kind: &str) -> Result<String, Fault> {
    let parts = Array::of1(&Uint8Array::from(contents));
    let kind = BlobPropertyBag::new();
    kind.set_type(of_kind);
    Blob::new_with_u8_array_sequence_and_options(&parts, &kind)
        .and_then(|blob| Url::create_object_url_with_blob(&blob))
        .map_err(|_| Fault::of(ErrorCode::Internal))
}

/// Listens to the core in this page, and wakes it when the network or the person comes back.
pub fn on_changed(hear: impl Fn() + 'static) {
    HEAR.with(|kept| *kept.borrow_mut() = Some(Rc::new(hear)));
    let wake = Closure::<dyn Fn()>::new(|| {
        if document().visibility_state() == web_sys::VisibilityState::Visible {
            spawn_local(async {
                // What comes of it shows in the network line.
                drop(core().ask(SyncNow {}).await);
            });
        }
    });
    let listening = [
        window().add_event_listener_with_callback("online", wake.as_ref().unchecked_ref()),
        document().add_event_listener_with_callback("visibilitychange", wake.as_ref().unchecked_ref()),
    ];
    debug_assert!(listening.iter().all(Result::is_ok), "a page can always be listened to");
    wake.forget();
}

fn core() -> Rc<BrowserCore> {
    CORE.with(|kept| {
        Rc::clone(kept.borrow_mut().get_or_insert_with(|| {
            let core = Rc::new(Core::new(BrowserHost, BrowserVault));
            let running = Rc::clone(&core);
            spawn_local(async move { running.run().await });
            core
        }))
    })
}

struct BrowserHost;

impl Host for BrowserHost {
    fn now(&self) -> DateTime<Utc> {
        #[expect(clippy::cast_possible_truncation, reason = "a date of this millennium")]
        let millis = js_sys::Date::now() as i64;
        DateTime::from_timestamp_millis(millis).unwrap_or_default()
    }

    fn zone(&self) -> Tz {
        let options = Intl::DateTimeFormat::default().resolved_options();
        Reflect::get(&options, &"timeZone".into())
            .ok()
            .and_then(|name| name.as_string())
            .and_then(|name| name.parse().ok())
            .unwrap_or(Tz::UTC)
    }

    fn random(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("every browser that runs wasm has a source of randomness");
    }

    async fn http(&self, request: HttpRequest) -> Result<HttpResponse, Unreachable> {
        let abort = AbortController::new().map_err(unreachable)?;
        let stop = abort.clone();
        let timer = gloo_timers::callback::Timeout::new(PATIENCE_MILLIS, move || stop.abort());
        let answer = fetch(&request, &abort).await.map_err(unreachable);
        timer.cancel();
        answer
    }

    async fn hints(&self, url: &str, access: &str) -> Result<impl HintStream, Unreachable> {
        Hints::open(url, access).await
    }

    async fn sleep(&self, time: Duration) {
        TimeoutFuture::new(u32::try_from(time.as_millis()).unwrap_or(u32::MAX)).await;
    }

    async fn secret(&self, name: &str) -> Result<Option<String>, SecretError> {
        let key = secret_key(name);
        for storage in [session_storage()?, local_storage()?] {
            if let Some(value) = storage.get_item(&key).map_err(storage_fault)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    async fn set_secret(&self, name: &str, value: Option<&str>, keep: bool) -> Result<(), SecretError> {
        let key = secret_key(name);
        let (session, local) = (session_storage()?, local_storage()?);
        let (chosen, other) = if keep { (&local, &session) } else { (&session, &local) };
        other.remove_item(&key).map_err(storage_fault)?;
        match value {
            Some(value) => chosen.set_item(&key, value).map_err(storage_fault),
            None => chosen.remove_item(&key).map_err(storage_fault),
        }
    }

    fn changed(&self) {
        if let Some(hear) = HEAR.with(|kept| kept.borrow().clone()) {
            hear();
        }
    }

    fn device_name(&self) -> String {
        name_of(&window().navigator().user_agent().unwrap_or_default())
    }

    fn origin(&self) -> Option<String> {
        window().location().origin().ok()
    }
}

async fn fetch(request: &HttpRequest, abort: &AbortController) -> Result<HttpResponse, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &request.headers {
        headers.set(name, value)?;
    }
    let init = RequestInit::new();
    init.set_method(request.method);
    init.set_headers(&headers);
    init.set_signal(Some(&abort.signal()));
    init.set_cache(web_sys::RequestCache::NoStore);
    init.set_credentials(web_sys::RequestCredentials::Omit);
    if let Some(body) = &request.body {
        if !headers.has("content-type")? {
            headers.set("content-type", "application/json")?;
        }
        init.set_body(&JsValue::from_str(body));
    }
    let fetch = Fetch::new_with_str_and_init(&request.url, &init)?;
    let response: Response = JsFuture::from(window().fetch_with_request(&fetch)).await?.dyn_into()?;
    let body = JsFuture::from(response.array_buffer()?).await?;
    Ok(HttpResponse {
        status: response.status(),
        api_version: response.headers().get(VERSION_HEADER)?,
        body: Uint8Array::new(&body).to_vec(),
    })
}

/// The stream of hints over a WebSocket. Closes it when dropped.
struct Hints {
    socket: WebSocket,
    heard: mpsc::UnboundedReceiver<Option<String>>,
    _message: Closure<dyn Fn(MessageEvent)>,
    _close: Closure<dyn Fn(CloseEvent)>,
}

impl Hints {
    async fn open(url: &str, access: &str) -> Result<Self, Unreachable> {
        let socket =
            WebSocket::new(&url.replacen("http", "ws", usize::from(url.starts_with("http")))).map_err(unreachable)?;
        let (say, heard) = mpsc::unbounded();
        let ended = say.clone();
        let message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            // A closed channel means that nobody listens any more.
            drop(say.unbounded_send(event.data().as_string()));
        });
        let close = Closure::<dyn Fn(CloseEvent)>::new(move |_| drop(ended.unbounded_send(None)));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.as_ref().unchecked_ref()));
        let opened = js_sys::Promise::new(&mut |resolve, reject| {
            socket.set_onopen(Some(&resolve));
            socket.set_onerror(Some(&reject));
        });
        let hints = Self {
            socket: socket.clone(),
            heard,
            _message: message,
            _close: close,
        };
        JsFuture::from(opened)
            .await
            .map_err(|_| Unreachable("the socket did not open".to_owned()))?;
        socket.set_onerror(None);
        let hello = Hello {
            access: access.to_owned(),
        };
        let hello = serde_json::to_string(&hello).map_err(|fault| Unreachable(fault.to_string()))?;
        socket.send_with_str(&hello).map_err(unreachable)?;
        Ok(hints)
    }
}

impl HintStream for Hints {
    async fn next(&mut self) -> Option<Hint> {
        loop {
            // A hint of a kind that this version does not know is passed over; the poll covers it.
            let text = self.heard.next().await??;
            if let Ok(hint) = json::read(&text) {
                return Some(hint);
            }
        }
    }
}

impl Drop for Hints {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // Closing a socket that is closed already is no fault.
        drop(self.socket.close());
    }
}

/// Opens the IndexedDB. No key is asked for: what lies in it is what has not reached the backend yet.
struct BrowserVault;

impl BrowserVault {
    async fn examine(&self) -> Result<IndexedDbCache, (CacheError, u32)> {
        let cache = IndexedDbCache::open(&database_name())
            .await
            .map_err(|fault| (fault, 0))?;
        if let Err(fault) = cache.load().await {
            let saved = cache.salvage().await.map_or(0, |entries| entries.len());
            return Err((fault, u32::try_from(saved).unwrap_or(u32::MAX)));
        }
        Ok(cache)
    }

    async fn begin_anew(&self) -> Result<IndexedDbCache, CacheError> {
        let saved = match IndexedDbCache::open(&database_name()).await {
            Ok(old) => old.salvage().await.unwrap_or_default(),
            Err(_) => Vec::new(),
        };
        let name = format!("doseline-{}", js_sys::Date::now());
        let cache = IndexedDbCache::open(&name).await?;
        cache
            .commit(Batch {
                pending: saved,
                ..Batch::default()
            })
            .await?;
        let storage = local_storage().map_err(|fault| CacheError::Failed(fault.to_string()))?;
        storage
            .set_item(DATABASE, &name)
            .map_err(|_| CacheError::Failed("the new store's name could not be kept".to_owned()))?;
        Ok(cache)
    }
}

impl Vault for BrowserVault {
    type Cache = IndexedDbCache;

    async fn open(&self) -> Opening<IndexedDbCache> {
        match self.examine().await {
            Ok(cache) => Opening::Open(cache),
            Err((fault, saved)) => Opening::Trouble {
                fault: fault.into(),
                saved,
            },
        }
    }

    async fn choose_pin(&self, _pin: &str) -> Result<Opening<IndexedDbCache>, Fault> {
        Ok(self.open().await)
    }

    async fn unlock(&self, _pin: &str) -> Result<Opening<IndexedDbCache>, Fault> {
        Ok(self.open().await)
    }

    async fn start_over(&self) -> Result<Opening<IndexedDbCache>, Fault> {
        Ok(Opening::Open(self.begin_anew().await?))
    }
}

/// Where the name of the database is kept once a damaged one has been put aside.
const DATABASE: &str = "doseline.database";

fn database_name() -> String {
    local_storage()
        .ok()
        .and_then(|storage| storage.get_item(DATABASE).ok().flatten())
        .unwrap_or_else(|| "doseline".to_owned())
}

fn secret_key(name: &str) -> String {
    format!("doseline.secret.{name}")
}

fn local_storage() -> Result<Storage, SecretError> {
    window().local_storage().ok().flatten().ok_or_else(no_storage)
}

fn session_storage() -> Result<Storage, SecretError> {
    window().session_storage().ok().flatten().ok_or_else(no_storage)
}

fn no_storage() -> SecretError {
    SecretError("this window has no storage".to_owned())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn storage_fault(fault: JsValue) -> SecretError {
    SecretError(format!("{fault:?}"))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn unreachable(fault: JsValue) -> Unreachable {
    Unreachable(format!("{fault:?}"))
}

/// `Chrome on Linux`, from what the browser says of itself.
fn name_of(agent: &str) -> String {
    let browser = [
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let system = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ];
    let find = |known: &[(&str, &'static str)]| {
        known
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    match (find(&browser), find(&system)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "Web browser".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn a_browser_is_named_as_its_owner_would() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
        let safari =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1";
        assert_eq!(name_of(chrome), "Chrome on Linux");
        assert_eq!(name_of(safari), "Safari on iPhone");
        assert_eq!(name_of("curl/8"), "Web browser");
    }
}
