//! What there is of a medicine at home: how long it lasts, a refill, a count.
//!
//! The reading of the ledger is [`doseline_shared::stock`]'s.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use doseline_shared::{
    api::{ErrorCode, sync::OperationBody},
    id::StockEntryId,
    record::{Medication, StockAct, StockEntry, StockSettings},
    stock::{End, NoStock, outlook},
};

use super::draft::quantity;
use crate::{
    ask::{DraftAmount, Fault, LogStock, OpenMedicine, StockChange},
    core::Core,
    dose::{
        slate::{Regimen, is_active},
        time::{date_of, local},
    },
    host::Host,
    people::rights::{may_edit, may_log},
    replica::Chart,
    state::State,
    vault::Vault,
    view::{Attention, MedicineView, StockText},
};

/// Days from asking for more until it is there, where nobody has said.
const LEAD_DAYS: u32 = 3;
/// The longest that can be said.
const LONGEST_LEAD: u32 = 365;

impl<H: Host, V: Vault> Core<H, V> {
    /// Records a refill or a count. The first count begins the stock.
    ///
    /// # Errors
    /// The field at fault; `NotFound`; `Forbidden` where the person may not record doses, or may not begin a stock.
    pub(crate) async fn log_stock(&self, ask: LogStock) -> Result<MedicineView, Fault> {
        let patient = self.patient_or_own(ask.patient)?;
        self.ensure_held(patient).await?;
        {
            let _writing = self.writing.lock().await;
            let now = self.now();
            let (medication, settings) = {
                let state = self.state.borrow();
                if !may_log(&state, patient, now) {
                    return Err(Fault::of(ErrorCode::Forbidden));
                }
                let chart = state.replica.chart(patient).ok_or(Fault::of(ErrorCode::NotFound))?;
                let medication = chart.medication(ask.medication).ok_or(Fault::of(ErrorCode::NotFound))?;
                let settings = match (&medication.stock, &ask.change) {
                    (Some(stock), StockChange::Refill) => stock.clone(),
                    (None, StockChange::Refill) => return Err(Fault::field("change")),
                    (before, StockChange::Count { lead_days }) => StockSettings {
                        unit: before.as_ref().map_or(ask.unit.trim(), |stock| &stock.unit).to_owned(),
                        lead_days: lead(lead_days, before.as_ref())?,
                    },
                };
                if medication.stock.as_ref() != Some(&settings) && !may_edit(&state, patient, now) {
                    return Err(Fault::of(ErrorCode::Forbidden));
                }
                (medication.clone(), settings)
            };
            let typed = DraftAmount {
                value: ask.value,
                unit: settings.unit.clone(),
            };
            let amount = quantity(&typed, "stock")?;
            if ask.change == StockChange::Refill && amount.value.is_zero() {
                return Err(Fault::field("stock.value"));
            }
            self.put_medication(Medication {
                stock: Some(settings),
                ..medication
            })
            .await?;
            let entry = StockEntry {
                id: StockEntryId::from_uuid(self.new_id()),
                patient,
                medication: ask.medication,
                what: match ask.change {
                    StockChange::Refill => StockAct::Refill { amount },
                    StockChange::Count { .. } => StockAct::Count { amount },
                },
                at: local(now, self.host.zone()),
                recorded_at: now,
                by: self.me()?.person,
                device: self.device()?,
            };
            self.enqueue([(OperationBody::LogStock { entry }, None)]).await?;
        }
        self.open_medicine(OpenMedicine {
            patient: Some(patient),
            medication: ask.medication,
            until: None,
        })
        .await
    }
}

/// The medicines of the signed-in patient that it is time to ask for more of.
pub(crate) fn refills(state: &State, now: DateTime<Utc>) -> Vec<Attention> {
    let own = state.me().and_then(|me| me.patient);
    let Some(chart) = own.and_then(|patient| state.replica.chart(patient)) else {
        return Vec::new();
    };
    let zone = chart.zones().at(now);
    let today = date_of(now, zone);
    let active = chart.medications().filter(|medication| is_active(medication, today));
    active
        .filter_map(|medication| match stock_text(chart, medication, zone, now) {
            StockText::Lasts {
                refill_due: true,
                on_hand,
                ends: Some(ends),
                ..
            } => Some(Attention::Refill {
                medication: medication.id,
                name: medication.name.clone(),
                on_hand,
                ends,
            }),
            StockText::Lasts { .. }
            | StockText::NotKept {}
            | StockText::OtherUnit { .. }
            | StockText::UnknownAmount {} => None,
        })
        .collect()
}

/// Days as typed; where nothing is, those said before, or the default.
fn lead(typed: &str, before: Option<&StockSettings>) -> Result<u32, Fault> {
    match typed.trim() {
        "" => Ok(before.map_or(LEAD_DAYS, |stock| stock.lead_days)),
        typed => typed
            .parse()
            .ok()
            .filter(|days| *days <= LONGEST_LEAD)
            .ok_or_else(|| Fault::field("stock.lead_days")),
    }
}

/// How long what is at home lasts, for a sentence.
pub(crate) fn stock_text(chart: &Chart, medication: &Medication, zone: Tz, now: DateTime<Utc>) -> StockText {
    let Some(settings) = &medication.stock else {
        return StockText::NotKept {};
    };
    let entries: Vec<StockEntry> = chart
        .stock()
        .filter(|entry| entry.medication == medication.id)
        .cloned()
        .collect();
    let events = chart
        .doses(medication.id)
        .map(|doses| doses.newest().collect::<Vec<_>>())
        .unwrap_or_default();
    match outlook(medication, &entries, &events, zone, now) {
        Ok(outlook) => {
            let today = date_of(now, zone);
            let refill_due = outlook.refill_due(today);
            StockText::Lasts {
                lead_days: settings.lead_days,
                ends: match outlook.end {
                    End::On { date, days_left } => Some((date, days_left)),
                    End::NotInSight => None,
                },
                on_hand: outlook.on_hand,
                refill_from: outlook.refill_from,
                refill_due,
            }
        }
        Err(NoStock::NotKept | NoStock::NothingEntered) => StockText::NotKept {},
        Err(NoStock::OtherUnit { unit }) => StockText::OtherUnit {
            unit,
            kept: settings.unit.clone(),
        },
        Err(NoStock::UnknownAmount) => StockText::UnknownAmount {},
    }
}
