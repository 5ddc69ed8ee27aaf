//! The record of doses: append-only events, and the state of a dose as a fold over them.

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub(crate) use self::fold::retracted;
pub use self::{
    closing::{Closing, SYSTEM, SYSTEM_DEVICE, closing_id},
    doses::Doses,
    fold::{answers, fold},
};
use crate::{
    id::{DeviceId, DoseEventId, MedicationId, PatientId, PersonId},
    quantity::Quantity,
    schedule::OccurrenceKey,
};

mod closing;
mod doses;
mod fold;
mod planned;
pub mod slate;

/// One entry in the record of doses. It is never changed; a mistake is answered by a retraction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DoseEvent {
    /// Its identity, made where it was created.
    pub id: DoseEventId,
    /// Whose dose.
    pub patient: PatientId,
    /// Of which medication.
    pub medication: MedicationId,
    /// Which due time it answers; none for a dose taken as needed.
    pub occurrence: Option<OccurrenceKey>,
    /// When that was due, as the device saw it; none for a dose taken as needed.
    pub due: Option<DateTime<Utc>>,
    /// What happened.
    pub what: DoseAct,
    /// When it happened, with the local offset of that moment.
    pub at: DateTime<FixedOffset>,
    /// The zone of the device at that moment.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::IanaZone"))]
    pub zone: Tz,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it.
    pub by: PersonId,
    /// On which device.
    pub device: DeviceId,
}

/// What happened to a dose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DoseAct {
    /// The device reminded the patient.
    Notified {},
    /// The device could not remind the patient.
    NotNotified {
        /// Why.
        reason: NotNotified,
    },
    /// It was taken.
    Taken {
        /// How much, where it differs from or completes the schedule.
        amount: Option<Quantity>,
        /// Why a limit was overridden.
        override_reason: Option<String>,
    },
    /// It was left out on purpose.
    Skipped {
        /// Why, where the patient said so.
        reason: Option<String>,
    },
    /// The reminder was put off.
    Snoozed {
        /// Until when.
        until: DateTime<Utc>,
    },
    /// Its time passed with no entry.
    Missed {},
    /// It is held back: a move to another clock would have put it too close to the dose before, or too far from it.
    Held {},
    /// An earlier entry is taken back.
    Retracted {
        /// The entry that no longer counts.
        event: DoseEventId,
    },
}

crate::tagged!(DoseAct by "kind", strict {
    "notified" => Notified {},
    "not_notified" => NotNotified { reason },
    "taken" => Taken { amount, override_reason },
    "skipped" => Skipped { reason },
    "snoozed" => Snoozed { until },
    "missed" => Missed {},
    "held" => Held {},
    "retracted" => Retracted { event },
});

/// Why a device could not remind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotNotified {
    /// The system refused to show the notification.
    Refused,
    /// The device was off or asleep when the dose was due.
    Asleep,
}

/// What is shown of one dose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DoseState {
    /// Nothing has happened yet.
    Scheduled {},
    /// The patient was reminded.
    Notified {},
    /// The device could not remind: nothing is known about the dose, and it is not the patient's miss.
    NotNotified {},
    /// Put off.
    Snoozed {
        /// Until when.
        until: DateTime<Utc>,
    },
    /// Taken.
    Taken {
        /// The one effective entry.
        event: DoseEventId,
        /// When.
        at: DateTime<FixedOffset>,
        /// After it counted as missed.
        late: bool,
        /// How much, where entered.
        amount: Option<Quantity>,
    },
    /// Left out on purpose.
    Skipped {
        /// The one effective entry.
        event: DoseEventId,
        /// When.
        at: DateTime<FixedOffset>,
        /// Why.
        reason: Option<String>,
    },
    /// Its time passed with no entry.
    Missed {},
    /// Held back until a clinic has answered.
    Held {},
}
