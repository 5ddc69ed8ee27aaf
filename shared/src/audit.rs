//! The audit trail beside the feed of changes: who has read in whose record, and what was refused.
//!
//! Each event carries the hash of the event before it in the same trail, by the rules of [`crate::change`]. A trail is
//! that of a patient; of a person, where they asked for what is of no patient that exists; or nobody's.
//!
//! Owns what an event is, and the encoding that is hashed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    change::{Encoder, Hash, Link},
    id::{ClinicId, DeviceId, PersonId},
};

/// What opens a record to whoever reads in it, the nearest first: it counts where there are several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// It is their own.
    Own,
    /// A grant to them.
    Caregiver,
    /// A grant to a clinic that they work for.
    Staff,
    /// A grant to a clinic that the system is connected to.
    PartnerSystem,
    /// A one-time code of the patient: it shows the patient's name to whoever is about to use it.
    Code,
}

impl Way {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Caregiver => "caregiver",
            Self::Staff => "staff",
            Self::PartnerSystem => "partner_system",
            Self::Code => "code",
        }
    }
}

/// What of an event is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// Whose trail.
    pub trail: Uuid,
    /// Its place in the trail, from 1.
    pub link: u64,
    /// When, to the millisecond.
    pub at: DateTime<Utc>,
    /// Who asked; none where nobody was signed in.
    pub actor: Option<PersonId>,
    /// On which device.
    pub device: Option<DeviceId>,
    /// From which address.
    pub origin: Option<&'a str>,
    /// The request: method and path, and the operation where it was one of a push.
    pub asked: &'a str,
    /// `read`, or the code of the refusal.
    pub outcome: &'a str,
    /// What opened the record ([`Way`]), or why it was refused.
    pub why: &'a str,
    /// The clinic, where they read as its staff.
    pub clinic: Option<ClinicId>,
}

impl Link for Event<'_> {
    fn chain(&self) -> Uuid {
        self.trail
    }

    fn number(&self) -> u64 {
        self.link
    }

    fn hash_after(&self, prev: &Hash) -> Hash {
        let mut encoder = Encoder::new("doseline audit 1");
        encoder.bytes(&prev.0);
        encoder.bytes(self.trail.as_bytes());
        encoder.number(self.link);
        encoder.bytes(&self.at.timestamp_millis().to_be_bytes());
        encoder.id(self.actor.map(PersonId::uuid));
        encoder.id(self.device.map(DeviceId::uuid));
        encoder.text(self.origin);
        encoder.bytes(self.asked.as_bytes());
        encoder.bytes(self.outcome.as_bytes());
        encoder.bytes(self.why.as_bytes());
        encoder.id(self.clinic.map(ClinicId::uuid));
        encoder.finish()
    }
}
