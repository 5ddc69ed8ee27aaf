//! Making an account, and signing in to one.

use doseline_shared::api::{
    ErrorCode,
    account::{self, ACCOUNTS, NewDevice, SESSIONS, Session},
};

use super::{
    backend::{read, server_address, written},
    sign_out::everyone,
};
use crate::{
    ask::{Fault, SignIn, SignUp},
    cache::Batch,
    core::Core,
    host::Host,
    state::{Signed, value},
    vault::Vault,
    view::StartView,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// Makes an account and signs in to it.
    pub(crate) async fn sign_up(&self, ask: SignUp) -> Result<StartView, Fault> {
        let body = account::SignUp {
            name: ask.name.trim().to_owned(),
            email: ask.email.trim().to_owned(),
            password: ask.password.0,
            zone: self.host.zone(),
            as_patient: ask.as_patient,
            device: self.new_device()?,
        };
        if body.name.is_empty() {
            return Err(Fault::field("name"));
        }
        self.begin(ask.server, ACCOUNTS, written(&body)?, ask.keep).await
    }

    /// Signs in.
    pub(crate) async fn sign_in(&self, ask: SignIn) -> Result<StartView, Fault> {
        let body = account::SignIn {
            email: ask.email.trim().to_owned(),
            password: ask.password.0,
            code: ask.code.map(|code| code.0),
            device: self.new_device()?,
        };
        self.begin(ask.server, SESSIONS, written(&body)?, ask.keep).await
    }

    fn new_device(&self) -> Result<NewDevice, Fault> {
        Ok(NewDevice {
            id: self.device()?,
            name: self.host.device_name(),
        })
    }

    async fn begin(&self, server: Option<String>, path: &str, body: String, keep: bool) -> Result<StartView, Fault> {
        if self.state.borrow().signed.is_some() {
            self.sign_out().await?;
        }
        if let Some(server) = server.filter(|server| !server.trim().is_empty()) {
            let server = server_address(&server)?;
            self.commit(Batch {
                values: vec![(value::SERVER.to_owned(), Some(server))],
                ..Batch::default()
            })
            .await?;
        }
        let session: Session = read(&self.send_with("POST", path, Some(body), None).await?)?;
        {
            let _writing = self.writing.lock().await;
            let mut held = self.token.lock().await;
            let access = self.take_session(&session, keep).await;
            let signed = Signed { me: session.me, keep };
            let mut batch = everyone(&self.state.borrow());
            batch.values.push((value::SIGNED.to_owned(), Some(written(&signed)?)));
            self.commit(batch).await?;
            *held = Some(access);
            self.sitting.set(self.sitting.get() + 1);
        }
        // What the first screen shows. The rest comes behind it, and none of it failing undoes the sign-in.
        match self.sync_own().await {
            Ok(()) => {}
            Err(fault) if fault.code == ErrorCode::SignedOut => return Err(fault),
            Err(fault) => tracing::info!(sync.fault = fault.code.name(), "the first sync did not go through"),
        }
        self.work.ring();
        self.listen.ring();
        Ok(self.start().await)
    }
}
