//! What is at home: counted, taken from, refilled, and told in good time.

use doseline_client::{
    ask::{LogStock, StockChange},
    view::{Attention, MedicineView, StockText},
};

use crate::world::{Phone, World, at, daily};

fn log(
    phone: &Phone,
    page: &MedicineView,
    change: StockChange,
    value: &str,
) -> Result<MedicineView, doseline_client::ask::Fault> {
    phone.ask(LogStock {
        patient: None,
        medication: page.row.medication,
        change,
        value: value.to_owned(),
        unit: "tablet".to_owned(),
    })
}

fn count(lead_days: &str) -> StockChange {
    StockChange::Count {
        lead_days: lead_days.to_owned(),
    }
}

fn lasts(page: &MedicineView) -> (String, Option<u32>, bool) {
    match &page.row.stock {
        StockText::Lasts {
            on_hand,
            ends,
            refill_due,
            ..
        } => (on_hand.to_string(), ends.map(|(_, days)| days), *refill_due),
        other => panic!("it is kept: {other:?}"),
    }
}

#[test]
fn a_count_begins_a_stock_that_doses_use_up_and_a_refill_fills() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    let page = phone.add(daily("Metformin", &["08:00", "20:00"]));
    assert_eq!(page.row.stock, StockText::NotKept {});
    let page = log(&phone, &page, count(""), "30").unwrap();
    // Thirty tablets are fifteen days; the first dose without one is that of the sixteenth.
    assert_eq!(lasts(&page), ("30 tablet".to_owned(), Some(15), false));

    world.clock.set(at("2026-03-01T07:30:00Z"));
    phone.take(&phone.doses()[0]);
    let refilled = log(&phone, &page, StockChange::Refill, "2,5").unwrap();
    assert_eq!(lasts(&refilled).0, "31.5 tablet");
    let counted = log(&phone, &page, count("3"), "20").unwrap();
    assert_eq!(
        lasts(&counted),
        ("20 tablet".to_owned(), Some(10), true),
        "ten days are three of waiting and a week"
    );
    let [Attention::Refill { name, ends, .. }] = &phone.today().attention[..] else {
        panic!("one thing needs attention: {:?}", phone.today().attention);
    };
    assert_eq!((name.as_str(), ends.1), ("Metformin", 10));
    phone.sync();
    assert_eq!(
        lasts(&log(&phone, &page, count("0"), "20").unwrap()),
        ("20 tablet".to_owned(), Some(10), false)
    );
}

#[test]
fn what_is_typed_wrong_names_its_field_and_writes_nothing() {
    let world = World::new();
    let phone = world.phone_of("ada@example.org");
    let page = phone.add(daily("Metformin", &["08:00"]));
    let field = |change, value| log(&phone, &page, change, value).unwrap_err().field.unwrap();
    assert_eq!(
        field(StockChange::Refill, "10"),
        "change",
        "there is nothing to add to yet"
    );
    assert_eq!(field(count(""), "many"), "stock.value");
    assert_eq!(field(count("soon"), "10"), "stock.lead_days");
    assert_eq!(field(count("366"), "10"), "stock.lead_days");
    let none = log(&phone, &page, count("5"), "0").unwrap();
    assert_eq!(lasts(&none).0, "0 tablet", "nothing left is a count too");
    assert_eq!(field(StockChange::Refill, "0"), "stock.value");
}
