//! Changing one's password.

use doseline_shared::api::account::{self, PASSWORD};

use super::backend::written;
use crate::{
    ask::{ChangePassword, Fault},
    core::Core,
    host::Host,
    vault::Vault,
};

impl<H: Host, V: Vault> Core<H, V> {
    /// Changes it. Every other device is signed out by it.
    ///
    /// # Errors
    /// `SecondFactorNeeded` where a code is asked for; the field `new` where the new one will not do.
    pub(crate) async fn change_password(&self, ask: ChangePassword) -> Result<(), Fault> {
        let body = account::ChangePassword {
            password: ask.password.0,
            code: ask.code.map(|code| code.0),
            new: ask.new.0,
        };
        self.send("POST", PASSWORD, Some(written(&body)?)).await.map(drop)
    }
}
