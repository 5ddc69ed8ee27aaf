//! Signing out: the person's records leave the device, their unsent entries wait for their next sign-in.

use doseline_shared::{api::account::SESSIONS, id::PatientId, order};

use super::token::REFRESH_SECRET;
use crate::{
    ask::Fault,
    cache::Batch,
    core::Core,
    host::Host,
    state::{State, value},
    vault::Vault,
    view::StartView,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// Signs out, with or without a network.
    pub(crate) async fn sign_out(&self) -> Result<StartView, Fault> {
        let access = self.token.lock().await.take();
        if let Some(access) = access
            && let Err(fault) = self.send_with("DELETE", SESSIONS, None, Some(access.token())).await
        {
            tracing::info!(
                http.fault = fault.code.name(),
                "the session could not be ended on the backend"
            );
        }
        self.session_ended().await?;
        Ok(self.start().await)
    }

    /// The session is over: by sign-out, or because the backend has ended it.
    pub(crate) async fn session_ended(&self) -> Result<(), Fault> {
        let _writing = self.writing.lock().await;
        self.sitting.set(self.sitting.get() + 1);
        if let Err(error) = self.host.set_secret(REFRESH_SECRET, None, false).await {
            tracing::warn!(secret.error = %error, "the refresh token could not be forgotten");
        }
        *self.token.lock().await = None;
        let mut batch = everyone(&self.state.borrow());
        batch.values.push((value::SIGNED.to_owned(), None));
        self.commit(batch).await?;
        self.state.borrow_mut().online = false;
        self.listening.set(false);
        self.listen.ring();
        self.work.ring();
        Ok(())
    }

    /// A sign-in that was not to be kept ends with the program.
    pub(crate) async fn drop_unkept_sign_in(&self) -> Result<(), Fault> {
        let keep = self.state.borrow().signed.as_ref().is_none_or(|signed| signed.keep);
        if keep {
            return Ok(());
        }
        match self.host.secret(REFRESH_SECRET).await {
            // A browser tab that was only loaded again still has it.
            Ok(Some(_)) | Err(_) => Ok(()),
            Ok(None) => self.session_ended().await,
        }
    }
}

/// Removes the records of everyone, the lists that stood for them, and where the feeds stood; not what waits in the outbox.
pub(super) fn everyone(state: &State) -> Batch {
    let mut patients: Vec<PatientId> = state.replica.charts().map(|(patient, _)| patient).collect();
    patients.extend(state.quarantine.values().map(|entry| entry.patient));
    patients.extend(state.values.keys().filter_map(|name| {
        let rest = name.strip_prefix("patient/")?;
        rest.split('/').next()?.parse::<PatientId>().ok()
    }));
    order::once(&mut patients);
    Batch {
        remove_patients: patients,
        values: vec![(value::FEED.to_owned(), None), (value::SCOPE.to_owned(), None)],
        lists: state.lists.keys().map(|clinic| (*clinic, None)).collect(),
        ..Batch::default()
    }
}
