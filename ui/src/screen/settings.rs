//! Settings of this device and account.

use std::sync::Arc;

use doseline_client::{
    ask::{ChangeSettings, Fault, OpenDevices, OpenSettings, RevokeDevice, Secret, SignOut},
    view::{Preferences, SettingsView, Theme},
};
use doseline_shared::{api::account::Device, id::DeviceId};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    app::App,
    draw::{
        icon, notice,
        piece::{self, Kind, Way},
    },
    host,
    load::{load, shown},
    page,
    route::Route,
    screen::{
        copy, password,
        second_factor::{self, PASSWORD},
    },
    time,
    words::{self, say, t},
};

const THEMES: [(&str, Theme); 4] = [
    ("system", Theme::System),
    ("light", Theme::Light),
    ("dark", Theme::Dark),
    ("contrast", Theme::Contrast),
];

#[derive(Clone, Copy)]
struct Acting {
    app: App,
    theme: RwSignal<String>,
    simple: RwSignal<bool>,
    locale: RwSignal<String>,
    autostart: RwSignal<bool>,
    remind: RwSignal<bool>,
    help_name: RwSignal<String>,
    help_number: RwSignal<String>,
    help_known: RwSignal<Option<(String, String)>>,
    /// The device that is about to be signed out, with its name.
    revoking: RwSignal<Option<(DeviceId, String)>>,
    password: RwSignal<String>,
    busy: RwSignal<bool>,
    revoking_fault: RwSignal<Option<Fault>>,
    fault: RwSignal<Option<Fault>>,
}

/// The screen.
pub fn screen(app: App) -> AnyView {
    let settings = load(app, || OpenSettings {});
    let devices = load(app, || OpenDevices {});
    let acting = Acting {
        app,
        theme: RwSignal::new("system".to_owned()),
        simple: RwSignal::new(false),
        locale: RwSignal::new("en".to_owned()),
        autostart: RwSignal::new(false),
        remind: RwSignal::new(false),
        help_name: RwSignal::new(String::new()),
        help_number: RwSignal::new(String::new()),
        help_known: RwSignal::new(None),
        revoking: RwSignal::new(None),
        password: RwSignal::new(String::new()),
        busy: RwSignal::new(false),
        revoking_fault: RwSignal::new(None),
        fault: RwSignal::new(None),
    };
    let is_patient = |view: &SettingsView| view.me.patient.is_some();
    let has_record = Memo::new(move |_| settings.view.with(|view| view.as_ref().is_some_and(is_patient)));
    Effect::new(move |_| {
        settings.view.with(|view| {
            if let Some(view) = view {
                acting.fill(&view.preferences);
            }
        });
    });
    view! {
        {shown(settings, move |view| draw(acting, view))}
        {password::section(app)}
        {second_factor::section(app)}
        <section class="settings" aria-labelledby="devices-title">
            <h2 id="devices-title">{t("devices-title")}</h2>
            {shown(devices, move |all: &Vec<Device>| {
                let rows: Vec<AnyView> = all.iter().map(|one| device(acting, one)).collect();
                view! { <ul class="rows">{rows}</ul> }.into_any()
            })}
            {move || acting.revoking.get().map(|(id, name)| confirm(acting, id, &name))}
        </section>
        {move || has_record.get().then(copy::section)}
        <section class="settings" aria-labelledby="account-title">
            <h2 id="account-title">{t("account-title")}</h2>
            <p class="soft">{t("sign-out-words")}</p>
            {piece::button("button", "sign-out", t("sign-out"), move || sign_out(acting))}
            {move || settings.view.with(|view| view.as_ref().map(|view| {
                let about = say("about", &[("version", &view.version), ("server", &view.server)]);
                view! { <p class="soft about" data-test="about">{about}</p> }
            }))}
        </section>
    }
    .into_any()
}

impl Acting {
    /// Asks whether this device is to be signed out, or no longer. What was typed is forgotten.
    fn ask_to_revoke(self, device: Option<(DeviceId, String)>) {
        self.password.set(String::new());
        self.revoking_fault.set(None);
        let asks = device.is_some();
        self.revoking.set(device);
        if asks {
            spawn_local(async {
                // Once it is drawn.
                TimeoutFuture::new(0).await;
                page::focus("field-device-password");
            });
        }
    }

    fn fill(self, preferences: &Preferences) {
        let theme = THEMES
            .iter()
            .find(|(_, theme)| *theme == preferences.theme)
            .map_or("system", |(name, _)| name);
        if self.theme.get_untracked() != theme {
            self.theme.set(theme.to_owned());
        }
        if self.locale.get_untracked() != preferences.locale {
            self.locale.set(preferences.locale.clone());
        }
        // What is being typed is not overwritten by what is known already.
        let help = (preferences.help_name.clone(), preferences.help_number.clone());
        if self.help_known.get_untracked().as_ref() != Some(&help) {
            self.help_name.set(help.0.clone());
            self.help_number.set(help.1.clone());
            self.help_known.set(Some(help));
        }
        for (signal, value) in [
            (self.simple, preferences.simple),
            (self.autostart, preferences.autostart),
            (self.remind, preferences.remind),
        ] {
            if signal.get_untracked() != value {
                signal.set(value);
            }
        }
    }

    /// Sends everything that acts at once; whom to call stays as it is known, for it is saved by its own button.
    fn send(self) {
        let (name, number) = self.help_known.get_untracked().unwrap_or_default();
        self.send_with(name, number);
    }

    fn send_help(self) {
        let text = |signal: RwSignal<String>| signal.get_untracked().trim().to_owned();
        self.send_with(text(self.help_name), text(self.help_number));
    }

    fn send_with(self, help_name: String, help_number: String) {
        let theme = self.theme.get_untracked();
        let settings = Preferences {
            theme: THEMES
                .iter()
                .find(|(name, _)| *name == theme)
                .map_or(Theme::System, |(_, theme)| *theme),
            simple: self.simple.get_untracked(),
            locale: self.locale.get_untracked(),
            autostart: self.autostart.get_untracked(),
            remind: self.remind.get_untracked(),
            help_name,
            help_number,
        };
        spawn_local(async move {
            match host::ask(ChangeSettings { settings }).await {
                Ok(view) => {
                    self.fault.set(None);
                    self.app.dress(view.preferences);
                    self.app.touch();
                }
                Err(fault) => self.fault.set(Some(fault)),
            }
        });
    }
}

fn draw(acting: Acting, view: &SettingsView) -> AnyView {
    let themes = vec![
        Way::new("theme-system", "system", t("theme-system")),
        Way::new("theme-light", "light", t("theme-light")),
        Way::new("theme-dark", "dark", t("theme-dark")),
        Way::new("theme-contrast", "contrast", t("theme-contrast")),
    ];
    let send = move || acting.send();
    let languages: Vec<(String, String)> = words::locales();
    let several = languages.len() > 1;
    let patient = view.me.patient.is_some();
    let simple_hint = if patient {
        t("simple-mode-hint")
    } else {
        t("simple-mode-hint-carer")
    };
    view! {
        {piece::heading(t("tab-settings"), None)}
        <p class="soft under-heading">{view.me.name.clone()}" · "{view.me.email.clone()}</p>
        {notice::network(&view.network)}
        {(view.network.unsent > view.network.held || !view.network.online).then(|| notice::sync_button(acting.app))}
        {notice::attention(acting.app, &view.attention)}
        {piece::fault_line(acting.fault)}
        <section class="settings" aria-labelledby="look-title">
            <h2 id="look-title">{t("appearance")}</h2>
            {piece::choice_with("four", "theme", t("theme"), themes, acting.theme, Arc::new(send))}
            {piece::tick_with("simple", t("simple-mode"), Some(simple_hint), acting.simple, Box::new(send))}
            {several.then(|| piece::select("language", t("language"), languages, acting.locale, Box::new(send)))}
        </section>
        {patient.then(|| help(acting))}
        {(view.can_remind || view.can_autostart).then(|| view! {
            <section class="settings" aria-labelledby="remind-title">
                <h2 id="remind-title">{t("reminders")}</h2>
                {view.can_remind.then(|| piece::tick_with("remind", t("remind"), Some(t("remind-hint")), acting.remind, Box::new(send)))}
                {view.can_autostart.then(|| piece::tick_with("autostart", t("autostart"), Some(t("autostart-hint")), acting.autostart, Box::new(send)))}
            </section>
        })}
    }
    .into_any()
}

/// Whom to call for help, with a button of its own: half a number is not kept.
fn help(acting: Acting) -> AnyView {
    let name = Kind {
        autocomplete: "off",
        ..Kind::TEXT
    };
    let number = Kind {
        kind: "tel",
        inputmode: "tel",
        ..Kind::TEXT
    };
    view! {
        <section class="settings" aria-labelledby="help-title">
            <h2 id="help-title">{t("help-title")}</h2>
            <form class="form" on:submit=move |event| { event.prevent_default(); acting.send_help(); }>
                    {piece::field("help-name", t("help-name"), Some(t("help-name-hint")), name, acting.help_name)}
                    {piece::field_of("help-number", "help_number", acting.fault, t("help-number"), Some(t("help-number-hint")), number, acting.help_number)}
                <div class="acts"><button type="submit" class="button" data-test="help-save">{t("save")}</button>
                    <span class="soft" role="status" data-test="help-kept">{move || kept(acting)}</span></div>
            </form>
        </section>
    }
    .into_any()
}

/// That what stands in the fields is what is kept.
fn kept(acting: Acting) -> Option<String> {
    acting.help_known.with(|known| {
        let (name, number) = known.as_ref()?;
        let same =
            acting.help_name.with(|text| text.trim() == name) && acting.help_number.with(|text| text.trim() == number);
        (same && !number.is_empty()).then(|| t("help-kept"))
    })
}

fn device(acting: Acting, one: &Device) -> AnyView {
    let (id, name) = (one.id, one.name.clone());
    let under = if one.current {
        t("device-current")
    } else {
        say("device-seen", &[("time", &time::moment(one.seen))])
    };
    let act = (!one.current).then_some({
        let read = say("device-revoke-read", &[("name", &name)]);
        piece::button_for("button small", "device-revoke", t("device-revoke"), read, move || {
            acting.ask_to_revoke(Some((id, name.clone())));
        })
    });
    view! {
        <li class="row" data-test="device-row" data-current=one.current.to_string()>
            {icon::icon(icon::DEVICE)}
            <span class="row-what">
                <span class="row-name">{one.name.clone()}</span>
                <span class="row-how">{under}</span>
            </span>
            <span class="row-state">{act}</span>
        </li>
    }
    .into_any()
}

/// Asks for the password before a device is signed out: below the list, which is drawn anew whenever there is news.
fn confirm(acting: Acting, device: DeviceId, name: &str) -> AnyView {
    let title = say("device-revoke-title", &[("name", name)]);
    view! {
        <form class="card form" aria-labelledby="device-revoke-title"
            on:submit=move |event| { event.prevent_default(); revoke(acting, device); }>
            <h3 id="device-revoke-title">{title}</h3>
            {piece::field("device-password", t("password"), Some(t("device-password-hint")), PASSWORD, acting.password)}
            {piece::fault_line(acting.revoking_fault)}
            <div class="acts">
                {piece::submit("device-revoke-confirm", t("device-revoke-confirm"), acting.busy)}
                {piece::button("button", "device-revoke-leave", t("cancel"), move || acting.ask_to_revoke(None))}
            </div>
        </form>
    }
    .into_any()
}

fn revoke(acting: Acting, device: DeviceId) {
    if acting.busy.get_untracked() {
        return;
    }
    acting.busy.set(true);
    let password = Secret(acting.password.get_untracked());
    spawn_local(async move {
        let answer = host::ask(RevokeDevice { device, password }).await;
        acting.busy.set(false);
        match answer {
            Ok(_) => {
                acting.ask_to_revoke(None);
                acting.app.touch();
            }
            Err(fault) => acting.revoking_fault.set(Some(fault)),
        }
    });
}

fn sign_out(acting: Acting) {
    spawn_local(async move {
        match host::ask(SignOut {}).await {
            Ok(view) => {
                acting.app.replace(Route::Home);
                acting.app.begin(view);
            }
            Err(fault) => acting.fault.set(Some(fault)),
        }
    });
}
