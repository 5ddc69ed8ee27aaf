//! The wire format: every kind comes back as it went, and what cannot be is refused by the path of the field.

use doseline_shared::{
    api::preview::{MAX_OCCURRENCES, Preview, TooMuch},
    quantity::Quantity,
    schedule::{Dose, FieldError, Rule, Schedule, parse, validate},
};
use serde_json::{Value, json};

use crate::build::{dues, time};

/// A schedule with every field, to be spoilt one field at a time.
fn good() -> Value {
    json!({
        "zone": {"kind": "home", "tz": "Africa/Lagos"},
        "start": "2026-03-01",
        "end": null,
        "max_count": null,
        "rule": {
            "kind": "wall",
            "times": [{"slot": "am", "at": "08:00"}, {"slot": "pm", "at": "20:00"}],
            "days": {"kind": "every"}
        },
        "dose": {"kind": "fixed", "amount": {"value": "1", "unit": "tablet"}},
        "window": {"early_min": 60, "late_min": 60, "miss_after_min": 240}
    })
}

/// [`good`] with the value at `pointer` replaced, or removed where `value` is none.
fn with(pointer: &str, value: Option<Value>) -> Value {
    let mut schedule = good();
    let (outer, name) = pointer.rsplit_once('/').unwrap();
    let outer = schedule.pointer_mut(outer).unwrap();
    match (outer, value) {
        (Value::Object(map), Some(value)) => drop(map.insert(name.to_owned(), value)),
        (Value::Object(map), None) => drop(map.remove(name).unwrap()),
        (Value::Array(items), Some(value)) => items[name.parse::<usize>().unwrap()] = value,
        _ => panic!("nothing at {pointer}"),
    }
    schedule
}

fn rules() -> Vec<Value> {
    let wall = |days: Value| json!({"kind": "wall", "times": [{"slot": "am", "at": "00:00"}, {"slot": "b", "at": "23:59"}], "days": days});
    vec![
        wall(json!({"kind": "every"})),
        wall(json!({"kind": "weekdays", "on": ["mon", "wed", "sun"]})),
        wall(json!({"kind": "month_days", "on": [1, 15, 31], "short_month": "clamp"})),
        wall(json!({"kind": "month_days", "on": [29], "short_month": "skip"})),
        wall(json!({"kind": "every_n", "n": 2, "anchor": "2026-03-01"})),
        wall(json!({"kind": "cycle", "on": 21, "off": 7, "anchor": "2026-03-01"})),
        json!({"kind": "elapsed", "every_min": 480, "anchor": "2026-03-01T06:00:00Z", "from": "scheduled", "daily": null}),
        json!({"kind": "elapsed", "every_min": 480, "anchor": "2026-03-01T06:00:00Z", "from": "last_taken", "daily": {"from": "07:00", "to": "22:00"}}),
        json!({"kind": "after", "schedule": "01890a5d-ac96-774b-bcce-b302099a8057", "delay_min": 30}),
        json!({"kind": "as_needed", "min_gap_min": 240, "max_count": 4, "max_amount": {"value": "4000", "unit": "mg"}, "per_min": 1440, "ingredients": ["paracetamol"]}),
        json!({"kind": "as_needed", "min_gap_min": 0, "max_count": null, "max_amount": null, "per_min": 1440, "ingredients": []}),
    ]
}

fn doses() -> Vec<Value> {
    vec![
        json!({"kind": "fixed", "amount": {"value": "2.50", "unit": "mg"}}),
        json!({"kind": "taper", "steps": [{"from_day": 0, "amount": {"value": "40", "unit": "mg"}}, {"from_day": 7, "amount": {"value": "0", "unit": "mg"}}]}),
        json!({"kind": "table", "days": [{"value": "5", "unit": "mg"}, {"value": "0", "unit": "mg"}]}),
        json!({"kind": "ask"}),
    ]
}

#[test]
fn every_kind_comes_back_as_it_went() {
    let zones = [
        json!({"kind": "home", "tz": "America/Argentina/Buenos_Aires"}),
        json!({"kind": "floating"}),
    ];
    for rule in rules() {
        for dose in doses() {
            for zone in &zones {
                let mut wire = good();
                wire["rule"] = rule.clone();
                wire["dose"] = dose.clone();
                wire["zone"] = zone.clone();
                wire["end"] = json!("2026-04-01");
                wire["max_count"] = json!(10);
                let schedule = parse(&wire).unwrap();
                assert_eq!(serde_json::to_value(&schedule).unwrap(), wire);
                assert_eq!(serde_json::from_value::<Schedule>(wire).unwrap(), schedule);
                assert_eq!(validate(&schedule), Ok(()));
            }
        }
    }
}

#[test]
fn what_may_be_null_may_be_left_out() {
    for pointer in ["/end", "/max_count", "/window/miss_after_min"] {
        assert_eq!(
            parse(&with(pointer, None)),
            parse(&with(pointer, Some(Value::Null))),
            "{pointer}"
        );
    }
    for pointer in [
        "/zone",
        "/start",
        "/rule",
        "/dose",
        "/window",
        "/zone/tz",
        "/rule/times/1/at",
        "/dose/amount/unit",
    ] {
        let error = parse(&with(pointer, None)).unwrap_err();
        let path = pointer
            .trim_start_matches('/')
            .replace('/', ".")
            .replace("times.1", "times[1]");
        assert_eq!(error, FieldError::new(path, "is missing"));
    }
}

/// What replaces the value at the pointer, and the path that the refusal names.
fn spoilt() -> Vec<(&'static str, Value, &'static str)> {
    let amount = |value: Value| json!({"value": value, "unit": "mg"});
    let rule = |index: usize, pointer: &str, value: Value| {
        let mut rule = rules()[index].clone();
        match rule.pointer_mut(pointer) {
            Some(place) => *place = value,
            None => rule[pointer.trim_start_matches('/')] = value,
        }
        rule
    };
    let many = |n: usize| {
        (0..n)
            .map(|i| json!({"slot": format!("s{i}"), "at": "08:00"}))
            .collect::<Vec<_>>()
    };
    vec![
        // Unknown fields, at every depth.
        ("/note", json!("hello"), "note"),
        ("/[0]", json!("a name that looks like a place in a list"), "[0]"),
        ("/zone/offset", json!(1), "zone.offset"),
        ("/zone", json!({"kind": "floating", "tz": "UTC"}), "zone.tz"),
        ("/rule/every", json!(1), "rule.every"),
        ("/rule/times/0/name", json!("x"), "rule.times[0].name"),
        ("/rule/days/on", json!([1]), "rule.days.on"),
        ("/dose/unit", json!("mg"), "dose.unit"),
        ("/dose/amount/per", json!("day"), "dose.amount.per"),
        ("/window/grace", json!(3), "window.grace"),
        // Unknown kinds, and values of another sort.
        ("/zone/kind", json!("away"), "zone.kind"),
        ("/rule/kind", json!("hourly"), "rule.kind"),
        ("/rule/days/kind", json!("odd"), "rule.days.kind"),
        ("/dose/kind", json!("some"), "dose.kind"),
        ("/rule/kind", json!(7), "rule.kind"),
        ("/rule", json!("wall"), "rule"),
        ("/rule", json!([]), "rule"),
        ("/rule/times", json!({}), "rule.times"),
        ("/rule/times/1", json!("20:00"), "rule.times[1]"),
        ("/zone", json!({"tz": "UTC"}), "zone.kind"),
        // Zones.
        ("/zone/tz", json!("Africa/Atlantis"), "zone.tz"),
        ("/zone/tz", json!("+01:00"), "zone.tz"),
        ("/zone/tz", json!(""), "zone.tz"),
        ("/zone/tz", Value::Null, "zone.tz"),
        // Dates.
        ("/start", json!("2026-02-29"), "start"),
        ("/start", json!("2026-3-01"), "start"),
        ("/start", json!("2026-03-01T00:00:00Z"), "start"),
        ("/start", json!("1969-12-31"), "start"),
        ("/start", json!(20_260_301), "start"),
        ("/end", json!("2026-02-28"), "end"),
        ("/end", json!("2200-01-01"), "end"),
        ("/end", json!("9999-12-31"), "end"),
        ("/end", json!("never"), "end"),
        ("/max_count", json!(0), "max_count"),
        ("/max_count", json!(-1), "max_count"),
        ("/max_count", json!(1.5), "max_count"),
        ("/max_count", json!("3"), "max_count"),
        ("/max_count", json!(u64::MAX), "max_count"),
        // Times.
        ("/rule/times", json!([]), "rule.times"),
        ("/rule/times", json!(many(97)), "rule.times"),
        ("/rule/times/1/slot", json!("am"), "rule.times[1].slot"),
        ("/rule/times/0/slot", json!(""), "rule.times[0].slot"),
        ("/rule/times/0/slot", json!(" am"), "rule.times[0].slot"),
        ("/rule/times/0/slot", json!("a/m"), "rule.times[0].slot"),
        ("/rule/times/0/slot", json!("a\nm"), "rule.times[0].slot"),
        ("/rule/times/0/slot", json!("a".repeat(101)), "rule.times[0].slot"),
        ("/rule/times/1/at", json!("24:00"), "rule.times[1].at"),
        ("/rule/times/1/at", json!("8:00"), "rule.times[1].at"),
        ("/rule/times/1/at", json!("08:60"), "rule.times[1].at"),
        ("/rule/times/1/at", json!("08:00:00"), "rule.times[1].at"),
        ("/rule/times/1/at", json!("+8:00"), "rule.times[1].at"),
        ("/rule/times/1/at", json!("08.00"), "rule.times[1].at"),
        ("/rule/times/1/at", json!("08:0é"), "rule.times[1].at"),
        ("/rule/times/1/at", json!(800), "rule.times[1].at"),
        // Days.
        ("/rule/days", json!({"kind": "weekdays", "on": []}), "rule.days.on"),
        (
            "/rule/days",
            json!({"kind": "weekdays", "on": ["mon", "Monday"]}),
            "rule.days.on[1]",
        ),
        (
            "/rule/days",
            json!({"kind": "weekdays", "on": ["mon", "tue", "mon"]}),
            "rule.days.on[2]",
        ),
        (
            "/rule/days",
            json!({"kind": "month_days", "on": [0], "short_month": "skip"}),
            "rule.days.on[0]",
        ),
        (
            "/rule/days",
            json!({"kind": "month_days", "on": [1, 32], "short_month": "skip"}),
            "rule.days.on[1]",
        ),
        (
            "/rule/days",
            json!({"kind": "month_days", "on": [1, 1], "short_month": "skip"}),
            "rule.days.on[1]",
        ),
        (
            "/rule/days",
            json!({"kind": "month_days", "on": [], "short_month": "skip"}),
            "rule.days.on",
        ),
        (
            "/rule/days",
            json!({"kind": "month_days", "on": [1], "short_month": "next"}),
            "rule.days.short_month",
        ),
        (
            "/rule/days",
            json!({"kind": "month_days", "on": [1]}),
            "rule.days.short_month",
        ),
        (
            "/rule/days",
            json!({"kind": "every_n", "n": 0, "anchor": "2026-03-01"}),
            "rule.days.n",
        ),
        ("/rule/days", json!({"kind": "every_n", "n": 2}), "rule.days.anchor"),
        (
            "/rule/days",
            json!({"kind": "every_n", "n": 2, "anchor": "soon"}),
            "rule.days.anchor",
        ),
        (
            "/rule/days",
            json!({"kind": "cycle", "on": 0, "off": 7, "anchor": "2026-03-01"}),
            "rule.days.on",
        ),
        (
            "/rule/days",
            json!({"kind": "cycle", "on": 0, "off": 0, "anchor": "2026-03-01"}),
            "rule.days.on",
        ),
        (
            "/rule/days",
            json!({"kind": "cycle", "on": 21, "off": -7, "anchor": "2026-03-01"}),
            "rule.days.off",
        ),
        (
            "/rule/days",
            json!({"kind": "cycle", "on": 21, "off": 4_000_000_000_u32, "anchor": "2026-03-01"}),
            "rule.days.off",
        ),
        // Elapsed.
        ("/rule", rule(6, "/every_min", json!(0)), "rule.every_min"),
        ("/rule", rule(6, "/every_min", json!(-480)), "rule.every_min"),
        ("/rule", rule(6, "/every_min", json!(480.5)), "rule.every_min"),
        ("/rule", rule(6, "/every_min", json!(10_000_000)), "rule.every_min"),
        ("/rule", rule(6, "/anchor", json!("2026-03-01T06:00:00")), "rule.anchor"),
        (
            "/rule",
            rule(6, "/anchor", json!("0001-01-01T00:00:00Z")),
            "rule.anchor",
        ),
        ("/rule", rule(6, "/from", json!("taken")), "rule.from"),
        ("/rule", rule(7, "/daily/to", json!("07:00")), "rule.daily.to"),
        ("/rule", rule(7, "/daily/to", json!("06:00")), "rule.daily.to"),
        ("/rule", rule(7, "/daily/from", json!("7")), "rule.daily.from"),
        // After, and as needed.
        ("/rule", rule(8, "/schedule", json!("breakfast")), "rule.schedule"),
        ("/rule", rule(8, "/delay_min", json!(-30)), "rule.delay_min"),
        ("/rule", rule(9, "/per_min", json!(0)), "rule.per_min"),
        ("/rule", rule(9, "/max_count", json!(0)), "rule.max_count"),
        (
            "/rule",
            rule(9, "/max_amount", amount(json!("0"))),
            "rule.max_amount.value",
        ),
        (
            "/rule",
            rule(9, "/max_amount", amount(json!("-1"))),
            "rule.max_amount.value",
        ),
        (
            "/rule",
            rule(9, "/ingredients", json!(["a", ""])),
            "rule.ingredients[1]",
        ),
        (
            "/rule",
            rule(9, "/ingredients", json!(["a", "a"])),
            "rule.ingredients[1]",
        ),
        ("/rule", rule(9, "/limit", json!(1)), "rule.limit"),
        // Amounts: decimal texts only.
        ("/dose/amount/value", json!(1), "dose.amount.value"),
        ("/dose/amount/value", json!(2.5), "dose.amount.value"),
        ("/dose/amount/value", json!("0"), "dose.amount.value"),
        ("/dose/amount/value", json!("-1"), "dose.amount.value"),
        ("/dose/amount/value", json!("1e3"), "dose.amount.value"),
        ("/dose/amount/value", json!("+1"), "dose.amount.value"),
        ("/dose/amount/value", json!("1,5"), "dose.amount.value"),
        ("/dose/amount/value", json!(".5"), "dose.amount.value"),
        ("/dose/amount/value", json!("5."), "dose.amount.value"),
        ("/dose/amount/value", json!(""), "dose.amount.value"),
        ("/dose/amount/value", json!("NaN"), "dose.amount.value"),
        ("/dose/amount/value", json!("99999999999"), "dose.amount.value"),
        ("/dose/amount/unit", json!(""), "dose.amount.unit"),
        ("/dose/amount/unit", json!(null), "dose.amount.unit"),
        ("/dose", json!({"kind": "taper", "steps": []}), "dose.steps"),
        (
            "/dose",
            json!({"kind": "taper", "steps": [{"from_day": 1, "amount": amount(json!("1"))}]}),
            "dose.steps[0].from_day",
        ),
        (
            "/dose",
            json!({"kind": "taper", "steps": [{"from_day": 0, "amount": amount(json!("1"))}, {"from_day": 0, "amount": amount(json!("2"))}]}),
            "dose.steps[1].from_day",
        ),
        (
            "/dose",
            json!({"kind": "taper", "steps": [
                {"from_day": 0, "amount": amount(json!("1"))}, {"from_day": 9, "amount": amount(json!("1"))}, {"from_day": 8, "amount": amount(json!("1"))}
            ]}),
            "dose.steps[2].from_day",
        ),
        (
            "/dose",
            json!({"kind": "taper", "steps": [{"from_day": 0, "amount": amount(json!("-2"))}]}),
            "dose.steps[0].amount.value",
        ),
        ("/dose", json!({"kind": "table", "days": []}), "dose.days"),
        (
            "/dose",
            json!({"kind": "table", "days": [amount(json!("1")), amount(json!(2))]}),
            "dose.days[1].value",
        ),
        (
            "/dose",
            json!({"kind": "ask", "amount": amount(json!("1"))}),
            "dose.amount",
        ),
        // The window.
        ("/window/early_min", json!(-1), "window.early_min"),
        ("/window/late_min", json!(100_000), "window.late_min"),
        ("/window/miss_after_min", json!(0), "window.miss_after_min"),
        ("/window/miss_after_min", json!(1_000_000), "window.miss_after_min"),
        ("/window/early_min", Value::Null, "window.early_min"),
    ]
}

#[test]
fn what_cannot_be_is_refused_by_the_path_of_the_field() {
    assert!(parse(&good()).is_ok());
    for (pointer, value, path) in spoilt() {
        let wire = with(pointer, Some(value.clone()));
        let error = parse(&wire).expect_err(&format!("{pointer} = {value}"));
        assert_eq!(error.path, path, "{pointer} = {value}: {error}");
        // From outside, the path goes on.
        let preview = json!({"schedule": wire, "from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"});
        assert_eq!(Preview::parse(&preview).unwrap_err().path, format!("schedule.{path}"));
    }
    assert_eq!(parse(&json!([])).unwrap_err().path, "");
}

#[test]
fn no_way_in_takes_a_number_for_an_amount() {
    for value in [json!(1), json!(2.5), json!(-1)] {
        let wire = with("/dose/amount/value", Some(value.clone()));
        assert!(serde_json::from_value::<Schedule>(wire.clone()).is_err(), "{value}");
        assert!(serde_json::from_str::<Schedule>(&wire.to_string()).is_err(), "{value}");
        assert!(serde_json::from_value::<Quantity>(json!({"value": value, "unit": "mg"})).is_err());
    }
}

#[test]
fn no_refusal_repeats_what_the_field_held() {
    let wire = with("/dose/amount/value", Some(json!("Warfarin")));
    assert!(!parse(&wire).unwrap_err().to_string().contains("Warfarin"));
}

#[test]
fn a_schedule_built_in_memory_is_held_against_the_same_rules() {
    let mut schedule = parse(&good()).unwrap();
    schedule.dose = Dose::Fixed {
        amount: Quantity::new(-1, "tablet"),
    };
    assert_eq!(validate(&schedule).unwrap_err().path, "dose.amount.value");
    let mut schedule = parse(&good()).unwrap();
    if let Rule::Wall { times, .. } = &mut schedule.rule {
        times[1].at = time("20:00") + chrono::TimeDelta::seconds(30);
    }
    assert_eq!(validate(&schedule).unwrap_err().path, "rule.times[1].at");
}

fn preview(fields: &Value) -> Value {
    let mut request = json!({"schedule": good(), "from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"});
    for (name, value) in fields.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

#[test]
fn a_preview_answers_in_the_documented_form() {
    let request = json!({
        "schedule": with("/zone/tz", Some(json!("Europe/Paris"))),
        "from": "2026-03-29T06:00:00Z", "to": "2026-03-29T18:00:00Z", "device_tz": "Europe/Paris", "taken": []
    });
    let answer = Preview::parse(&request).unwrap().answer().unwrap();
    assert_eq!(
        serde_json::to_value(&answer).unwrap(),
        json!({"occurrences": [{
            "id": "2026-03-29/am", "due": "2026-03-29T06:00:00Z", "local": "2026-03-29T08:00:00+02:00", "slot": "am",
            "amount": {"value": "1", "unit": "tablet"}
        }]})
    );
}

#[test]
fn a_preview_refuses_what_it_cannot_read() {
    for (fields, path) in [
        (json!({"from": "2026-03-01"}), "from"),
        (json!({"to": "2026-02-28T00:00:00Z"}), "to"),
        (json!({"device_tz": "Mars/Olympus"}), "device_tz"),
        (json!({"taken": ["2026-03-01T00:00:00Z", "now"]}), "taken[1]"),
        (json!({"patient": "x"}), "patient"),
        (json!({"schedule": null}), "schedule"),
        (
            json!({"schedule": with("/zone", Some(json!({"kind": "floating"})))}),
            "device_tz",
        ),
    ] {
        let request = preview(&fields);
        assert_eq!(Preview::parse(&request).unwrap_err().path, path, "{fields}");
        let text = serde_json::from_value::<Preview>(request).unwrap_err().to_string();
        assert!(text.starts_with(path), "{text}");
    }
}

#[test]
fn a_preview_has_limits_on_both_the_range_and_the_answer() {
    let answer = |fields: Value| Preview::parse(&preview(&fields)).unwrap().answer();
    let ten_years = answer(json!({"to": "2036-02-29T00:00:00Z"})).unwrap();
    assert_eq!(ten_years.occurrences.len(), 7_304);
    assert_eq!(answer(json!({"to": "2037-03-01T00:00:00Z"})), Err(TooMuch::Range));
    let every_hour: Vec<_> = (0..24)
        .map(|h| json!({"slot": format!("{h}"), "at": format!("{h:02}:00")}))
        .collect();
    let hourly = with("/rule/times", Some(json!(every_hour)));
    let some = answer(json!({"schedule": hourly, "to": "2027-04-01T00:00:00Z"})).unwrap();
    assert!(some.occurrences.len() < MAX_OCCURRENCES);
    assert_eq!(
        answer(json!({"schedule": hourly, "to": "2027-05-01T00:00:00Z"})),
        Err(TooMuch::Occurrences)
    );
    assert!(dues(&some.occurrences).is_sorted());
}
