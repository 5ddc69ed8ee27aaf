//! A report in words comes back as a PDF, and what is none, or has no end, is refused with a word.

use serde_json::{Value, json};

use crate::world::World;

/// A report with these blocks.
pub fn a_report(blocks: Value) -> Value {
    json!({"locale": "en", "title": "Report for the doctor", "name": "Ada Obi", "under": ["Born 2 March 1958"],
        "made": "Made on 24 November 2026", "running": "Ada Obi", "foot": "Doseline", "blocks": blocks, "most_pages": 2})
}

#[tokio::test]
async fn a_report_comes_back_as_a_file_that_nobody_keeps() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let table = json!({"table": {"columns": [{"title": "Medicine", "share": 1}],
        "rows": [[{"text": "Metformin", "strong": true, "under": null}]], "rest": ["and 1 more"]}});
    let blocks = json!([{"heading": {"text": "Medicines"}}, table]);
    let reply = world.post("/v1/report", &ada, a_report(blocks)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.headers["content-type"], "application/pdf");
    assert_eq!(reply.headers["cache-control"], "no-store");
    assert_eq!(
        reply.headers["content-disposition"],
        "attachment; filename=\"doseline-report.pdf\""
    );
    assert!(reply.body.as_str().unwrap().starts_with("%PDF-"));
}

#[tokio::test]
async fn what_is_no_report_is_refused_by_its_field_and_what_has_no_end_by_its_length() {
    let world = World::new().await;
    let ada = world.sign_up("Ada", true).await;
    let unknown = a_report(json!([{"picture": {"text": "x"}}]));
    let reply = world.post("/v1/report", &ada, unknown).await;
    assert_eq!(reply.problem(), (422, "invalid_field"));
    assert!(
        reply.body["field"].as_str().unwrap().starts_with("blocks[0]"),
        "{}",
        reply.body
    );
    let endless = a_report(json!([{"text": {"text": "word ".repeat(90_000)}}]));
    let reply = world.post("/v1/report", &ada, endless).await;
    assert_eq!(reply.problem(), (422, "too_much"));
}
