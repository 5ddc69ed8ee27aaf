//! The desk's keychain: the real one of GNOME.

use std::{io::Write, process::Stdio};

use super::{Desk, started};

const PASSWORD: &str = "story-keychain";

impl Desk {
    pub(super) fn unlock_keychain(&mut self) {
        // Before anything asks for a secret: a first question would wake the keychain locked.
        let mut keychain = started(
            self.command("gnome-keyring-daemon")
                .args(["--unlock", "--components=secrets", "--foreground"])
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        );
        keychain
            .stdin
            .take()
            .expect("a pipe")
            .write_all(PASSWORD.as_bytes())
            .expect("it reads its password");
        self.children.push(keychain);
        self.owned("org.freedesktop.secrets");
    }
}
