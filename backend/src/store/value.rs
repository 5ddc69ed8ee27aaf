//! What goes into a query and what comes out: text, whole numbers, nothing. Both engines speak exactly these. A list of
//! texts goes in only, for `= ANY($1)`.

use std::fmt;

use chrono::{DateTime, Utc};
use doseline_shared::id;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::StoreError;

/// A value, as a parameter or in a row.
#[derive(Clone, PartialEq, Eq)]
pub enum Param {
    /// Text: ids, hashes, JSON, words.
    Text(String),
    /// A whole number: counts, milliseconds, 0 and 1.
    Int(i64),
    /// Nothing.
    Null,
    /// Texts that a column may equal one of.
    List(Vec<String>),
}

impl Param {
    /// A list of ids or words.
    pub fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(|item| item.to_string()).collect())
    }
}

/// Values are patient data: only their kind is shown.
impl fmt::Debug for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text",
            Self::Int(_) => "Int",
            Self::Null => "Null",
            Self::List(_) => "List",
        })
    }
}

/// Makes an array of [`Param`] of anything that is `Into<Param>`.
macro_rules! params {
    ($($value:expr),* $(,)?) => { [$($crate::store::Param::from($value)),*] };
}
pub(crate) use params;

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Param {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<i64> for Param {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u64> for Param {
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Param {
    fn from(yes: bool) -> Self {
        Self::Int(yes.into())
    }
}

impl From<DateTime<Utc>> for Param {
    fn from(at: DateTime<Utc>) -> Self {
        Self::Int(at.timestamp_millis())
    }
}

impl From<Uuid> for Param {
    fn from(id: Uuid) -> Self {
        Self::Text(id.to_string())
    }
}

impl<T: Into<Param>> From<Option<T>> for Param {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What a column can be read as.
pub trait FromValue: Sized {
    /// Reads the value; none where it is of another kind.
    fn from_value(value: &Param) -> Option<Self>;
}

impl FromValue for String {
    fn from_value(value: &Param) -> Option<Self> {
        match value {
            Param::Text(text) => Some(text.clone()),
            Param::Int(_) | Param::Null | Param::List(_) => None,
        }
    }
}

impl FromValue for i64 {
    fn from_value(value: &Param) -> Option<Self> {
        match value {
            Param::Int(number) => Some(*number),
            Param::Text(_) | Param::Null | Param::List(_) => None,
        }
    }
}

impl FromValue for u64 {
    fn from_value(value: &Param) -> Option<Self> {
        i64::from_value(value).and_then(|number| number.try_into().ok())
    }
}

impl FromValue for bool {
    fn from_value(value: &Param) -> Option<Self> {
        i64::from_value(value).map(|number| number != 0)
    }
}

impl FromValue for DateTime<Utc> {
    fn from_value(value: &Param) -> Option<Self> {
        i64::from_value(value).and_then(Self::from_timestamp_millis)
    }
}

impl FromValue for Uuid {
    fn from_value(value: &Param) -> Option<Self> {
        String::from_value(value).and_then(|text| text.parse().ok())
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Param) -> Option<Self> {
        match value {
            Param::Null => Some(None),
            Param::Text(_) | Param::Int(_) | Param::List(_) => T::from_value(value).map(Some),
        }
    }
}

macro_rules! ids {
    ($($id:ty),+ $(,)?) => {$(
        impl From<$id> for Param {
            fn from(id: $id) -> Self {
                Self::from(id.uuid())
            }
        }

        impl FromValue for $id {
            fn from_value(value: &Param) -> Option<Self> {
                Uuid::from_value(value).map(Self::from_uuid)
            }
        }
    )+};
}
ids!(
    id::KeyId,
    id::PersonId,
    id::PatientId,
    id::ClinicId,
    id::DeviceId,
    id::MedicationId,
    id::DoseEventId,
    id::GrantId,
    id::InvitationId,
    id::OperationId,
    id::SessionId,
    id::AlertRuleId,
    id::AlertId,
    id::WebhookId,
    id::MessageId,
);

/// One row, its columns in the order of the query.
#[derive(Clone, Debug)]
pub struct Row(pub(super) Vec<Param>);

impl Row {
    /// Column `index`, from 0.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where the column holds something else.
    pub fn get<T: FromValue>(&self, index: usize) -> Result<T, StoreError> {
        self.0
            .get(index)
            .and_then(T::from_value)
            .ok_or(StoreError::Damaged("a column holds what it must not"))
    }

    /// Column `index` as a unit enum of the domain, by its name on the wire.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where the word is unknown.
    pub fn word<T: DeserializeOwned>(&self, index: usize) -> Result<T, StoreError> {
        serde_json::from_value(serde_json::Value::String(self.get(index)?))
            .map_err(|_| StoreError::Damaged("a word is unknown"))
    }

    /// Column `index` as JSON.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] where it cannot be read.
    pub fn json<T: DeserializeOwned>(&self, index: usize) -> Result<T, StoreError> {
        serde_json::from_str(&self.get::<String>(index)?).map_err(|_| StoreError::Damaged("a body cannot be read"))
    }
}

/// The name on the wire of a unit enum of the domain.
///
/// # Errors
/// [`StoreError::Failed`] where `value` is no unit enum: a fault of the program.
pub(super) fn word<T: Serialize>(value: &T) -> Result<Param, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => Ok(Param::Text(text)),
        Ok(_) | Err(_) => Err(StoreError::Failed("not a word".to_owned())),
    }
}

/// `value` as JSON text.
///
/// # Errors
/// [`StoreError::Failed`] where it has no JSON form: a fault of the program.
pub(super) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Failed("not JSON".to_owned()))
}
