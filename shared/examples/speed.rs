//! temp
use chrono_tz::Tz;
use doseline_shared::schedule::*;
use std::time::Instant;
fn main() {
    let wire = serde_json::json!({"zone":{"kind":"home","tz":"Europe/Paris"},"start":"2020-01-01","end":null,"max_count":null,
      "rule":{"kind":"wall","times":[{"slot":"am","at":"08:00"}],"days":{"kind":"every"}},
      "dose":{"kind":"fixed","amount":{"value":"1","unit":"tablet"}},"window":{"early_min":60,"late_min":60,"miss_after_min":null}});
    let mut s = parse(&wire).unwrap();
    let r = "2020-01-01T00:00:00Z".parse().unwrap().."2030-01-01T00:00:00Z".parse().unwrap();
    for _ in 0..3 {
        let t = Instant::now();
        let mut n = 0usize;
        for _ in 0..200 {
            n += occurrences(&s, r.clone(), &Context::new(Tz::UTC)).len();
        }
        let d = t.elapsed();
        println!("wall {n} in {d:?}: {:.1} M/s", n as f64 / d.as_secs_f64() / 1e6);
    }
    let anchor: chrono::DateTime<chrono::Utc> = "2020-01-01T06:00:00Z".parse().unwrap();
    for daily in [
        None,
        Some(DailyWindow {
            from: "07:00:00".parse().unwrap(),
            to: "22:00:00".parse().unwrap(),
        }),
    ] {
        s.rule = Rule::Elapsed {
            every_min: 480,
            anchor,
            from: ElapsedFrom::Scheduled,
            daily,
        };
        let t = Instant::now();
        let mut n = 0usize;
        for _ in 0..50 {
            n += occurrences(&s, r.clone(), &Context::new(Tz::UTC)).len();
        }
        let d = t.elapsed();
        println!("elapsed {n} in {d:?}: {:.1} M/s", n as f64 / d.as_secs_f64() / 1e6);
        s.rule = Rule::Elapsed {
            every_min: 1,
            anchor: "1970-01-01T06:00:00Z".parse().unwrap(),
            from: ElapsedFrom::Scheduled,
            daily,
        };
        s.start = "1970-01-01".parse().unwrap();
        let t = Instant::now();
        let n = expand(
            &s,
            "2199-01-01T00:00:00Z".parse().unwrap().."2199-01-02T00:00:00Z".parse().unwrap(),
            &Context::new(Tz::UTC),
        )
        .count();
        println!("far {n} {:?}", t.elapsed());
        s.max_count = Some(1_000_000);
        let t = Instant::now();
        let n = expand(
            &s,
            "2199-01-01T00:00:00Z".parse().unwrap().."2199-01-02T00:00:00Z".parse().unwrap(),
            &Context::new(Tz::UTC),
        )
        .count();
        println!("far limited {n} {:?}", t.elapsed());
        s.max_count = None;
        s.start = "2020-01-01".parse().unwrap();
    }
}
