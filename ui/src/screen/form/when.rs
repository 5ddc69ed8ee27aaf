//! When a medicine is taken: the usual ways as tiles, the rarer ones folded away, and the fields of the one chosen.

use leptos::prelude::*;

use crate::{
    draft::{Fields, WhenFields},
    draw::piece::{self, Kind, Way},
    time,
    words::{say, t},
};

/// The ways that are folded away.
const RARE: [&str; 5] = ["monthly", "every-days", "cycle", "after", "not-yet"];

/// The choice and its fields. `others` are the medicines that this one may follow, by identity and name.
pub(super) fn draw(all: Fields, known: bool, others: Signal<Vec<(String, String)>>) -> AnyView {
    let fields = all.when;
    let way = |name: &str, words: String| Way::new(format!("preset-{name}"), name, words);
    let mut usual = Vec::new();
    if known && fields.exactly.with_value(Option::is_some) {
        usual.push(way("keep", t("preset-keep")).hint(t("preset-keep-hint")));
    }
    usual.extend([
        way("once", t("preset-once")),
        way("twice", t("preset-twice")),
        way("three", t("preset-three")),
        way("hours", t("preset-hours")),
        way("weekly", t("preset-weekly")),
        way("needed", t("preset-needed")),
    ]);
    let rare = vec![
        way("every-days", t("preset-every-days")).hint(t("preset-every-days-hint")),
        way("cycle", t("preset-cycle")).hint(t("preset-cycle-hint")),
        way("monthly", t("preset-monthly")),
        way("after", t("preset-after")).hint(t("preset-after-hint")),
        way("not-yet", t("preset-not-yet")).hint(t("preset-not-yet-hint")),
    ];
    let open = RARE.contains(&fields.preset.get_untracked().as_str());
    let choose = std::sync::Arc::new(move || fields.preset_chosen());
    let more = std::sync::Arc::clone(&choose);
    view! {
        {piece::choice_with("three", "preset", t("when"), usual, fields.preset, choose)}
        <details class="more" open=open>
            <summary data-test="more-ways">{t("more-ways")}</summary>
            {piece::choice_with("two", "preset", t("more-ways-legend"), rare, fields.preset, more)}
        </details>
        {move || of_way(all, others)}
        {move || (!matches!(fields.preset.get().as_str(), "keep" | "not-yet")).then(|| bounds(all))}
    }
    .into_any()
}

/// The fields of the way that is chosen.
fn of_way(all: Fields, others: Signal<Vec<(String, String)>>) -> AnyView {
    let fields = all.when;
    match fields.preset.get().as_str() {
        "once" | "twice" | "three" => times(fields),
        "weekly" => view! { {weekdays(fields)}{times(fields)} }.into_any(),
        "monthly" => view! {
            {piece::field("month-days", t("month-days"), Some(t("month-days-hint")), Kind::TEXT.required(), fields.month_days)}
            {times(fields)}
        }
        .into_any(),
        "every-days" => view! {
            <div class="pair">
                {piece::field("every-days", t("every-days"), Some(t("every-days-hint")), Kind::WHOLE.required(), fields.every_days)}
                {piece::field("anchor", t("every-days-anchor"), Some(t("anchor-hint")), Kind::DATE, fields.anchor)}
            </div>
            {times(fields)}
        }
        .into_any(),
        "cycle" => view! {
            <div class="pair">
                {piece::field("cycle-on", t("cycle-on"), None, Kind::WHOLE.required(), fields.on)}
                {piece::field("cycle-off", t("cycle-off"), None, Kind::WHOLE.required(), fields.off)}
            </div>
            {piece::field("anchor", t("cycle-anchor"), Some(t("anchor-hint")), Kind::DATE, fields.anchor)}
            {times(fields)}
        }
        .into_any(),
        "hours" => hours(fields),
        "after" => after(fields, others),
        "needed" => view! {
            <div class="pair">
                {piece::field("gap-hours", t("gap-hours"), None, Kind::WHOLE.required(), fields.gap_hours)}
                {piece::field("max-per-day", t("max-per-day"), Some(t("max-per-day-hint")), Kind::WHOLE, fields.max_per_day)}
            </div>
            {piece::field("max-amount", t("max-amount"), Some(t("max-amount-hint")), Kind::DECIMAL, fields.max_amount)}
        }
        .into_any(),
        _ => ().into_any(),
    }
}

fn hours(fields: WhenFields) -> AnyView {
    view! {
        <div class="pair">
            {piece::field("every-hours", t("every-hours"), Some(t("every-hours-hint")), Kind::WHOLE.required(), fields.every_hours)}
            {piece::field("first-time", t("first-time"), None, Kind::TIME, fields.first)}
        </div>
        {piece::tick("from-last", t("from-last"), Some(t("from-last-hint")), fields.from_last)}
        {piece::tick("between", t("between"), Some(t("between-hint")), fields.between)}
        {move || fields.between.get().then(|| view! {
            <div class="pair">
                {piece::field("between-from", t("between-from"), None, Kind::TIME, fields.between_from)}
                {piece::field("between-to", t("between-to"), None, Kind::TIME, fields.between_to)}
            </div>
        })}
    }
    .into_any()
}

fn after(fields: WhenFields, others: Signal<Vec<(String, String)>>) -> AnyView {
    let choice = move || {
        let others = others.get();
        let Some((first, _)) = others.first() else {
            return view! { <p class="soft" data-test="after-none">{t("after-none")}</p> }.into_any();
        };
        if !others.iter().any(|(id, _)| *id == fields.after.get_untracked()) {
            fields.after.set(first.clone());
        }
        view! {
            <div class="pair">
                {piece::select("after", t("after"), others, fields.after, Box::new(|| {}))}
                {piece::field("after-minutes", t("after-minutes"), None, Kind::WHOLE.required(), fields.after_minutes)}
            </div>
        }
        .into_any()
    };
    choice.into_any()
}

/// From when, until when, how often, and by which clock.
fn bounds(all: Fields) -> AnyView {
    let by_clock = move || {
        let preset = all.when.preset.get();
        !matches!(preset.as_str(), "hours" | "after" | "needed")
    };
    view! {
        <div class="pair">
            {piece::field("start-date", t("start-date"), Some(t("start-date-hint")), Kind::DATE, all.start)}
            {piece::field("end-date", t("end-date"), Some(t("end-date-hint")), Kind::DATE, all.end)}
        </div>
        {piece::field("max-count", t("max-count"), Some(t("max-count-hint")), Kind::WHOLE, all.max_count)}
        {move || by_clock().then(|| piece::tick("travels", t("travels"), Some(t("travels-hint")), all.travels))}
    }
    .into_any()
}

fn times(fields: WhenFields) -> AnyView {
    view! {
        <fieldset class="times">
            <legend>{t("times")}</legend>
            {move || {
                let all = fields.times.get();
                let several = all.len() > 1;
                all.into_iter().enumerate().map(|(place, time)| {
                    let label = say("time-number", &[("n", &(place + 1).to_string())]);
                    let remove = say("remove-time", &[("n", &(place + 1).to_string())]);
                    view! {
                        <div class="time-row">
                            {piece::field(&format!("time-{place}"), label, None, Kind::TIME, time)}
                            {several.then(|| view! {
                                <button type="button" class="button small" data-test=format!("remove-time-{place}")
                                    aria-label=remove on:click=move |_| fields.remove_time(place)>{t("remove")}</button>
                            })}
                        </div>
                    }
                }).collect::<Vec<_>>()
            }}
            {piece::button("button small", "add-time", t("add-time"), move || fields.add_time())}
        </fieldset>
    }
    .into_any()
}

fn weekdays(fields: WhenFields) -> AnyView {
    let days: Vec<AnyView> = time::WEEK
        .into_iter()
        .zip(fields.weekdays)
        .map(|(day, chosen)| {
            let test = format!("weekday-{}", day.to_string().to_ascii_lowercase());
            view! {
                <label class="tile day-tile">
                    <input type="checkbox" data-test=test prop:checked=move || chosen.get() aria-label=time::weekday(day)
                        on:change=move |event| chosen.set(event_target_checked(&event))/>
                    <span class="tile-label" aria-hidden="true">{time::weekday_short(day)}</span>
                </label>
            }
            .into_any()
        })
        .collect();
    view! {
        <fieldset class="choice">
            <legend>{t("weekdays")}</legend>
            <div class="tiles days">{days}</div>
        </fieldset>
    }
    .into_any()
}
