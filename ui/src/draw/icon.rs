//! Line icons, drawn for this app on a grid of 24. They only ever stand beside words, so they are hidden from readers.

use leptos::prelude::*;

/// A page of a calendar.
pub const TODAY: &str = "M5 6.5h14a1 1 0 0 1 1 1V19a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7.500a1 1 0 0 1 1-1zM4 10.500h16M8.500 4v4M15.500 4v4M8.500 15l2.300 2.300 4.700-4.500";
/// A capsule.
pub const PILL: &str =
    "M13.400 5.600a4 4 0 0 1 5.600 5.600l-7.600 7.600a4 4 0 0 1-5.600-5.600zM9.600 9.400l5.600 5.600";
/// Two people.
pub const PEOPLE: &str = "M9 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3 20c0-3.400 2.700-5.500 6-5.500s6 2.100 6 5.500M15.500 5a3.200 3.200 0 0 1 0 6.200M17.500 14.900c2.200.7 3.500 2.500 3.500 5.100";
/// A heart.
pub const HEART: &str = "M12 20S4.500 15.400 4.500 9.800A4.100 4.100 0 0 1 12 7.500a4.100 4.100 0 0 1 7.500 2.300C19.500 15.400 12 20 12 20z";
/// A house with a cross.
pub const CLINIC: &str = "M4 20V9.500L12 4l8 5.500V20zM12 10.500v6M9 13.500h6";
/// A telephone's receiver.
pub const CALL: &str = "M7 4.500h2.500l1.500 4-2 1.500a11 11 0 0 0 5 5l1.500-2 4 1.500V17a2.500 2.500 0 0 1-2.500 2.500C10.500 19.500 4.500 13.500 4.500 7A2.500 2.500 0 0 1 7 4.500z";
/// Two sliders.
pub const SETTINGS: &str = "M4 8h9M17.500 8H20M4 16h2.500M11 16h9M15.200 10.300a2.300 2.300 0 1 0 0-4.600 2.300 2.300 0 0 0 0 4.600zM8.800 18.300a2.300 2.300 0 1 0 0-4.600 2.300 2.300 0 0 0 0 4.600z";
/// An arrow to where one came from.
pub const BACK: &str = "M14.500 5.500L8 12l6.500 6.500";
/// An arrow onwards.
pub const ON: &str = "M9.500 5.500L16 12l-6.500 6.500";
/// A tick.
pub const TICK: &str = "M5 12.500l4.500 4.500L19 7.500";
/// A cross.
pub const CROSS: &str = "M6.500 6.500l11 11M17.500 6.500l-11 11";
/// A clock.
pub const CLOCK: &str = "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM12 7.500V12l3 2.500";
/// A triangle with a stroke: heed this.
pub const HEED: &str = "M12 4.500L21 19.500H3zM12 10v4.500M12 17v.2";
/// A bell with a stroke through it.
pub const UNHEARD: &str = "M18 16H6c1.200-1.300 1.500-2.700 1.500-5.500A4.500 4.500 0 0 1 12 6a4.500 4.500 0 0 1 4.500 4.500c0 2.800.3 4.200 1.500 5.500zM10.500 19h3M4.500 4.500l15 15";
/// Two upright strokes.
pub const HOLD: &str = "M9 6v12M15 6v12";
/// An arrow round a corner.
pub const LEAVE_OUT: &str = "M5 12h13M13.500 7.500L18 12l-4.500 4.500";
/// A small screen.
pub const DEVICE: &str =
    "M5 5.500h14a1 1 0 0 1 1 1V15a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6.500a1 1 0 0 1 1-1zM12 16v3.500M8.500 19.500h7";

/// The arcs of a signal with a stroke through them.
pub const CUT_OFF: &str = "M3.500 10a12.500 12.500 0 0 1 4.600-2.800M12 6a12.500 12.500 0 0 1 8.500 4M6.700 13.500a8 8 0 0 1 3.300-2M14.500 11.600a8 8 0 0 1 2.800 1.900M9.800 16.900a3.300 3.300 0 0 1 4.400 0M12 19.500v.2M4.500 3.500l15 16";

/// One of the above.
pub fn icon(path: &'static str) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=path/></svg>
    }
    .into_any()
}
