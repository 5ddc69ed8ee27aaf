//! A report for the doctor: of which days, and where the file is.

use chrono::{Days, NaiveDate};
use doseline_client::ask::{Fault, OpenReport};
use doseline_shared::api::{
    ErrorCode,
    report::{Document, file_name},
};
use leptos::prelude::*;

use crate::{
    draw::{
        file::{Making, Words},
        icon, piece,
        piece::Kind,
    },
    host::{self, Printed},
    report,
    route::{Route, Whose},
    time,
    words::{say, t},
};

/// Days that a report is of where nobody chooses others.
const DAYS: u64 = 30;

#[derive(Clone, Copy)]
struct Form {
    whose: Whose,
    from: RwSignal<String>,
    to: RwSignal<String>,
    making: Making,
}

/// The screen.
pub fn screen(whose: Whose) -> AnyView {
    let today = time::today();
    let first = today.checked_sub_days(Days::new(DAYS - 1)).unwrap_or(today);
    let form = Form {
        whose,
        from: RwSignal::new(first.to_string()),
        to: RwSignal::new(today.to_string()),
        making: Making::new(),
    };
    let back = match whose {
        Whose::Own => t("tab-medicines"),
        Whose::Cared(_) | Whose::Clinic(..) => t("back-to-record"),
    };
    view! {
        {piece::heading(t("report-title"), Some((back, Route::record(whose).path())))}
        <p class="soft under-heading">{t("report-words")}</p>
        <form class="form" novalidate on:submit=move |event| {
            event.prevent_default();
            form.making.make(form.printed());
        }>
            <div class="pair">
                {piece::field("report-from", t("report-from"), None, Kind::DATE.required(), form.from)}
                {piece::field("report-to", t("report-to"), None, Kind::DATE.required(), form.to)}
            </div>
            {fault_line(form.making)}
            <div class="acts">{piece::submit("report-make", t("report-make"), form.making.busy)}</div>
        </form>
        {form.making.shown("report", words)}
    }
    .into_any()
}

impl Form {
    async fn printed(self) -> Result<(Printed, String), Fault> {
        let date = |text: RwSignal<String>| {
            let read: Result<NaiveDate, _> = text.get_untracked().trim().parse();
            read.map_err(|_| Fault::field("range"))
        };
        let (from, to) = (date(self.from)?, date(self.to)?);
        let view = host::ask(OpenReport {
            patient: self.whose.patient(),
            from,
            to,
        })
        .await?;
        let document: Document = report::document(&view);
        let printed = host::print(document, view.today).await?;
        Ok((printed, file_name(view.today)))
    }
}

/// With no network, a browser has nobody to make the file.
fn fault_line(making: Making) -> AnyView {
    let offline = move || {
        making
            .fault
            .with(|fault| fault.as_ref().is_some_and(|fault| fault.code == ErrorCode::Offline))
    };
    view! {
        {move || if offline() {
            view! {
                <p class="fault" role="alert" data-test="fault">
                    {icon::icon(icon::HEED)}<span>{t("report-offline")}</span>
                </p>
            }.into_any()
        } else {
            piece::fault_line(making.fault)
        }}
    }
    .into_any()
}

fn words() -> Words {
    Words {
        kept: |path| say("report-kept", &[("path", path)]),
        ready: t("report-ready"),
        save: t("report-save"),
    }
}
