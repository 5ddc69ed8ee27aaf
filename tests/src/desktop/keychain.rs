//! The desk's keychain: the real one of GNOME, which asks its owner by a window of its own once it is locked.

use std::{
    io::Write,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use super::{Desk, started};

const PASSWORD: &str = "story-keychain";
/// The title of the window in which it asks.
const PROMPT: &str = "^Unlock Login Keyring$";

/// An owner who sends every question of the keychain away, for as long as this lives.
pub struct Refusing(Child);

impl Drop for Refusing {
    fn drop(&mut self) {
        // One that has ended already is no fault.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

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

    /// Locks the keychain.
    pub fn lock_keychain(&self) {
        let locked = self.call(
            "org.freedesktop.secrets",
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service.Lock",
            &["['/org/freedesktop/secrets/collection/login']"],
        );
        assert!(locked.contains("collection/login"), "it is not locked: {locked}");
    }

    /// Begins to cancel whatever the keychain asks.
    pub fn refuse_keychain(&self) -> Refusing {
        let script =
            format!("while sleep 0.3; do xdotool search --onlyvisible --name '{PROMPT}' windowfocus key Escape; done");
        Refusing(started(
            self.command("sh")
                .args(["-c", &script])
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        ))
    }

    /// Waits for the keychain's question and answers it rightly.
    pub async fn answer_keychain(&self) {
        let end = Instant::now() + Duration::from_secs(20);
        let type_password = [
            "search",
            "--onlyvisible",
            "--name",
            PROMPT,
            "windowfocus",
            "type",
            PASSWORD,
        ];
        while !self.xdotool(&["search", "--onlyvisible", "--name", PROMPT]) {
            assert!(Instant::now() < end, "the keychain does not ask: {}", self.logs());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        // It is drawn before it listens.
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(self.xdotool(&type_password), "the keychain takes a password");
        assert!(self.xdotool(&["key", "Return"]), "a key can be pressed");
    }

    fn xdotool(&self, arguments: &[&str]) -> bool {
        let output = self.command("xdotool").args(arguments).output();
        output
            .expect("xdotool is not installed; run `cargo xtask test`, which installs it")
            .status
            .success()
    }
}
