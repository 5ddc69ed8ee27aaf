//! The core of a device: opens the cache, answers what a surface asks, and runs the sync loop.
//!
//! Single-threaded. Use cases live in the folders beside it, each an `impl` of its own; here are only the parts that
//! all of them share. No borrow of the state is ever held across an await.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    rc::Rc,
};

use chrono::{DateTime, Utc};
use doseline_shared::{
    api::{ErrorCode, account::Me, sync::OperationBody},
    id::{DeviceId, OperationId, PatientId},
    record::Record,
};
use futures::{
    future::{FutureExt, LocalBoxFuture},
    lock::Mutex,
};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    account::token::Access,
    ask::{Ask, Fault, Request},
    cache::{Batch, Cache, Pending, Stored},
    clock::Clock,
    host::Host,
    signal::Signal,
    state::{State, value},
    vault::{Opening, Vault},
    view::{Attention, NetworkView, Preferences, StartView},
};

/// See the module. Lives in an `Rc`; [`Core::run`] is spawned beside the calls.
pub struct Core<H: Host, V: Vault> {
    pub(crate) host: H,
    vault: V,
    cache: RefCell<Option<Rc<V::Cache>>>,
    /// Where a surface begins while the cache is not open.
    closed: RefCell<StartView>,
    opening: Mutex<()>,
    pub(crate) state: RefCell<State>,
    pub(crate) clock: Clock,
    /// Held from a check to the commit that rests on it, so that two entries never pass the same check.
    pub(crate) writing: Mutex<()>,
    /// Held while operations are pushed or changes pulled.
    pub(crate) syncing: Mutex<()>,
    /// Held while operations are on their way.
    pub(crate) pushing: Mutex<()>,
    pub(crate) token: Mutex<Option<Access>>,
    /// Wakes the sync loop.
    pub(crate) work: Signal,
    /// Wakes the loop that listens for hints.
    pub(crate) listen: Signal,
    /// Whether hints come in at present.
    pub(crate) listening: Cell<bool>,
    /// After a list of interactions could not be fetched: when to try again.
    pub(crate) lists_after: Cell<Option<DateTime<Utc>>>,
    /// Counts sign-ins and sign-outs: what was fetched for one does not count for the next.
    pub(crate) sitting: Cell<u64>,
}

impl<H: Host, V: Vault> Core<H, V> {
    /// A core whose cache is not open yet; the first [`crate::ask::Start`] opens it.
    pub fn new(host: H, vault: V) -> Self {
        Self {
            host,
            vault,
            cache: RefCell::new(None),
            closed: RefCell::new(StartView::EnterPin {}),
            opening: Mutex::new(()),
            state: RefCell::new(State::new(Stored::default())),
            clock: Clock::default(),
            writing: Mutex::new(()),
            syncing: Mutex::new(()),
            pushing: Mutex::new(()),
            token: Mutex::new(None),
            work: Signal::default(),
            listen: Signal::default(),
            listening: Cell::new(false),
            lists_after: Cell::new(None),
            sitting: Cell::new(0),
        }
    }

    /// A core whose cache has been opened, where the device lets it be.
    pub async fn open(host: H, vault: V) -> Rc<Self> {
        let core = Rc::new(Self::new(host, vault));
        core.ensure_open().await;
        core
    }

    /// Does what is asked.
    ///
    /// # Errors
    /// The fault that a surface has a sentence for.
    pub async fn ask<R: Request>(&self, request: R) -> Result<R::Answer, Fault> {
        let answer = self.answer(request.into()).await?;
        Ok(*answer
            .downcast::<R::Answer>()
            .expect("dispatch answers each request with its own type"))
    }

    /// The answer of any request. `ask` is compiled for each of them; behind this box lies what is compiled once.
    fn answer(&self, ask: Ask) -> LocalBoxFuture<'_, Result<Box<dyn Any>, Fault>> {
        self.dispatch::<Typed>(ask).boxed_local()
    }

    /// Does what is asked, with the answer as JSON.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn handle(&self, ask: Ask) -> Result<Value, Fault> {
        self.dispatch::<Json>(ask).await?
    }

    /// Settings of this device.
    pub fn preferences(&self) -> Preferences {
        self.state.borrow().preferences.clone()
    }

    /// Runs for as long as the app does: sends what waits, fetches what is new.
    pub async fn run(&self) {
        self.ensure_open().await;
        futures::future::join(self.sync_forever(), self.listen_forever()).await;
    }

    async fn dispatch<P: Pack>(&self, ask: Ask) -> Result<P::Packed, Fault> {
        match ask {
            Ask::Start(_) => return Ok(P::pack(self.start().await)),
            Ask::ChoosePin(it) => return self.choose_pin(&it.pin).await.map(P::pack),
            Ask::Unlock(it) => return self.unlock(&it.pin).await.map(P::pack),
            Ask::StartOver(_) => return self.start_over().await.map(P::pack),
            _ => {}
        }
        self.ensure_open().await;
        match ask {
            Ask::Start(_) | Ask::ChoosePin(_) | Ask::Unlock(_) | Ask::StartOver(_) => Ok(P::pack(self.start().await)),
            Ask::SignUp(it) => self.sign_up(it).await.map(P::pack),
            Ask::SignIn(it) => self.sign_in(it).await.map(P::pack),
            Ask::ExportRecord(_) => self.export_record().await.map(P::pack),
            Ask::ChangePassword(it) => self.change_password(it).await.map(P::pack),
            Ask::OpenSecondFactor(_) => self.open_second_factor().await.map(P::pack),
            Ask::BeginSecondFactor(it) => self.begin_second_factor(it).await.map(P::pack),
            Ask::ConfirmSecondFactor(it) => self.confirm_second_factor(it).await.map(P::pack),
            Ask::NewRecoveryCodes(it) => self.new_recovery_codes(it).await.map(P::pack),
            Ask::RemoveSecondFactor(it) => self.remove_second_factor(it).await.map(P::pack),
            Ask::OpenRequirement(it) => self.open_requirement(it.clinic).await.map(P::pack),
            Ask::AskForSecondFactor(it) => self.ask_for_second_factor(it).await.map(P::pack),
            Ask::SignOut(_) => self.sign_out().await.map(P::pack),
            Ask::OpenToday(it) => self.open_today(it.patient).await.map(P::pack),
            Ask::LogDose(it) => self.log_dose(it).await.map(P::pack),
            Ask::LogAsNeeded(it) => self.log_as_needed(it).await.map(P::pack),
            Ask::Retract(it) => self.retract(it).await.map(P::pack),
            Ask::OpenMedicines(it) => self.open_medicines(it.patient).await.map(P::pack),
            Ask::OpenMedicine(it) => self.open_medicine(it).await.map(P::pack),
            Ask::PreviewDraft(it) => self.preview_draft(&it).map(P::pack),
            Ask::SaveMedicine(it) => self.save_medicine(it).await.map(P::pack),
            Ask::StopMedicine(it) => self.stop_medicine(it).await.map(P::pack),
            Ask::OpenPeople(_) => self.open_people().await.map(P::pack),
            Ask::Invite(it) => self.invite(it).await.map(P::pack),
            Ask::LookUpCode(it) => self.look_up_code(it).await.map(P::pack),
            Ask::RedeemCode(it) => self.redeem_code(it).await.map(P::pack),
            Ask::EndGrant(it) => self.end_grant(it).await.map(P::pack),
            Ask::ChooseTelling(it) => self.choose_telling(it).await.map(P::pack),
            Ask::OpenAudit(it) => self.open_audit(it).await.map(P::pack),
            Ask::AckAlerts(it) => self.ack_alerts(it).await.map(P::pack),
            Ask::OpenCaregiver(_) => self.open_caregiver().await.map(P::pack),
            Ask::OpenWorklist(it) => self.open_worklist(it).await.map(P::pack),
            Ask::OpenPatient(it) => self.open_patient(it.patient).await.map(P::pack),
            Ask::OpenReport(it) => self.open_report(it).await.map(P::pack),
            Ask::PrintReport(it) => self.print_report(&it.document).await.map(P::pack),
            Ask::OpenStaff(it) => self.open_staff(it.clinic).await.map(P::pack),
            Ask::AddStaff(it) => self.add_staff(it).await.map(P::pack),
            Ask::RenewFirstPassword(it) => self.renew_first_password(it).await.map(P::pack),
            Ask::RemoveStaff(it) => self.remove_staff(it).await.map(P::pack),
            Ask::OpenSystems(it) => self.open_systems(it.clinic).await.map(P::pack),
            Ask::ConnectSystem(it) => self.connect_system(it).await.map(P::pack),
            Ask::MakeKey(it) => self.make_key(it).await.map(P::pack),
            Ask::EndKey(it) => self.end_key(it).await.map(P::pack),
            Ask::DisconnectSystem(it) => self.disconnect_system(it).await.map(P::pack),
            Ask::MakeWebhook(it) => self.make_webhook(it).await.map(P::pack),
            Ask::EndWebhook(it) => self.end_webhook(it).await.map(P::pack),
            Ask::PingWebhook(it) => self.ping_webhook(it).await.map(P::pack),
            Ask::RenewWebhookSecret(it) => self.renew_webhook_secret(it).await.map(P::pack),
            Ask::OpenMessages(it) => self.open_messages(it).await.map(P::pack),
            Ask::ReplayMessage(it) => self.replay_message(it).await.map(P::pack),
            Ask::OpenInteractions(it) => self.open_interactions(it.clinic).await.map(P::pack),
            Ask::LoadInteractions(it) => self.load_interactions(it).await.map(P::pack),
            Ask::WithdrawInteractions(it) => self.withdraw_interactions(it.clinic).await.map(P::pack),
            Ask::KnowInteraction(it) => self.know_interaction(it).await.map(P::pack),
            Ask::OpenSettings(_) => self.open_settings().map(P::pack),
            Ask::ChangeSettings(it) => self.change_settings(it).await.map(P::pack),
            Ask::OpenDevices(_) => self.open_devices().await.map(P::pack),
            Ask::RevokeDevice(it) => self.revoke_device(it).await.map(P::pack),
            Ask::Settle(it) => self.settle(it).await.map(P::pack),
            Ask::LogStock(it) => self.log_stock(it).await.map(P::pack),
            Ask::OpenFeel(it) => self.open_feel(it.patient).await.map(P::pack),
            Ask::ReportSideEffect(it) => self.report_side_effect(it).await.map(P::pack),
            Ask::EndSideEffect(it) => self.end_side_effect(it).await.map(P::pack),
            Ask::RetractSideEffect(it) => self.retract_side_effect(it).await.map(P::pack),
            Ask::AnswerTravel(it) => self.answer_travel(it).await.map(P::pack),
            Ask::SyncNow(_) => self.sync_now().await.map(P::pack),
            Ask::OpenOffline(_) => self.open_offline().map(P::pack),
        }
    }

    /// Opens the cache where it is not open yet. Whatever is in the way is what [`Self::start`] then shows.
    pub(crate) async fn ensure_open(&self) {
        if self.is_open() {
            return;
        }
        let _guard = self.opening.lock().await;
        if !self.is_open() {
            let opening = self.vault.open().await;
            self.opened(opening).await;
        }
    }

    async fn choose_pin(&self, pin: &str) -> Result<StartView, Fault> {
        {
            let _guard = self.opening.lock().await;
            if !self.is_open() {
                let opening = self.vault.choose_pin(pin).await?;
                self.opened(opening).await;
            }
        }
        Ok(self.start().await)
    }

    async fn unlock(&self, pin: &str) -> Result<StartView, Fault> {
        {
            let _guard = self.opening.lock().await;
            if !self.is_open() {
                let opening = self.vault.unlock(pin).await?;
                self.opened(opening).await;
            }
        }
        Ok(self.start().await)
    }

    async fn start_over(&self) -> Result<StartView, Fault> {
        {
            let _guard = self.opening.lock().await;
            if !self.is_open() {
                let opening = self.vault.start_over().await?;
                self.opened(opening).await;
            }
        }
        Ok(self.start().await)
    }

    async fn opened(&self, opening: Opening<V::Cache>) {
        let closed = match opening {
            Opening::Open(cache) => match cache.load().await {
                Ok(stored) => {
                    self.loaded(cache, stored).await;
                    return;
                }
                Err(error) => StartView::Trouble {
                    fault: error.into(),
                    saved: 0,
                },
            },
            Opening::ChoosePin => StartView::ChoosePin {},
            Opening::EnterPin => StartView::EnterPin {},
            Opening::Trouble { fault, saved } => StartView::Trouble { fault, saved },
        };
        *self.closed.borrow_mut() = closed;
    }

    async fn loaded(&self, cache: V::Cache, mut stored: Stored) {
        if !cache.keeps_records() {
            // The records are gone with the page, so the cursors that stood for them must go too.
            stored.values.retain(|(name, _)| !value::stands_for_records(name));
        }
        *self.state.borrow_mut() = State::new(stored);
        *self.cache.borrow_mut() = Some(Rc::new(cache));
        let seen = self
            .state
            .borrow()
            .values
            .get(value::CLOCK)
            .and_then(|text| text.parse().ok());
        if let Some(seen) = seen.and_then(DateTime::from_timestamp_millis) {
            self.clock.seen(seen);
        }
        self.sitting.set(self.sitting.get() + 1);
        if let Err(fault) = self.settle_in().await {
            tracing::warn!(cache.fault = fault.code.name(), "the first writes to the cache failed");
        }
        self.work.ring();
        self.listen.ring();
    }

    /// The first writes after the cache has been opened.
    async fn settle_in(&self) -> Result<(), Fault> {
        if self.value(value::DEVICE).is_none() {
            let id = self.new_id();
            self.commit(Batch {
                values: vec![(value::DEVICE.to_owned(), Some(id.to_string()))],
                ..Batch::default()
            })
            .await?;
        }
        self.retry_quarantine().await?;
        self.drop_unkept_sign_in().await
    }

    /// The outside world that the core was given: its clock and zone are what a timer has to go by.
    pub fn host(&self) -> &H {
        &self.host
    }

    /// Whether the cache is open.
    pub fn is_open(&self) -> bool {
        self.cache.borrow().is_some()
    }

    /// Whether the records survive the program.
    pub(crate) fn keeps_records(&self) -> bool {
        self.cache.borrow().as_ref().is_some_and(|cache| cache.keeps_records())
    }

    /// Where a surface begins.
    pub(crate) async fn start(&self) -> StartView {
        self.ensure_open().await;
        if !self.is_open() {
            return self.closed.borrow().clone();
        }
        let state = self.state.borrow();
        match state.me() {
            Some(me) => StartView::SignedIn {
                me: me.clone(),
                preferences: state.preferences.clone(),
                attention: self.attention(&state),
            },
            None => StartView::SignedOut {
                ask_server: self.host.origin().is_none(),
                server: state.values.get(value::SERVER).cloned(),
            },
        }
    }

    /// Writes durably, then does the same in memory.
    ///
    /// # Errors
    /// Nothing was written, and memory is as it was.
    pub(crate) async fn commit(&self, mut batch: Batch) -> Result<(), Fault> {
        let cache = self.cache.borrow().clone();
        let Some(cache) = cache else {
            return Err(self.closed_fault());
        };
        if !batch.pending.is_empty() {
            batch
                .values
                .push((value::CLOCK.to_owned(), Some(self.clock.mark().to_string())));
        }
        if let Err(error) = cache.commit(batch.clone()).await {
            tracing::error!(cache.error = %error, "the cache refused a write");
            if matches!(error, crate::cache::CacheError::Damaged(_)) {
                // The next start looks at the file again and saves what can be saved.
                *self.cache.borrow_mut() = None;
                self.host.changed();
            }
            return Err(error.into());
        }
        self.state.borrow_mut().apply(batch);
        self.host.changed();
        Ok(())
    }

    /// Writes operations of the signed-in person, each with the record that it starts from, and their way to the backend, in
    /// one batch. The caller holds `writing`.
    ///
    /// # Errors
    /// As [`Self::commit`].
    pub(crate) async fn enqueue(
        &self,
        operations: impl IntoIterator<Item = (OperationBody, Option<Record>)>,
    ) -> Result<(), Fault> {
        let person = self.me()?.person;
        let pending = operations
            .into_iter()
            .map(|(body, base)| Pending {
                id: OperationId::from_uuid(self.new_id()),
                person,
                body,
                base,
                trouble: None,
            })
            .collect();
        self.commit(Batch {
            pending,
            ..Batch::default()
        })
        .await?;
        self.work.ring();
        Ok(())
    }

    fn closed_fault(&self) -> Fault {
        match &*self.closed.borrow() {
            StartView::Trouble { fault, .. } => fault.clone(),
            StartView::ChoosePin {}
            | StartView::EnterPin {}
            | StartView::SignedOut { .. }
            | StartView::SignedIn { .. } => Fault::of(ErrorCode::PinNeeded),
        }
    }

    /// What the clock says, remembered as the greatest instant where it is.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let now = self.host.now();
        self.clock.seen(now);
        now
    }

    /// A new id, in order after every one before it.
    pub(crate) fn new_id(&self) -> Uuid {
        let mut random = [0; 10];
        self.host.random(&mut random);
        self.clock.id(self.host.now(), random)
    }

    pub(crate) fn value(&self, name: &str) -> Option<String> {
        self.state.borrow().values.get(name).cloned()
    }

    /// This device's identity.
    pub(crate) fn device(&self) -> Result<DeviceId, Fault> {
        self.value(value::DEVICE)
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| self.closed_fault())
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// Nobody is, or the cache is not open.
    pub(crate) fn me(&self) -> Result<Me, Fault> {
        if !self.is_open() {
            return Err(self.closed_fault());
        }
        self.state.borrow().me().cloned().ok_or(Fault::of(ErrorCode::SignedOut))
    }

    /// The patient asked for, or the signed-in person's own.
    pub(crate) fn patient_or_own(&self, patient: Option<PatientId>) -> Result<PatientId, Fault> {
        let me = self.me()?;
        patient.or(me.patient).ok_or(Fault::of(ErrorCode::NotFound))
    }

    pub(crate) fn network(&self) -> NetworkView {
        self.state.borrow().network(self.host.zone())
    }

    pub(crate) fn attention(&self, state: &State) -> Vec<Attention> {
        let mut all = self.on_journeys(state);
        all.extend(crate::regimen::stock::refills(state, self.host.now()));
        all.extend(crate::interaction::unknown(state, self.host.now()));
        all.extend(crate::settings::attention::list(
            state,
            self.clock.set_back(self.host.now()),
        ));
        all
    }
}

/// How an answer is handed back.
trait Pack {
    type Packed;
    fn pack<T: Serialize + 'static>(answer: T) -> Self::Packed;
}

/// As it is, for a caller in the same program.
struct Typed;

impl Pack for Typed {
    type Packed = Box<dyn Any>;
    fn pack<T: Serialize + 'static>(answer: T) -> Box<dyn Any> {
        Box::new(answer)
    }
}

/// As JSON, for a caller behind a boundary.
struct Json;

impl Pack for Json {
    type Packed = Result<Value, Fault>;
    fn pack<T: Serialize + 'static>(answer: T) -> Self::Packed {
        serde_json::to_value(answer).map_err(|_| Fault::of(ErrorCode::Internal))
    }
}
