//! The desk's panel, with the app's icon in its tray: Xfce's, over the bus that every tray of today speaks.

use std::time::{Duration, Instant};

use super::{Desk, started};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const MENU: &str = "com.canonical.dbusmenu";

/// The app's icon: who put it up, and where.
#[derive(Debug)]
pub struct Tray {
    owner: String,
    object: String,
}

impl Desk {
    /// Puts a panel with a tray onto the desk.
    pub fn start_panel(&mut self) {
        let log = self.log("panel");
        let panel = started(
            self.command("xfce4-panel")
                .arg("--disable-wm-check")
                .stdout(log.try_clone().expect("the log is ours"))
                .stderr(log),
        );
        self.children.push(panel);
        self.owned(WATCHER);
    }

    /// Waits for an icon in the tray.
    pub async fn tray(&self) -> Tray {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let items = self.call(
                WATCHER,
                "/StatusNotifierWatcher",
                "org.freedesktop.DBus.Properties.Get",
                &[WATCHER, "RegisteredStatusNotifierItems"],
            );
            // Such as (<[':1.11/org/ayatana/NotificationItem/…']>,).
            let item = items.split('\'').nth(1).and_then(|item| item.split_once('/'));
            if let Some((owner, path)) = item {
                return Tray {
                    owner: owner.to_owned(),
                    object: format!("/{path}"),
                };
            }
            assert!(Instant::now() < end, "no icon in the tray: {}", self.logs());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// What the icon says of itself.
    pub fn tray_icon(&self, tray: &Tray) -> String {
        self.call(
            &tray.owner,
            &tray.object,
            "org.freedesktop.DBus.Properties.GetAll",
            &["org.kde.StatusNotifierItem"],
        )
    }

    /// The lines of the icon's menu from top to bottom: the number and the label of each.
    pub fn tray_menu(&self, tray: &Tray) -> Vec<(String, String)> {
        let menu = self.call(
            &tray.owner,
            &format!("{}/Menu", tray.object),
            &format!("{MENU}.GetLayout"),
            &["0", "-1", "[]"],
        );
        // Each line such as <(4, {'label': <'Quit'>}, @av [])>.
        menu.split("<(")
            .skip(1)
            .filter_map(|line| {
                let (number, _) = line.split_once(',')?;
                let (_, label) = line.split_once("'label': <'")?;
                let (label, _) = label.split_once('\'')?;
                Some((number.to_owned(), label.to_owned()))
            })
            .collect()
    }

    /// Chooses the line with this label.
    pub fn choose_in_tray(&self, tray: &Tray, label: &str) {
        let menu = self.tray_menu(tray);
        let Some((number, _)) = menu.iter().find(|(_, other)| other == label) else {
            panic!("the menu has no line {label}: {menu:?}");
        };
        self.call(
            &tray.owner,
            &format!("{}/Menu", tray.object),
            &format!("{MENU}.Event"),
            &[number, "clicked", "<''>", "0"],
        );
    }
}
