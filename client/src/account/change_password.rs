//! Changing one's password, and choosing it in place of a first one that was handed over.

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
        self.send("POST", PASSWORD, Some(written(&body)?)).await?;
        let was_first = self.state.borrow().me().is_some_and(|me| me.first_password);
        if was_first {
            self.note_first_password(false).await?;
            // What was closed until now is fetched.
            self.work.ring();
            self.listen.ring();
        }
        Ok(())
    }

    /// Remembers whether a password of one's own has to be chosen before anything else is open.
    pub(crate) async fn note_first_password(&self, is_first: bool) -> Result<(), Fault> {
        self.note_of_me(|me| me.first_password = is_first).await
    }
}
