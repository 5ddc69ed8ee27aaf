//! Webhooks of the systems that a clinic has connected, by the Standard Webhooks specification: where a system is told that
//! something has changed.
//!
//! Owns the types of events and which scope opens each, and the shapes of what an administrator sees. A message holds ids
//! and nothing else: the system reads what has changed with its token, so that access is asked again.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::partner::{ApiScope, ApiScopes};
use crate::id::{DispenseId, DoseEventId, MedicationId, MessageId, PatientId, WebhookId};

/// `POST`: [`NewWebhook`] → [`IssuedWebhook`], 201. `GET` → `Vec<`[`Webhook`]`>`.
pub const WEBHOOKS: &str = "/v1/clinics/{clinic}/systems/{system}/webhooks";
/// `DELETE`: ends the webhook with all its messages at once, 204.
pub const WEBHOOK: &str = "/v1/clinics/{clinic}/systems/{system}/webhooks/{webhook}";
/// `POST`, with no body → [`Message`], 201: a test event, delivered in its turn.
pub const PING: &str = "/v1/clinics/{clinic}/systems/{system}/webhooks/{webhook}/ping";
/// `POST`, with no body → [`IssuedWebhook`], 201: a new secret.
pub const SECRET: &str = "/v1/clinics/{clinic}/systems/{system}/webhooks/{webhook}/secret";
/// `GET`, with `after` and `limit` → [`Messages`].
pub const MESSAGES: &str = "/v1/clinics/{clinic}/systems/{system}/webhooks/{webhook}/messages";
/// `POST`, with no body → [`Message`]: a message that was given up goes again.
pub const REPLAY: &str = "/v1/clinics/{clinic}/systems/{system}/webhooks/{webhook}/messages/{message}/replay";

/// `GET`, for the system itself: the same events as a stream (server-sent events), from the cursor in `Last-Event-ID` or
/// `after` on, or from now.
pub const EVENTS: &str = "/v1/events";

/// Most webhooks of one system.
pub const MAX_WEBHOOKS: usize = 5;
/// Longest address of a webhook, in bytes.
pub const MAX_URL: usize = 1_000;
/// Most messages in one answer, and how many there are where nobody asks for fewer.
pub const MAX_MESSAGES: usize = 100;
/// Most messages that are counted.
pub const COUNTED: u32 = 1_000;
/// How long a secret signs along after a new one has taken its place, in hours.
pub const OLD_SECRET_HOURS: i64 = 24;
/// How long a message is tried before it is given up, in days.
pub const TRIED_DAYS: i64 = 3;
/// How long a message that was given up is kept, in days.
pub const KEPT_DAYS: i64 = 30;

/// The header with the message's id, the same at every attempt.
pub const ID_HEADER: &str = "webhook-id";
/// The header with the time of the attempt, in seconds since 1970.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// The header with the signatures, a space between them.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

/// What an event says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum EventKind {
    /// A patient has joined the clinic.
    #[serde(rename = "patient.joined")]
    PatientJoined,
    /// A patient has left the clinic.
    #[serde(rename = "patient.left")]
    PatientLeft,
    /// Who a patient is has changed.
    #[serde(rename = "patient.changed")]
    PatientChanged,
    /// A medication has come, or it, its schedule or its status has changed.
    #[serde(rename = "medication.changed")]
    MedicationChanged,
    /// A dose was taken, left out or held back, or such an entry was taken back.
    #[serde(rename = "dose.changed")]
    DoseChanged,
    /// The time of a dose has passed with no entry.
    #[serde(rename = "dose.missed")]
    DoseMissed,
    /// A supply was handed out, or what is said of one has changed.
    #[serde(rename = "dispense.changed")]
    DispenseChanged,
    /// Nothing: a test.
    #[serde(rename = "webhook.ping")]
    Ping,
}

impl EventKind {
    /// Those that a webhook can be for. [`EventKind::Ping`] comes to every one that is asked for it.
    pub const CHOSEN: &[Self] = &[
        Self::PatientJoined,
        Self::PatientLeft,
        Self::PatientChanged,
        Self::MedicationChanged,
        Self::DoseChanged,
        Self::DoseMissed,
        Self::DispenseChanged,
    ];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PatientJoined => "patient.joined",
            Self::PatientLeft => "patient.left",
            Self::PatientChanged => "patient.changed",
            Self::MedicationChanged => "medication.changed",
            Self::DoseChanged => "dose.changed",
            Self::DoseMissed => "dose.missed",
            Self::DispenseChanged => "dispense.changed",
            Self::Ping => "webhook.ping",
        }
    }

    /// The scope by which the system reads what the event is about; none where there is nothing to read.
    pub const fn scope(self) -> Option<ApiScope> {
        match self {
            Self::PatientJoined | Self::PatientLeft | Self::PatientChanged => Some(ApiScope::ProviderRead),
            Self::MedicationChanged => Some(ApiScope::ScheduleRead),
            Self::DoseChanged | Self::DoseMissed | Self::DispenseChanged => Some(ApiScope::AdherenceRead),
            Self::Ping => None,
        }
    }

    /// Whether it goes to a webhook that is for `chosen`, of a system whose live keys open `scopes`.
    pub fn goes_to(self, chosen: &[Self], scopes: ApiScopes) -> bool {
        match self.scope() {
            None => true,
            Some(scope) => chosen.contains(&self) && scopes.contains(scope),
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A type of event that there is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such type of event")]
pub struct NoSuchEvent;

impl FromStr for EventKind {
    type Err = NoSuchEvent;

    fn from_str(name: &str) -> Result<Self, NoSuchEvent> {
        let mut all = Self::CHOSEN.iter().copied().chain([Self::Ping]);
        all.find(|kind| kind.name() == name).ok_or(NoSuchEvent)
    }
}

/// The body of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Event {
    /// What it says.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// When that was.
    pub timestamp: DateTime<Utc>,
    /// What it is about.
    pub data: About,
}

/// What an event is about, by ids alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "EventData"))]
pub struct About {
    /// The patient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<PatientId>,
    /// The medication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medication: Option<MedicationId>,
    /// The entry in the record of doses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dose: Option<DoseEventId>,
    /// The supply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispense: Option<DispenseId>,
}

/// A webhook to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Where messages are sent: an address of HTTPS, with no name or password in it, at most [`MAX_URL`] bytes.
    #[cfg_attr(feature = "schema", schemars(url, length(max = MAX_URL)))]
    pub url: String,
    /// What it is told of, at least one of [`EventKind::CHOSEN`].
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub events: Vec<EventKind>,
}

/// A webhook with its secret, which was just made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IssuedWebhook {
    /// The webhook as it stands in the list.
    pub webhook: Webhook,
    /// What messages are signed with: `whsec_` and base64. It cannot be shown again.
    pub secret: String,
}

/// A webhook, without what is secret of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Webhook {
    /// Identity.
    pub id: WebhookId,
    /// Where messages are sent.
    pub url: String,
    /// What it is told of.
    pub events: Vec<EventKind>,
    /// When it was made.
    pub since: DateTime<Utc>,
    /// Until when the secret before the present one signs along.
    pub old_secret_until: Option<DateTime<Utc>>,
    /// When a message was last delivered.
    pub delivered: Option<DateTime<Utc>>,
    /// When the receiver answered that it is gone for good (410). Nothing is sent any more.
    pub gone: Option<DateTime<Utc>>,
    /// How many messages wait, [`COUNTED`] at most.
    pub waiting: u32,
    /// How many messages were given up, [`COUNTED`] at most.
    pub dead: u32,
    /// The message that is tried, where it has failed and holds back the others.
    pub failing: Option<Failing>,
}

/// A message that has failed and is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Failing {
    /// How often it was tried.
    pub attempts: u32,
    /// What became of the last attempt.
    pub outcome: Outcome,
    /// When it is tried next.
    pub next: DateTime<Utc>,
}

/// What waits for a webhook and what was given up, in the order in which it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Messages {
    /// At most as many as were asked for.
    pub messages: Vec<Message>,
    /// What to ask for the next ones with, as `after`; none where these are the last.
    pub next: Option<u64>,
}

/// A message that waits, or was given up. One that was delivered is forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Message {
    /// Identity: the `webhook-id` of each attempt.
    pub id: MessageId,
    /// What it says.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// When it was made.
    pub made: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: u32,
    /// What became of the last attempt.
    pub outcome: Option<Outcome>,
    /// When it is tried next; none where it waits for others, or was given up.
    pub next: Option<DateTime<Utc>>,
    /// When it was given up.
    pub dead: Option<DateTime<Utc>>,
}

/// What became of an attempt that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "AttemptOutcome")
)]
#[serde(untagged)]
pub enum Outcome {
    /// The receiver has answered with this status.
    Status(u16),
    /// It has not answered.
    Failed(Failure),
}

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "AttemptFailure")
)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// None came in time.
    Timeout,
    /// The address is one that is not reached from here: of an inner network, or none of the public Internet.
    RefusedAddress,
    /// The receiver did not prove its name, or speaks no TLS that we speak.
    Tls,
    /// There is no such name, nobody listens there, or the connection broke.
    Unreachable,
}

impl Failure {
    const ALL: [Self; 4] = [Self::Timeout, Self::RefusedAddress, Self::Tls, Self::Unreachable];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::RefusedAddress => "refused_address",
            Self::Tls => "tls",
            Self::Unreachable => "unreachable",
        }
    }
}

impl Outcome {
    /// Whether the receiver has taken the message.
    pub const fn is_delivered(self) -> bool {
        matches!(self, Self::Status(200..=299))
    }

    /// Whether the receiver wants nothing more, for good.
    pub const fn is_gone(self) -> bool {
        matches!(self, Self::Status(410))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => status.fmt(f),
            Self::Failed(failure) => f.write_str(failure.name()),
        }
    }
}

/// A text that is no outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an outcome is a status or a known word")]
pub struct NotAnOutcome;

impl FromStr for Outcome {
    type Err = NotAnOutcome;

    fn from_str(text: &str) -> Result<Self, NotAnOutcome> {
        if let Ok(status) = text.parse() {
            return Ok(Self::Status(status));
        }
        let failure = Failure::ALL.into_iter().find(|failure| failure.name() == text);
        failure.map(Self::Failed).ok_or(NotAnOutcome)
    }
}

super::redact!(IssuedWebhook);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_as_the_documentation_shows_it() {
        let text = concat!(
            r#"{"type":"dose.missed","timestamp":"2026-03-02T07:03:00Z","#,
            r#""data":{"patient":"0198c5d2-0000-7000-8000-000000000001","#,
            r#""medication":"0198c5d2-0000-7000-8000-000000000002","#,
            r#""dose":"0198c5d2-0000-7000-8000-000000000003"}}"#
        );
        let event: Event = serde_json::from_str(text).unwrap();
        assert_eq!(event.kind, EventKind::DoseMissed);
        assert_eq!(serde_json::to_string(&event).unwrap(), text);
        let ping = Event {
            kind: EventKind::Ping,
            data: About::default(),
            ..event
        };
        assert!(serde_json::to_string(&ping).unwrap().ends_with(r#""data":{}}"#));
    }

    #[test]
    fn names_and_outcomes_come_back_as_they_were() {
        for kind in EventKind::CHOSEN.iter().chain(&[EventKind::Ping]) {
            assert_eq!(kind.to_string().parse(), Ok(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        assert_eq!("dose.taken".parse::<EventKind>(), Err(NoSuchEvent));
        let failures = Failure::ALL.map(Outcome::Failed);
        for outcome in failures.into_iter().chain([Outcome::Status(503)]) {
            assert_eq!(outcome.to_string().parse(), Ok(outcome));
            let json = serde_json::to_string(&outcome).unwrap();
            assert_eq!(serde_json::from_str::<Outcome>(&json).unwrap(), outcome, "{json}");
        }
        assert_eq!("lost".parse::<Outcome>(), Err(NotAnOutcome));
    }

    #[test]
    fn an_event_goes_only_where_it_was_chosen_and_can_be_read() {
        let chosen = [EventKind::DoseMissed, EventKind::MedicationChanged];
        let adherence: ApiScopes = [ApiScope::AdherenceRead].into_iter().collect();
        assert!(EventKind::DoseMissed.goes_to(&chosen, adherence));
        assert!(!EventKind::DoseChanged.goes_to(&chosen, adherence), "not chosen");
        assert!(
            !EventKind::MedicationChanged.goes_to(&chosen, adherence),
            "not to be read"
        );
        assert!(EventKind::Ping.goes_to(&[], ApiScopes::default()));
    }
}
