//! The desktop program: everything is in the library, which the mobile systems call by themselves.

// A console window beside the app is nobody's wish on Windows; in a debug build its output is.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    doseline_desktop::run()
}
