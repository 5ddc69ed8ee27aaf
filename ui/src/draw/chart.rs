//! Charts: plain SVG under a sentence that says what they show, over a table for readers.

use doseline_client::view::TakingView;
use leptos::prelude::*;

use crate::{
    time,
    words::{say, t},
};

/// The share of doses taken that a clinic looks for.
const AIM: f64 = 80.0;
const HEIGHT: f64 = 96.0;
const STEP: f64 = 40.0;

/// Doses taken, week by week.
pub fn weeks(weeks: &[TakingView]) -> AnyView {
    let known: Vec<&TakingView> = weeks.iter().filter(|week| week.prescribed > 0).collect();
    if known.is_empty() {
        return view! { <p class="soft">{t("weeks-none")}</p> }.into_any();
    }
    #[expect(clippy::cast_precision_loss, reason = "eight bars")]
    let bars: Vec<AnyView> = known
        .iter()
        .enumerate()
        .map(|(place, week)| {
            let percent = f64::from(week.taken) * 100.0 / f64::from(week.prescribed);
            let height = (percent * HEIGHT / 100.0).max(2.0);
            let x = STEP.mul_add(place as f64, 6.0);
            let class = if percent < AIM { "bar low" } else { "bar" };
            view! {
                <rect class=class x=x.to_string() y=(HEIGHT - height + 18.0).to_string() width="28" height=height.to_string() rx="4"/>
                <text x=(x + 14.0).to_string() y=(HEIGHT - height + 13.0).to_string() text-anchor="middle">
                    {format!("{percent:.0}")}
                </text>
            }
            .into_any()
        })
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "eight bars")]
    let width = STEP * known.len().max(6) as f64;
    let aim = HEIGHT.mul_add(1.0 - AIM / 100.0, 18.0).to_string();
    let rows: Vec<AnyView> = known
        .iter()
        .map(|week| {
            view! {
                <tr data-test="week-row">
                    <th scope="row">{say("week-of", &[("date", &time::day_month(week.from))])}</th>
                    <td>{week.taken}</td><td>{week.prescribed}</td><td>{week.missed}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <figure class="chart">
            <svg viewBox=format!("0 0 {width} 118") style:max-width=format!("{}px", width * 1.4) aria-hidden="true" focusable="false">
                <path class="aim" d=format!("M0 {aim}H{width}")/>
                {bars}
                <path class="ground" d=format!("M0 114.500H{width}")/>
            </svg>
            <figcaption>{t("weeks-caption")}</figcaption>
            <details>
                <summary>{t("weeks-table")}</summary>
                <table class="table">
                    <thead><tr>
                        <th scope="col">{t("weeks-week")}</th><th scope="col">{t("weeks-taken")}</th>
                        <th scope="col">{t("weeks-of")}</th><th scope="col">{t("weeks-missed")}</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </details>
        </figure>
    }
    .into_any()
}
