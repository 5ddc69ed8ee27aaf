//! Dates, times and numbers as the reader's locale writes them, by the browser's own `Intl`.

use std::cell::RefCell;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike, Utc, Weekday};
use chrono_tz::Tz;
use doseline_client::view::Local;
use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::words;

/// The parts of a date, each with how it is written.
type Parts = Vec<(&'static str, &'static str)>;

thread_local! {
    /// One for each locale and each way of writing, of which there are a few.
    static FORMATTERS: RefCell<Vec<(String, Parts, Function)>> = const { RefCell::new(Vec::new()) };
}

/// `08:00` or `8:00 AM`.
pub fn clock(local: &Local) -> String {
    time_of_day(local.time())
}

/// The same of a time with no date.
pub fn time_of_day(time: NaiveTime) -> String {
    let date = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default().and_time(time);
    written(date.and_utc(), &[("hour", "2-digit"), ("minute", "2-digit")])
}

/// The same, for `<input type="time">` and for tests: always `08:00`.
pub fn plain_time(time: NaiveTime) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// `Saturday 21 November`.
pub fn long_date(date: NaiveDate) -> String {
    day(date, &[("weekday", "long"), ("day", "numeric"), ("month", "long")])
}

/// `21 November 2026`.
pub fn full_date(date: NaiveDate) -> String {
    day(date, &[("day", "numeric"), ("month", "long"), ("year", "numeric")])
}

/// `Sat 21 Nov`.
pub fn short_date(date: NaiveDate) -> String {
    day(date, &[("weekday", "short"), ("day", "numeric"), ("month", "short")])
}

/// The place that a zone is named after: `New York` of `America/New_York`.
pub fn city(zone: Tz) -> String {
    let name = zone.name();
    name.rsplit('/').next().unwrap_or(name).replace('_', " ")
}

/// `21 Nov`.
pub fn day_month(date: NaiveDate) -> String {
    day(date, &[("day", "numeric"), ("month", "short")])
}

/// `Saturday`.
pub fn weekday(weekday: Weekday) -> String {
    day(some_date_on(weekday), &[("weekday", "long")])
}

/// `Sat`.
pub fn weekday_short(weekday: Weekday) -> String {
    day(some_date_on(weekday), &[("weekday", "short")])
}

/// A moment of which the time of day matters little: `21 Nov 2026, 14:05` on the reader's own clock.
pub fn moment(at: DateTime<Utc>) -> String {
    let options = object(&[
        ("day", "numeric"),
        ("month", "short"),
        ("year", "numeric"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
    ]);
    // Made each time: the zone of this device may change while the app runs.
    format(at, &Intl::DateTimeFormat::new(&locales(), &options).format())
}

/// A decimal number as the locale writes it.
pub fn number(value: &str) -> String {
    let options = object(&[]);
    set(&options, "maximumFractionDigits", &JsValue::from_f64(6.0));
    let formatter = Intl::NumberFormat::new(&locales(), &options);
    called(&formatter.format(), &JsValue::from_str(value)).unwrap_or_else(|| value.to_owned())
}

/// Monday of 5 January 2026 and the days after it.
fn some_date_on(weekday: Weekday) -> NaiveDate {
    let monday = NaiveDate::from_ymd_opt(2026, 1, 5).unwrap_or_default();
    monday + chrono::Days::new(u64::from(weekday.num_days_from_monday()))
}

/// The days of a week, Monday first.
pub const WEEK: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

/// Whether two moments fall on one date of their own clocks.
pub fn same_day(one: &Local, other: &Local) -> bool {
    one.date_naive() == other.date_naive()
}

/// The years from a date of birth to now.
pub fn age(born: NaiveDate, today: NaiveDate) -> i32 {
    let before_birthday = (today.month(), today.day()) < (born.month(), born.day());
    today.year() - born.year() - i32::from(before_birthday)
}

/// Today, on the clock of this device.
pub fn today() -> NaiveDate {
    let now = Date::new_0();
    let (year, month, date) = (now.get_full_year(), now.get_month() + 1, now.get_date());
    i32::try_from(year)
        .ok()
        .and_then(|year| NaiveDate::from_ymd_opt(year, month, date))
        .unwrap_or_default()
}

fn day(date: NaiveDate, parts: &[(&'static str, &'static str)]) -> String {
    written(date.and_time(NaiveTime::MIN).and_utc(), parts)
}

/// Writes a local moment whose fields were put into UTC, so that no zone of this machine comes in between.
fn written(fields: DateTime<Utc>, parts: &[(&'static str, &'static str)]) -> String {
    format(fields, &formatter(parts))
}

fn format(at: DateTime<Utc>, formatter: &Function) -> String {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of this millennium fit a double exactly"
    )]
    let date = Date::new(&JsValue::from_f64(at.timestamp_millis() as f64));
    called(formatter, &date).unwrap_or_else(|| at.to_rfc3339())
}

/// What writes these parts of a date in UTC. Making one costs the browser far more than using it, and a list of five
/// hundred people writes a thousand dates.
fn formatter(parts: &[(&'static str, &'static str)]) -> Function {
    let locale = words::locale();
    FORMATTERS.with_borrow_mut(|all| {
        if let Some((.., known)) = all.iter().find(|(of, like, _)| *of == locale && like == parts) {
            return known.clone();
        }
        let options = object(parts);
        set(&options, "timeZone", &JsValue::from_str("UTC"));
        let fresh = Intl::DateTimeFormat::new(&locales(), &options).format();
        all.push((locale, parts.to_vec(), fresh.clone()));
        fresh
    })
}

fn called(function: &Function, argument: &JsValue) -> Option<String> {
    function.call1(&JsValue::UNDEFINED, argument).ok()?.as_string()
}

/// English without a country is read as the English of most of the world: day before month, 24 hours.
fn locales() -> Array {
    let locale = words::locale();
    let locale = if locale == "en" { "en-GB" } else { locale.as_str() };
    Array::of1(&JsValue::from_str(locale))
}

fn object(entries: &[(&str, &str)]) -> Object {
    let object = Object::new();
    for (name, value) in entries {
        set(&object, name, &JsValue::from_str(value));
    }
    object
}

fn set(object: &Object, name: &str, value: &JsValue) {
    let done = Reflect::set(object.unchecked_ref(), &JsValue::from_str(name), value);
    debug_assert!(done.is_ok(), "a fresh object takes any property");
}
