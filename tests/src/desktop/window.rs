//! The app's window as the display and a window manager see it.

use std::time::{Duration, Instant};

use x11rb::{
    connection::Connection,
    protocol::xproto::{AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, Window},
    rust_connection::RustConnection,
};

use super::Desk;

impl Desk {
    /// Closes the window by its button, as a window manager does. The window has to be there, and gone after it.
    pub async fn close_window(&self) {
        let (connection, root) = self.screen();
        let end = Instant::now() + Duration::from_secs(60);
        let window = loop {
            match windows(&connection, root, "Doseline").first() {
                Some(window) => break *window,
                None => assert!(Instant::now() < end, "the app shows no window: {}", self.logs()),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        let atom = |name: &str| {
            let reply = connection
                .intern_atom(false, name.as_bytes())
                .expect("the display answers")
                .reply();
            reply.expect("every name has an atom").atom
        };
        let message = ClientMessageEvent::new(32, window, atom("WM_PROTOCOLS"), [atom("WM_DELETE_WINDOW"), 0, 0, 0, 0]);
        connection
            .send_event(false, window, EventMask::NO_EVENT, message)
            .expect("the display answers");
        connection.flush().expect("the display answers");
        while !windows(&connection, root, "Doseline").is_empty() {
            assert!(Instant::now() < end, "the window does not close");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Whether the app's window is on the screen.
    pub fn shows_window(&self) -> bool {
        let (connection, root) = self.screen();
        !windows(&connection, root, "Doseline").is_empty()
    }

    fn screen(&self) -> (RustConnection, Window) {
        let (connection, screen) = RustConnection::connect(Some(&self.display)).expect("the display answers");
        let root = connection.setup().roots[screen].root;
        (connection, root)
    }
}

/// The windows that are shown under `root` and carry `title`.
fn windows(connection: &RustConnection, root: Window, title: &str) -> Vec<Window> {
    let children = connection
        .query_tree(root)
        .ok()
        .and_then(|tree| tree.reply().ok())
        .map(|tree| tree.children);
    let shown = |window: Window| {
        let attributes = connection
            .get_window_attributes(window)
            .ok()
            .and_then(|reply| reply.reply().ok());
        attributes.is_some_and(|attributes| u8::from(attributes.map_state) == 2)
    };
    let titled = |window: Window| {
        let name = connection
            .get_property(false, window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 64)
            .ok();
        name.and_then(|name| name.reply().ok())
            .is_some_and(|name| name.value == title.as_bytes())
    };
    children
        .into_iter()
        .flatten()
        .filter(|window| shown(*window) && titled(*window))
        .collect()
}
