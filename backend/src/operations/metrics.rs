//! Metrics for Prometheus. Labels are routes, methods and outcomes: nothing of a person.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

const SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// For the lag of the watch, which is fine within a minute and may be hours after an outage.
const LAG_SECONDS: &[f64] = &[1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3_600.0, 14_400.0];

/// Begins to record. Once per process, however many backends it holds.
pub fn record() {
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets(SECONDS).ok()?;
        let lag = Matcher::Full("doseline_watch_lag_seconds".to_owned());
        let builder = builder.set_buckets_for_metric(lag, LAG_SECONDS).ok()?;
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).ok()?;
        metrics::describe_counter!("doseline_http_requests_total", "Requests answered, by route and status");
        metrics::describe_histogram!("doseline_http_request_seconds", "Time to answer, by route");
        metrics::describe_counter!("doseline_sign_ins_total", "Sign-ins, by what became of them");
        metrics::describe_counter!("doseline_operations_total", "Operations pushed, by what became of them");
        metrics::describe_gauge!("doseline_hint_connections", "Open connections for hints");
        metrics::describe_gauge!("doseline_store_waiting", "Writes that wait for their turn");
        metrics::describe_gauge!(
            "doseline_store_held_back",
            "Committed changes that no pull shows yet, because a transaction on the same PostgreSQL server still runs"
        );
        metrics::describe_counter!("doseline_seals_total", "Seals over the hash chains");
        metrics::describe_gauge!(
            "doseline_watch_due",
            "Patients whose doses wait to be looked at, 10,000 at most"
        );
        metrics::describe_counter!("doseline_watch_looks_total", "Looks at a patient's doses");
        metrics::describe_counter!(
            "doseline_watch_raised_total",
            "Doses recorded as missed, and alerts raised, by kind"
        );
        metrics::describe_histogram!(
            "doseline_watch_lag_seconds",
            "From the moment a miss or an alert was due to its record, by kind"
        );
        metrics::describe_counter!(
            "doseline_webhook_messages_total",
            "Messages to webhooks, made out of the feed"
        );
        metrics::describe_counter!(
            "doseline_webhook_attempts_total",
            "Attempts to deliver a message to a webhook, by what became of it"
        );
        Some(handle)
    });
}

/// The metrics as text.
pub fn rendered() -> Option<String> {
    HANDLE.get()?.as_ref().map(PrometheusHandle::render)
}

/// Lets old samples go; to be called now and then.
pub fn tidy() {
    if let Some(Some(handle)) = HANDLE.get() {
        handle.run_upkeep();
    }
}
