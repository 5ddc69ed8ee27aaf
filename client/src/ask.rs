//! What a surface can ask of the core: one request type per use case, each with the type of its answer.
//!
//! The Tauri shell passes an [`Ask`] as JSON through its one command; in the browser it is a direct call.

use chrono::{DateTime, NaiveDate, Utc};
use doseline_shared::{
    access::StaffRole,
    api::{
        ErrorCode,
        account::{AddedStaff, Device, FirstPassword, Staff},
        invitation::{NewInvitation, Offer, Redeemed},
        partner::{IssuedKey, NewKey, PartnerSystem},
        report::Document,
        second_factor::{RecoveryCodes, Requirement, SecondFactor},
        webhook::{IssuedWebhook, Message, Messages, NewWebhook},
    },
    id::{
        AlertId, ClinicId, DeviceId, DoseEventId, GrantId, KeyId, MedicationId, MessageId, OperationId, PatientId,
        PersonId, SideEffectEntryId, WebhookId,
    },
    quantity::Quantity,
    record::{AlertFor, Grantee, Report, Tell},
    safety::ListFaults,
    schedule::OccurrenceKey,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use crate::regimen::draft::{Draft, DraftAmount, DraftDose, DraftStep, DraftWhen};
use crate::view::{
    AuditView, CaregiverView, DraftView, EnrolmentView, FeelView, FeltView, InteractionsView, InvitationView,
    LoggedView, MedicineView, MedicinesView, OfflineView, PatientView, PeopleView, ReportView, SettingsView, StartView,
    TodayView, WorklistView,
};

/// A request with the type of its answer.
pub trait Request: Into<Ask> {
    /// The answer.
    type Answer: Serialize + DeserializeOwned + 'static;
}

/// Why the core did not do what it was asked. The surface has a sentence for each code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code:?}")]
pub struct Fault {
    /// The stable code.
    pub code: ErrorCode,
    /// The path of the field at fault.
    pub field: Option<String>,
    /// Seconds to wait before trying again.
    pub retry_after: Option<u32>,
    /// For `AboveLimit`: when the next dose is allowed.
    pub next_allowed: Option<DateTime<Utc>>,
    /// Where a clinic's list of interactions is at fault.
    #[serde(default)]
    pub list: Option<ListFaults>,
}

macro_rules! requests {
    ($($(#[$doc:meta])* $name:ident $({ $($(#[$fdoc:meta])* $field:ident : $type:ty),* $(,)? })? => $answer:ty;)+) => {
        /// Any request.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Ask {
            $($(#[$doc])* $name($name),)+
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Debug, Serialize, Deserialize)]
            pub struct $name { $($($(#[$fdoc])* pub $field: $type,)*)? }

            impl From<$name> for Ask {
                fn from(request: $name) -> Self {
                    Self::$name(request)
                }
            }

            impl Request for $name {
                type Answer = $answer;
            }
        )+
    };
}

requests! {
    /// The first question of every surface: what is there to show?
    Start => StartView;
    /// Chooses the PIN of a device that has no keychain.
    ChoosePin {
        /// 6 to 32 characters.
        pin: String,
    } => StartView;
    /// Opens the cache of a device that has no keychain.
    Unlock {
        /// The PIN.
        pin: String,
    } => StartView;
    /// Puts a damaged or unreadable cache aside (it is kept as a file) and starts with an empty one.
    StartOver => StartView;
    /// Makes an account.
    SignUp {
        /// The backend's address, such as `https://clinic.example`; none for the host's own.
        server: Option<String>,
        /// Full name.
        name: String,
        /// E-mail.
        email: String,
        /// Password.
        password: Secret,
        /// Whether the person has medicines of their own.
        as_patient: bool,
        /// Whether to stay signed in on this device.
        keep: bool,
    } => StartView;
    /// Signs in.
    SignIn {
        /// The backend's address; none for the host's own.
        server: Option<String>,
        /// E-mail.
        email: String,
        /// Password.
        password: Secret,
        /// A code of the second factor, where the account has one.
        code: Option<Secret>,
        /// Whether to stay signed in on this device.
        keep: bool,
    } => StartView;
    /// A copy of everything that is kept about one's own record: the text of its file.
    ExportRecord => String;
    /// Changes one's password.
    ChangePassword {
        /// The old one.
        password: Secret,
        /// A code of the second factor, where the account has one.
        code: Option<Secret>,
        /// The new one.
        new: Secret,
    } => ();
    /// The second factor of one's account.
    OpenSecondFactor => SecondFactor;
    /// Begins to set one up.
    BeginSecondFactor {
        /// Password.
        password: Secret,
    } => EnrolmentView;
    /// Finishes setting it up, with the first code that the authenticator app shows.
    ConfirmSecondFactor {
        /// The code.
        code: Secret,
        /// Whether one's other devices are signed out.
        end_others: bool,
    } => RecoveryCodes;
    /// Asks for new recovery codes in place of the old ones.
    NewRecoveryCodes {
        /// Password.
        password: Secret,
        /// A code of the app, or a recovery code.
        code: Secret,
    } => RecoveryCodes;
    /// Takes the second factor away.
    RemoveSecondFactor {
        /// Password.
        password: Secret,
        /// A code of the app, or a recovery code.
        code: Secret,
        /// Whether one's other devices are signed out.
        end_others: bool,
    } => SecondFactor;
    /// Whom a clinic asks for a second factor.
    OpenRequirement {
        /// Which clinic.
        clinic: ClinicId,
    } => Requirement;
    /// Asks the holders of these roles for one, and no others.
    AskForSecondFactor {
        /// Which clinic.
        clinic: ClinicId,
        /// The roles.
        roles: Vec<StaffRole>,
    } => Requirement;
    /// Signs out. Unsent entries stay in the cache for this person's next sign-in.
    SignOut => StartView;
    /// *Today* of the person's own record, or of someone they care for.
    OpenToday {
        /// Whose; none for one's own.
        patient: Option<PatientId>,
    } => TodayView;
    /// Records that a scheduled dose was taken, skipped or put off.
    LogDose {
        /// Whose.
        patient: PatientId,
        /// Of which medication.
        medication: MedicationId,
        /// Which due time.
        occurrence: OccurrenceKey,
        /// What happened.
        act: LogAct,
    } => LoggedView;
    /// Records a dose taken as needed.
    LogAsNeeded {
        /// Whose.
        patient: PatientId,
        /// Of which medication.
        medication: MedicationId,
        /// How much; none for the schedule's amount.
        amount: Option<Quantity>,
        /// Why a limit is overridden, where one is.
        override_reason: Option<String>,
    } => LoggedView;
    /// Takes an entry back: *undo*, or later from the history.
    Retract {
        /// Whose.
        patient: PatientId,
        /// The entry.
        event: DoseEventId,
    } => LoggedView;
    /// The list of medicines.
    OpenMedicines {
        /// Whose; none for one's own.
        patient: Option<PatientId>,
    } => MedicinesView;
    /// A medicine's page.
    OpenMedicine {
        /// Whose; none for one's own.
        patient: Option<PatientId>,
        /// Which.
        medication: MedicationId,
        /// The last local date of the history; none for today.
        until: Option<NaiveDate>,
    } => MedicineView;
    /// What a draft would do: the schedule, its sentence, the next days.
    PreviewDraft {
        /// Whose; none for the signed-in person's own.
        patient: Option<PatientId>,
        /// The medicine that is edited; none for a new one.
        medication: Option<MedicationId>,
        /// The draft.
        draft: Draft,
    } => DraftView;
    /// Adds a medicine, or edits one from today on.
    SaveMedicine {
        /// Whose; none for one's own.
        patient: Option<PatientId>,
        /// Which; none for a new one.
        medication: Option<MedicationId>,
        /// What it is.
        draft: Draft,
    } => MedicineView;
    /// Stops a medicine from today on.
    StopMedicine {
        /// Whose; none for one's own.
        patient: Option<PatientId>,
        /// Which.
        medication: MedicationId,
    } => MedicinesView;
    /// Caregivers and clinics of one's own record, and those one cares for.
    OpenPeople => PeopleView;
    /// Makes a one-time code.
    Invite {
        /// For what.
        what: NewInvitation,
    } => InvitationView;
    /// What a code would do.
    LookUpCode {
        /// The code.
        code: String,
    } => Offer;
    /// Uses a code.
    RedeemCode {
        /// The code.
        code: String,
    } => Redeemed;
    /// Ends a grant at once. Needs the network.
    EndGrant {
        /// Which.
        grant: GrantId,
    } => PeopleView;
    /// Chooses how soon someone is told of one's missed doses.
    ChooseTelling {
        /// Who.
        to: Grantee,
        /// Of which doses.
        of: AlertFor,
        /// How soon.
        tell: Tell,
    } => PeopleView;
    /// Who looked at one's own record. Needs the network.
    OpenAudit {
        /// Only those before this one, for older ones; none for the newest.
        before: Option<u64>,
    } => AuditView;
    /// Says that alerts were seen.
    AckAlerts {
        /// Whose doses they are about.
        patient: PatientId,
        /// Which.
        alerts: Vec<AlertId>,
    } => crate::view::NetworkView;
    /// The people one cares for.
    OpenCaregiver => CaregiverView;
    /// A clinic's patients, by need.
    OpenWorklist {
        /// Which clinic.
        clinic: ClinicId,
        /// Narrows to names that contain this.
        search: String,
    } => WorklistView;
    /// A patient's page, for caregivers and clinics.
    OpenPatient {
        /// Who.
        patient: PatientId,
    } => PatientView;
    /// A report for the doctor.
    OpenReport {
        /// Whose; none for one's own.
        patient: Option<PatientId>,
        /// The first local date.
        from: NaiveDate,
        /// The last local date.
        to: NaiveDate,
    } => ReportView;
    /// Has the backend make a PDF of a report in words, where the device cannot. Needs the network.
    PrintReport {
        /// The report.
        document: Document,
    } => Vec<u8>;
    /// A clinic's staff.
    OpenStaff {
        /// Which clinic.
        clinic: ClinicId,
    } => Vec<Staff>;
    /// Creates a member of staff.
    AddStaff {
        /// Which clinic.
        clinic: ClinicId,
        /// Full name.
        name: String,
        /// E-mail.
        email: String,
        /// Role.
        role: StaffRole,
    } => AddedStaff;
    /// Makes a new first password for a member of staff who has not chosen their own.
    RenewFirstPassword {
        /// Which clinic.
        clinic: ClinicId,
        /// Who.
        person: PersonId,
    } => FirstPassword;
    /// Ends a membership.
    RemoveStaff {
        /// Which clinic.
        clinic: ClinicId,
        /// Who.
        person: PersonId,
    } => Vec<Staff>;
    /// The systems that a clinic has connected.
    OpenSystems {
        /// Which clinic.
        clinic: ClinicId,
    } => Vec<PartnerSystem>;
    /// Connects a system, with its first key.
    ConnectSystem {
        /// Which clinic.
        clinic: ClinicId,
        /// Its name.
        name: String,
        /// The key.
        key: NewKey,
    } => IssuedKey;
    /// Makes one more key of a system.
    MakeKey {
        /// Which clinic.
        clinic: ClinicId,
        /// Which system.
        system: PersonId,
        /// The key.
        key: NewKey,
    } => IssuedKey;
    /// Ends a key with its tokens.
    EndKey {
        /// Which clinic.
        clinic: ClinicId,
        /// Which system.
        system: PersonId,
        /// Which key.
        key: KeyId,
    } => Vec<PartnerSystem>;
    /// Ends a system with its keys.
    DisconnectSystem {
        /// Which clinic.
        clinic: ClinicId,
        /// Which system.
        system: PersonId,
    } => Vec<PartnerSystem>;
    /// Has a system be told of changes at an address.
    MakeWebhook {
        /// Which clinic.
        clinic: ClinicId,
        /// Which system.
        system: PersonId,
        /// Where, and of what.
        webhook: NewWebhook,
    } => IssuedWebhook;
    /// Ends that, with all its messages.
    EndWebhook {
        /// Which clinic.
        clinic: ClinicId,
        /// Which system.
        system: PersonId,
        /// Which webhook.
        webhook: WebhookId,
    } => Vec<PartnerSystem>;
    /// Sends a test message.
    PingWebhook {
        /// Which clinic.
        clinic: ClinicId,
        /// Which system.
        system: PersonId,
        /// Which webhook.
        webhook: WebhookId,
    } => Message;
    /// Makes a new secret in place of the one that messages are signed with.
    RenewWebhookSecret {
        /// Which clinic.
        clinic: ClinicId,
        /// Which system.
        system: PersonId,
        /// Which webhook.
        webhook: WebhookId,
    } => IssuedWebhook;
    /// What waits for a webhook, and what was given up.
    OpenMessages {
        /// Which clinic.
        clinic: ClinicId,
        /// Which system.
        system: PersonId,
        /// Which webhook.
        webhook: WebhookId,
        /// Only those after this place; none for the first.
        after: Option<u64>,
    } => Messages;
    /// Has a message that was given up go again.
    ReplayMessage {
        /// Which clinic.
        clinic: ClinicId,
        /// Which system.
        system: PersonId,
        /// Which webhook.
        webhook: WebhookId,
        /// Which message.
        message: MessageId,
    } => Message;
    /// The list of interactions that a clinic has loaded.
    OpenInteractions {
        /// Which clinic.
        clinic: ClinicId,
    } => InteractionsView;
    /// Loads a list in place of the one before.
    LoadInteractions {
        /// For which clinic.
        clinic: ClinicId,
        /// The file, as docs/interactions.md describes it.
        file: String,
    } => InteractionsView;
    /// Withdraws a clinic's list.
    WithdrawInteractions {
        /// Which clinic's.
        clinic: ClinicId,
    } => InteractionsView;
    /// Takes an interaction off *Today* on this device: the person knows of it. It stays on the medicines' pages.
    KnowInteraction {
        /// Whose.
        patient: PatientId,
        /// Which, as its view names it.
        key: String,
    } => StartView;
    /// Settings of this device and account.
    OpenSettings => SettingsView;
    /// Changes settings of this device.
    ChangeSettings {
        /// The settings.
        settings: crate::view::Preferences,
    } => SettingsView;
    /// Devices with a live session.
    OpenDevices => Vec<Device>;
    /// Ends every session of a device.
    RevokeDevice {
        /// Which.
        device: DeviceId,
        /// One's password.
        password: Secret,
    } => Vec<Device>;
    /// Settles an operation that needs a person: keep one's own, or take the backend's.
    Settle {
        /// Which.
        operation: OperationId,
        /// Whether one's own is kept.
        keep_mine: bool,
    } => StartView;
    /// Records a refill, or a count of what is at home. The first count begins the stock.
    LogStock {
        /// Whose; none for one's own.
        patient: Option<PatientId>,
        /// Of which medicine.
        medication: MedicationId,
        /// What happened.
        change: StockChange,
        /// How much, as typed.
        value: String,
        /// The unit, where the stock begins with this count.
        unit: String,
    } => MedicineView;
    /// *How I feel* of the person's own record, or of someone they care for.
    OpenFeel {
        /// Whose; none for one's own.
        patient: Option<PatientId>,
    } => FeelView;
    /// Reports a side effect.
    ReportSideEffect {
        /// Whose.
        patient: PatientId,
        /// What it is.
        report: Report,
    } => FeltView;
    /// Says that a side effect has stopped, as of today.
    EndSideEffect {
        /// Whose.
        patient: PatientId,
        /// The entry that reported it.
        entry: SideEffectEntryId,
    } => FeltView;
    /// Takes an entry about a side effect back: *undo*, or later from the list.
    RetractSideEffect {
        /// Whose.
        patient: PatientId,
        /// The entry.
        entry: SideEffectEntryId,
    } => FeltView;
    /// Answers whether one's times move with the journey that this device is on, or keep to the clock they are on.
    AnswerTravel {
        /// Whether they move.
        follow: bool,
    } => StartView;
    /// Tries to reach the backend now.
    SyncNow => crate::view::NetworkView;
    /// What there is on this device while the backend cannot be reached. Needs no network.
    OpenOffline => OfflineView;
}

/// A password or a code on its way. Never shown by `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// What happened to a stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockChange {
    /// More came in.
    Refill,
    /// It was counted.
    Count {
        /// Days from asking for more until it is there, as typed.
        lead_days: String,
    },
}

/// What can be recorded of a scheduled dose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogAct {
    /// Taken.
    Taken {
        /// When; none for now.
        at: Option<DateTime<Utc>>,
        /// How much, where the schedule asks.
        amount: Option<Quantity>,
    },
    /// Left out.
    Skipped {
        /// Why.
        reason: Option<String>,
    },
    /// Put off by so many minutes.
    Snoozed {
        /// Minutes.
        minutes: u32,
    },
}
