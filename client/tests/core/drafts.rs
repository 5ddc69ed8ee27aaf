//! What is typed becomes a schedule; an edit holds from today on.

use chrono::Duration;
use doseline_client::{
    ask::{
        Draft, DraftAmount, DraftDose, DraftStep, DraftWhen, OpenMedicine, OpenMedicines, PreviewDraft, SaveMedicine,
        StopMedicine,
    },
    view::{Attention, DoseText, DraftWarning, WhenText},
};
use doseline_shared::{
    dose::DoseState,
    quantity::Quantity,
    schedule::{Days, Rule, Schedule, Zone, after::Unfollowed},
};

use crate::world::{World, daily, time};

fn preview(draft: &Draft) -> PreviewDraft {
    PreviewDraft {
        patient: None,
        medication: None,
        draft: draft.clone(),
    }
}

#[test]
fn a_comma_is_a_point_and_every_fault_is_named_with_its_field() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    let mut draft = daily("Warfarin", &["18:00"]);
    draft.dose = DraftDose::Same {
        amount: DraftAmount {
            value: " 2,5 ".to_owned(),
            unit: "mg".to_owned(),
        },
    };
    let page = phone.add(draft.clone());
    assert_eq!(
        page.row.dose,
        Some(DoseText::Same {
            amount: Quantity {
                value: "2.5".parse().unwrap(),
                unit: "mg".to_owned()
            }
        })
    );
    assert_eq!(
        page.draft.dose,
        DraftDose::Same {
            amount: DraftAmount {
                value: "2.5".to_owned(),
                unit: "mg".to_owned()
            }
        }
    );

    for wrong in ["", "0", "0,0", "-1", "1.2.3", "1e3", "two"] {
        draft.dose = DraftDose::Same {
            amount: DraftAmount {
                value: wrong.to_owned(),
                unit: "mg".to_owned(),
            },
        };
        let view = phone.ask(preview(&draft)).unwrap();
        let fields: Vec<_> = view.faults.iter().filter_map(|fault| fault.field.as_deref()).collect();
        assert_eq!(fields, ["draft.dose.amount.value"], "{wrong}");
    }
    draft.name = " ".to_owned();
    draft.when = DraftWhen::Weekly {
        times: vec![time("18:00")],
        days: vec![],
    };
    let view = phone.ask(preview(&draft)).unwrap();
    let fields: Vec<_> = view.faults.iter().filter_map(|fault| fault.field.as_deref()).collect();
    assert_eq!(fields, ["draft.name", "draft.when.days", "draft.dose.amount.value"]);
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
    let view = phone.ask(preview(&draft)).unwrap();
    assert_eq!(
        view.when,
        WhenText::Daily {
            times: vec![time("08:00"), time("20:00")]
        }
    );
    assert_eq!(view.next.len(), 12);
    assert_eq!(view.next[0].at.to_rfc3339(), "2026-03-01T20:00:00+01:00");
    draft.when = DraftWhen::EveryHours {
        hours: 8,
        first: time("06:00"),
        from_last: false,
        between: None,
    };
    let view = phone.ask(preview(&draft)).unwrap();
    assert_eq!(
        view.when,
        WhenText::Every {
            minutes: 480,
            from_last: false,
            between: None,
        }
    );
    assert_eq!(view.next[0].at.to_rfc3339(), "2026-03-01T14:00:00+01:00");
    draft.when = DraftWhen::NotYet;
    let view = phone.ask(preview(&draft)).unwrap();
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
            until: None,
        })
        .unwrap();
    assert!(page.next.is_empty());
    assert_eq!(
        page.history.iter().map(|day| day.doses.len()).sum::<usize>(),
        1,
        "yesterday's dose stays"
    );
}

fn amount(value: &str) -> DraftAmount {
    DraftAmount {
        value: value.to_owned(),
        unit: "tablet".to_owned(),
    }
}

/// Everything the form can say comes back as it was said, so that opening and saving changes nothing.
#[test]
fn every_way_of_the_form_comes_back_as_it_was_entered() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    let first = phone.add(daily("Levothyroxine", &["07:00"])).row.medication;
    let times = || vec![time("08:00"), time("21:30")];
    let anchor = "2026-02-20".parse().ok();
    let ways = [
        DraftWhen::Monthly {
            times: times(),
            days: vec![1, 31],
        },
        DraftWhen::EveryDays {
            times: times(),
            n: 2,
            anchor: None,
        },
        DraftWhen::EveryDays {
            times: times(),
            n: 3,
            anchor,
        },
        DraftWhen::Cycle {
            times: times(),
            on: 21,
            off: 7,
            anchor,
        },
        DraftWhen::EveryHours {
            hours: 6,
            first: time("07:00"),
            from_last: true,
            between: Some((time("07:00"), time("22:00"))),
        },
        DraftWhen::After {
            medication: first,
            minutes: 30,
        },
        DraftWhen::AsNeeded {
            gap_hours: 4,
            max_per_day: Some(4),
            max_amount: Some(amount("6")),
        },
    ];
    let doses = [
        DraftDose::Ask,
        DraftDose::Steps {
            steps: vec![
                DraftStep {
                    days: Some(7),
                    amount: amount("2"),
                },
                DraftStep {
                    days: None,
                    amount: amount("0.5"),
                },
            ],
        },
        DraftDose::Days {
            days: vec![amount("1"), amount("0"), amount("1.5")],
        },
    ];
    let plain = Draft {
        start: "2026-03-01".parse().ok(),
        max_count: Some(30),
        ..daily("Prednisolone", &["08:00"])
    };
    let by_when = ways.into_iter().map(|when| Draft { when, ..plain.clone() });
    let by_dose = doses.into_iter().map(|dose| Draft { dose, ..plain.clone() });
    let floating = Draft {
        travels: true,
        ..plain.clone()
    };
    for draft in by_when.chain(by_dose).chain([floating]) {
        let page = phone.add(draft.clone());
        assert_eq!(page.draft, draft);
        let saved = phone
            .ask(SaveMedicine {
                patient: None,
                medication: Some(page.row.medication),
                draft,
            })
            .unwrap();
        assert_eq!(saved.schedule, page.schedule, "saving unchanged makes no new plan");
    }
}

#[test]
fn a_last_step_that_says_how_long_it_lasts_ends_the_medicine() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    let mut draft = daily("Prednisolone", &["08:00"]);
    let step = |days, value| DraftStep {
        days,
        amount: amount(value),
    };
    draft.dose = DraftDose::Steps {
        steps: vec![step(Some(7), "2"), step(Some(7), "1")],
    };
    let view = phone.ask(preview(&draft)).unwrap();
    let amounts: Vec<_> = view
        .next
        .iter()
        .map(|next| next.amount.as_ref().unwrap().to_string())
        .collect();
    // Entered at noon on the first day: six mornings of two are left, then seven of one, of which twelve are shown.
    assert_eq!(amounts, [vec!["2 tablet"; 6], vec!["1 tablet"; 6]].concat());
    let schedule = phone.add(draft.clone()).schedule.unwrap();
    assert_eq!(schedule.end, "2026-03-14".parse().ok());

    draft.dose = DraftDose::Steps {
        steps: vec![step(None, "2"), step(Some(7), "1")],
    };
    let faults = phone.ask(preview(&draft)).unwrap().faults;
    assert_eq!(faults[0].field.as_deref(), Some("draft.dose.steps"));
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
    let view = phone.ask(preview(&draft)).unwrap();
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
        max_amount: None,
    };
    save(Some(leader), needed).unwrap();
    let attention = phone.today().attention;
    assert!(
        matches!(attention.as_slice(), [Attention::Unfollowed { name, why: Unfollowed::AsNeeded, .. }] if name == "Metformin"),
        "{attention:?}"
    );
}

#[test]
fn an_ingredient_that_is_taken_already_is_told_before_it_is_added() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    phone.add(daily("Paracetamol", &["08:00"]));
    let mut remedy = daily("Cold remedy", &["20:00"]);
    remedy.ingredients = vec!["Acetaminophen".to_owned()];
    let view = phone.ask(preview(&remedy)).unwrap();
    assert_eq!(
        view.warnings,
        [DraftWarning::Duplicate {
            ingredient: "paracetamol".to_owned(),
            with: "Paracetamol".to_owned(),
        }]
    );
    remedy.ingredients = vec!["ascorbic acid".to_owned()];
    assert!(phone.ask(preview(&remedy)).unwrap().warnings.is_empty());
}
