//! The public preview of a schedule: what a prescriber sees before saving.
//!
//! Owns the strict reading of the request and its limits. Carries no patient data.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;
use thiserror::Error;

use crate::{
    field::{Cursor, FieldError},
    schedule::{
        self, Context, Occurrence, Rule, Schedule, Zone, expand,
        scalar::{instant, tz},
    },
};

/// `POST`: [`Preview`] → [`Previewed`]. Needs no sign-in; limited per address.
pub const PREVIEW: &str = "/v1/schedules/preview";

/// Most occurrences in one answer.
pub const MAX_OCCURRENCES: usize = 10_000;
/// Longest range of one request, in days: ten years.
pub const MAX_RANGE_DAYS: i64 = 3_653;

/// Which occurrences a schedule has in a range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Preview {
    /// The schedule.
    pub schedule: Schedule,
    /// Start of the range, inclusive.
    pub from: DateTime<Utc>,
    /// End of the range, exclusive.
    pub to: DateTime<Utc>,
    /// The zone that a floating schedule is read in.
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::IanaZone>"))]
    pub device_tz: Option<Tz>,
    /// When doses were taken; feeds `last_taken`.
    #[serde(default)]
    pub taken: Vec<DateTime<Utc>>,
}

/// The occurrences, in ascending order of due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Previewed {
    /// The occurrences.
    pub occurrences: Vec<Occurrence>,
}

/// Most doses taken in one request.
const MAX_TAKEN: usize = 10_000;

/// More was asked for than one answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TooMuch {
    /// The range is longer than [`MAX_RANGE_DAYS`].
    #[error("the range is longer than {MAX_RANGE_DAYS} days; ask for a part of it")]
    Range,
    /// There are more than [`MAX_OCCURRENCES`] in the range.
    #[error("there are more than {MAX_OCCURRENCES} occurrences in the range; ask for a part of it")]
    Occurrences,
}

impl Preview {
    /// Reads a request; an error names the path of the field, such as `schedule.rule.times[1].at`.
    pub fn parse(value: &Value) -> Result<Self, FieldError> {
        let at = Cursor::new(value);
        let fields = at.object(&["schedule", "from", "to", "device_tz", "taken"])?;
        let schedule = schedule::parse(fields.need("schedule")?.value()).map_err(|error| error.within("schedule"))?;
        if matches!(schedule.rule, Rule::After { .. }) {
            let problem = "is another medication, which a preview of one schedule does not know";
            return Err(FieldError::new("schedule.rule.schedule", problem));
        }
        let from = instant(&fields.need("from")?)?;
        let to_at = fields.need("to")?;
        let to = instant(&to_at)?;
        if to < from {
            return Err(to_at.refuse("must not be before from"));
        }
        let device_at = fields.get("device_tz");
        let device_tz = device_at.optional(tz)?;
        if device_tz.is_none() && schedule.zone == (Zone::Floating {}) {
            return Err(device_at.refuse("is missing: a floating schedule is read in the zone of the device"));
        }
        let taken = fields.get("taken").optional(|at| at.list(0, MAX_TAKEN, instant))?;
        Ok(Self {
            schedule,
            from,
            to,
            device_tz,
            taken: taken.unwrap_or_default(),
        })
    }

    /// The occurrences asked for.
    pub fn answer(&self) -> Result<Previewed, TooMuch> {
        if self.to.signed_duration_since(self.from) > TimeDelta::days(MAX_RANGE_DAYS) {
            return Err(TooMuch::Range);
        }
        let context = Context {
            taken: &self.taken,
            ..Context::new(self.device_tz.unwrap_or_default())
        };
        let found = expand(&self.schedule, self.from..self.to, &context);
        let occurrences: Vec<_> = found.take(MAX_OCCURRENCES + 1).collect();
        if occurrences.len() > MAX_OCCURRENCES {
            return Err(TooMuch::Occurrences);
        }
        Ok(Previewed { occurrences })
    }
}

impl<'de> Deserialize<'de> for Preview {
    /// By [`Preview::parse`], so that there is one way in; the path stands in the error's text.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
