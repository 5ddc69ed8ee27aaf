//! What is typed becomes a schedule; an edit holds from today on.

use chrono::Duration;
use doseline_client::{
    ask::{DraftAmount, DraftWhen, OpenMedicine, OpenMedicines, PreviewDraft, SaveMedicine, StopMedicine},
    view::{Attention, WhenText},
};
use doseline_shared::{
    dose::DoseState,
    schedule::{Days, Rule, Schedule, Zone, after::Unfollowed},
};

use crate::world::{World, daily, time};

#[test]
fn a_comma_is_a_point_and_every_fault_is_named_with_its_field() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    let mut draft = daily("Warfarin", &["18:00"]);
    draft.amount = Some(DraftAmount {
        value: " 2,5 ".to_owned(),
        unit: "mg".to_owned(),
    });
    let page = phone.add(draft.clone());
    assert_eq!(page.row.amount.unwrap().to_string(), "2.5 mg");
    assert_eq!(page.draft.amount.unwrap().value, "2.5");

    for wrong in ["", "0", "0,0", "-1", "1.2.3", "1e3", "two"] {
        draft.amount = Some(DraftAmount {
            value: wrong.to_owned(),
            unit: "mg".to_owned(),
        });
        let view = phone.ask(PreviewDraft { draft: draft.clone() }).unwrap();
        let fields: Vec<_> = view.faults.iter().filter_map(|fault| fault.field.as_deref()).collect();
        assert_eq!(fields, ["draft.amount.value"], "{wrong}");
    }
    draft.name = " ".to_owned();
    draft.when = DraftWhen::Weekly {
        times: vec![time("18:00")],
        days: vec![],
    };
    let view = phone.ask(PreviewDraft { draft: draft.clone() }).unwrap();
    let fields: Vec<_> = view.faults.iter().filter_map(|fault| fault.field.as_deref()).collect();
    assert_eq!(fields, ["draft.name", "draft.amount.value", "draft.when.days"]);
    let refused = phone
        .ask(SaveMedicine {
            patient: None,
            medication: None,
            draft,
        })
        .unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("draft.name"));
}

#[test]
fn a_preview_shows_the_next_days_in_the_words_of_a_sentence() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    let mut draft = daily("Metformin", &["20:00", "08:00", "08:00"]);
    let view = phone.ask(PreviewDraft { draft: draft.clone() }).unwrap();
    assert_eq!(
        view.when,
        WhenText::Daily {
            times: vec![time("08:00"), time("20:00")]
        }
    );
    assert_eq!(view.next.len(), 12);
    assert_eq!(view.next[0].to_rfc3339(), "2026-03-01T20:00:00+01:00");
    draft.when = DraftWhen::EveryHours {
        hours: 8,
        first: time("06:00"),
    };
    let view = phone.ask(PreviewDraft { draft: draft.clone() }).unwrap();
    assert_eq!(
        view.when,
        WhenText::Every {
            minutes: 480,
            from_last: false
        }
    );
    assert_eq!(view.next[0].to_rfc3339(), "2026-03-01T14:00:00+01:00");
    draft.when = DraftWhen::NotYet;
    let view = phone.ask(PreviewDraft { draft }).unwrap();
    assert_eq!(
        (view.when, view.next.len(), view.faults.len()),
        (WhenText::NotYet {}, 0, 0)
    );
}

#[test]
fn new_times_hold_from_today_on_and_leave_the_past_alone() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    let page = phone.add(daily("Metformin", &["08:00", "20:00"]));
    let medication = page.row.medication;
    let morning = phone.today().next.unwrap();
    phone.take(&morning);
    world.pass(Duration::days(1));

    let mut draft = page.draft;
    assert_eq!(
        draft.when,
        DraftWhen::Daily {
            times: vec![time("08:00"), time("20:00")]
        }
    );
    draft.when = DraftWhen::Daily {
        times: vec![time("09:00"), time("20:00"), time("14:00")],
    };
    let edited = phone
        .ask(SaveMedicine {
            patient: None,
            medication: Some(medication),
            draft: draft.clone(),
        })
        .unwrap();
    let schedule = edited.schedule.unwrap();
    assert_eq!(
        schedule.zone,
        Zone::Home {
            tz: chrono_tz::Tz::Africa__Lagos
        }
    );
    let Rule::Wall {
        times,
        days: Days::Every {},
    } = &schedule.rule
    else {
        panic!("a daily rule");
    };
    let slots: Vec<_> = times.iter().map(|slot| slot.slot.as_str()).collect();
    assert_eq!(
        slots,
        ["t0800", "t1400", "t2000"],
        "a moved time keeps its slot, a new one gets its own"
    );
    assert_eq!(phone.doses().len(), 3);

    world.pass(Duration::days(-1));
    let yesterday = phone.doses();
    assert_eq!(yesterday.len(), 2);
    assert!(matches!(yesterday[0].state, DoseState::Taken { .. }));
    assert_eq!(yesterday[0].due.to_rfc3339(), "2026-03-01T08:00:00+01:00");

    // The same again is no edit.
    world.pass(Duration::days(1));
    phone.sync();
    phone
        .ask(SaveMedicine {
            patient: None,
            medication: Some(medication),
            draft,
        })
        .unwrap();
    assert_eq!(phone.today().network.unsent, 0);
}

#[test]
fn a_stopped_medicine_is_no_longer_due_and_stays_in_the_list() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    let medication = phone.add(daily("Metformin", &["08:00"])).row.medication;
    world.pass(Duration::days(1));
    let list = phone
        .ask(StopMedicine {
            patient: None,
            medication,
        })
        .unwrap();
    assert_eq!((list.active.len(), list.stopped.len()), (0, 1));
    let again = phone.ask(OpenMedicines { patient: None }).unwrap();
    assert_eq!(again.stopped[0].stopped.unwrap().to_string(), "2026-03-02");
    assert!(phone.today().empty);
    let page = phone
        .ask(OpenMedicine {
            patient: None,
            medication,
        })
        .unwrap();
    assert!(page.next.is_empty());
    assert_eq!(
        page.history.iter().map(|day| day.doses.len()).sum::<usize>(),
        1,
        "yesterday's dose stays"
    );
}

#[test]
fn a_medicine_follows_another_ones_doses_but_never_in_a_ring() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    let first = phone.add(daily("Omeprazole", &["08:00"]));
    let DoseState::Scheduled {} = phone.doses()[0].state else {
        panic!("nothing has happened yet");
    };
    let after = |leader, delay_min| {
        let mut draft = daily("Metformin", &["08:00"]);
        let exact = Schedule {
            zone: Zone::Home {
                tz: chrono_tz::Africa::Lagos,
            },
            start: first.schedule.as_ref().unwrap().start,
            end: None,
            max_count: None,
            rule: Rule::After {
                schedule: leader,
                delay_min,
            },
            dose: first.schedule.as_ref().unwrap().dose.clone(),
            window: first.schedule.as_ref().unwrap().window,
        };
        draft.when = DraftWhen::Exactly {
            schedule: Box::new(exact),
        };
        draft
    };
    let leader = first.row.medication;
    let draft = after(leader, 30);
    let view = phone.ask(PreviewDraft { draft: draft.clone() }).unwrap();
    assert!(
        view.faults.is_empty() && view.next.len() > 1,
        "a preview knows the person's own medicines"
    );
    let second = phone.add(draft);
    let doses = phone.doses();
    assert_eq!(doses.len(), 2);
    assert_eq!(doses[1].due - doses[0].due, Duration::minutes(30));

    let save = |medication, draft| {
        phone.ask(SaveMedicine {
            patient: None,
            medication,
            draft,
        })
    };
    let field = |fault: doseline_client::ask::Fault| fault.field.unwrap_or_default();
    let ring = save(Some(leader), after(second.row.medication, 5)).unwrap_err();
    assert_eq!(field(ring), "draft.schedule.rule.schedule");
    let nobody = save(
        None,
        after(doseline_shared::id::MedicationId::from_uuid(uuid::Uuid::nil()), 5),
    )
    .unwrap_err();
    assert_eq!(field(nobody), "draft.schedule.rule.schedule");
    assert!(phone.today().attention.is_empty());

    // One that is taken as needed from today on has no times to follow.
    let mut needed = daily("Omeprazole", &["08:00"]);
    needed.when = DraftWhen::AsNeeded {
        gap_hours: 4,
        max_per_day: None,
    };
    save(Some(leader), needed).unwrap();
    let attention = phone.today().attention;
    assert!(
        matches!(attention.as_slice(), [Attention::Unfollowed { name, why: Unfollowed::AsNeeded, .. }] if name == "Metformin"),
        "{attention:?}"
    );
}
