//! The laws of the domain, each held by a test: schedules, doses, merge, access, the hash chain.
//!
//! What the semantics of schedules, doses and adherence say, sentence by sentence, and the tests that fail where it is
//! broken. Those of `every_zone` go through every zone of the world and every change of its clocks from 2020 to 2035, and
//! `expansion_is_…` through 10,000 random schedules (100,000 in the bench) of any zone.
//!
//! | what is said | what holds it |
//! |---|---|
//! | every kind of rule, days, dose and zone is read and written | `format::every_kind_comes_back_as_it_went` |
//! | values are decimal strings, never floats | `format::no_way_in_takes_a_number_for_an_amount` |
//! | unknown fields and impossible values are refused by path | `format::what_cannot_be_is_refused_by_the_path_of_the_field` |
//! | a preview: its form, its range, `device_tz`, `taken` | `format::a_preview_answers_in_the_documented_form` |
//! | at most 10,000 occurrences or 10 years, then an error | `format::a_preview_has_limits_on_both_the_range_and_the_answer` |
//! | identity of a wall dose: date and slot, through edits | `plan::a_revision_holds_from_its_date_to_the_day_before_the_next` |
//! | identity of an elapsed dose: revision and number | `plan::elapsed_occurrences_carry_the_number_of_their_revision` |
//! | past occurrences are never recomputed | `plan::an_edit_leaves_the_past_alone`, `plan::a_plan_gives_of_each_revision_what_the_slow_reading_gives_on_its_dates` |
//! | a gap moves forward by itself, a fold counts first and once | `every_zone::each_date_and_slot_comes_once_in_order_in_a_gap_moved_on_and_in_a_fold_the_first_time`, `clock_changes::each_known_change_gives_the_instant_written_by_hand` |
//! | one occurrence for a date and slot, ascending by due | the same, `wall::each_date_and_slot_has_exactly_one_occurrence_and_they_ascend` |
//! | two slots at one instant stay two, in the order of `times` | the same, `clock_changes::two_slots_that_fall_on_one_instant_stay_two_in_the_order_of_the_list` |
//! | elapsed is pure UTC | `every_zone::a_chain_in_real_time_knows_no_change_but_its_dates_do`, `elapsed::without_a_window_the_distance_never_changes` |
//! | days are counted by local dates, Euclidean | `every_zone::days_are_counted_by_local_dates_through_every_change`, `wall::days_are_counted_from_the_anchor_on_both_sides_of_it` |
//! | month days are clamped, once for a date, or skipped | `wall::the_thirty_first_is_clamped_once_or_skipped`, `wall::expansion_is_what_the_slow_reading_gives` |
//! | a taper holds, a table repeats | `wall::a_taper_holds_each_step_until_the_next_and_a_table_repeats`, and as day counting |
//! | an instant before `start` or after `end` is none, the chain runs through | `every_zone::a_chain_in_real_time_knows_no_change_but_its_dates_do`, `elapsed::expansion_is_what_the_chain_gives_step_by_step` |
//! | outside the daily window, its next start, and on from there | `every_zone::a_daily_window_opens_by_the_clock_of_its_day`, `elapsed::with_a_window_every_dose_is_inside_it_or_at_its_start` |
//! | last_taken: taken, skipped, missed, and with no dose the anchor | `last_taken::expansion_is_what_each_answer_makes_of_the_next`, `last_taken::expansion_is_what_each_dose_nearest_to_its_time_makes_of_the_next` |
//! | a preview goes on as if each were taken when due; doses count | `last_taken::expansion_is_what_the_last_dose_leaves_to_come` |
//! | max_count from `start`, whatever the range; by due, then the list | `every_zone::each_date_and_slot_comes_once_in_order_in_a_gap_moved_on_and_in_a_fold_the_first_time`, `wall::a_limit_cuts_the_unlimited_run_short_and_changes_nothing_else` |
//! | a range in two parts is the range | `wall::two_ranges_side_by_side_give_what_the_whole_gives`, `elapsed::two_ranges_side_by_side_give_what_the_whole_gives` |
//! | a follower: due, dates, limits, cycles | `after::a_follower_is_due_one_delay_after_the_leader_was_taken_or_is_due`, `after::dates_and_limits_count_the_leaders_date`, `after::what_cannot_be_followed_gives_none_and_says_why` |
//! | on a journey it asks, and the old zone stands until then | `travel::a_device_asks_once_for_each_place_and_not_where_the_clocks_agree`, `travel::times_stay_on_the_clock_at_home_until_the_date_of_the_answer_and_follow_it_from_there` |
//! | held under half and over one and a half of the gap | `travel::a_dose_is_held_under_half_and_over_one_and_a_half_of_its_gap_and_not_at_them` |
//! | no bridging dose | `travel::every_date_and_slot_comes_exactly_once_on_the_clock_that_the_answers_name` |
//! | as needed: gap, count, amount | `as_needed::the_instant_that_is_named_is_the_first_that_is_allowed`, `as_needed::the_amounts_of_the_day_are_summed_with_this_one` |
//! | the states of a dose, whatever the order of entries | `dose::from_reminder_to_taken`, `dose::order_and_duplicates_do_not_matter` |
//! | what could not be notified is never the patient's miss | `dose::a_reminder_that_failed_is_never_the_patients_miss` |
//! | missed after min(4 h, half the gap) | `plan::a_dose_is_missed_after_the_window_or_half_the_gap_or_four_hours` |
//! | logged after missed is taken late | `dose::a_dose_logged_after_it_was_missed_is_taken_late` |
//! | stock: a ledger, simulated forward, tapers and cycles included | `stock::since_the_last_count_every_refill_is_added_and_every_dose_taken_off`, `stock::a_taper_and_days_off_count_as_they_are` |
//! | the alert at lead time and 7 days | `stock::more_is_asked_for_at_the_lead_time_and_a_week_before_the_end` |
//! | taking, its bounds and completeness, extra doses apart | `dose::the_measure_lies_between_what_was_logged_and_what_is_known`, `dose::extra_doses_take_the_rate_past_one_and_leave_the_bounds_alone` |
//! | correct dosing, timing, persistence | `adherence::a_day_is_correct_where_as_many_doses_were_taken_as_prescribed`, `adherence::an_interval_is_in_time_within_the_tolerance_both_ends_inside`, `adherence::persistence_runs_to_the_last_dose_before_a_gap_that_is_too_long` |
//! | PDC: shifting, any drug of the class, inpatient days, at most 1, two fills, thresholds | `published::pdc_of_the_claims_of_the_pharmacy_quality_alliance`, `adherence::overlapping_fills_of_one_drug_shift_and_those_of_two_do_not`, `published::pdc_of_the_inpatient_stays_of_the_medicare_star_ratings`, `adherence::pdc_is_never_above_one_nor_above_mpr_and_the_order_of_fills_does_not_matter`, `adherence::without_two_fills_in_the_period_there_is_no_figure`, `adherence::who_is_adherent_is_told_without_rounding_and_more_strictly_of_antiretrovirals` |
//! | MPR | `published::mpr_of_the_examples_of_valluri_2007` |
//! | a figure from dose logs is never called PDC | `adherence::every_figure_says_what_it_is_and_under_which_parameters` |
//!
//! Beside them stand named cases with instants that this engine did not find: `cases::each_named_case_gives_the_instants_of_another_implementation`
//! (304, of which 144 at changes of the clocks) and those written by hand in `clock_changes` (52).

#![expect(clippy::unwrap_used, reason = "a test that cannot build its data has failed")]

mod access;
mod adherence;
mod after;
mod as_needed;
mod build;
mod cases;
mod change;
mod clock_changes;
mod dose;
mod elapsed;
mod every_zone;
mod format;
mod last_taken;
mod merge;
mod operations;
mod plan;
mod published;
mod report;
mod safety;
mod side_effect;
mod stock;
mod travel;
mod wall;
mod watch;
mod zones;

#[test]
#[expect(clippy::disallowed_methods, reason = "it reads the tests, not what they test")]
fn every_test_in_the_table_of_laws_is_there() {
    let table = include_str!("main.rs").lines().filter(|line| line.starts_with("//!"));
    let mut named = 0;
    for (module, test) in table
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .filter_map(|name| name.split_once("::"))
    {
        let path = format!("{}/tests/laws/{module}.rs", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(&format!("fn {test}(")), "{module}::{test}");
        named += 1;
    }
    assert!(named > 50, "{named}");
}
