//! The processes of a story: found by the folder that only they know, and ended with it.
//!
//! A browser or a desktop session starts processes of its own. All of them carry the story's temporary folder in their
//! environment or on their command line, and nothing else on the machine does.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

/// The processes that carry `folder` and whose program is `name`; every one where no name is given.
pub fn of_folder(folder: &Path, name: Option<&str>) -> Vec<u32> {
    let needle = folder.as_os_str().as_encoded_bytes();
    let carries = |path: &Path, what: &str| {
        fs::read(path.join(what)).is_ok_and(|text| text.windows(needle.len()).any(|window| window == needle))
    };
    let runs = |path: &Path| {
        let program = fs::read_link(path.join("exe")).ok();
        name.is_none_or(|name| {
            program
                .as_deref()
                .and_then(Path::file_name)
                .is_some_and(|program| program == name)
        })
    };
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .filter(|(pid, path)| {
            *pid != std::process::id() && (carries(path, "environ") || carries(path, "cmdline")) && runs(path)
        })
        .map(|(pid, _)| pid)
        .collect()
}

/// Sends `signal`, such as `KILL` or `TERM`, to each. One that has ended meanwhile is no fault.
pub fn signal(signal: &str, pids: &[u32]) {
    if pids.is_empty() {
        return;
    }
    let _ = Command::new("sh")
        .args(["-c", r#"signal=$1; shift; kill -s "$signal" "$@""#, "signal", signal])
        .args(pids.iter().map(u32::to_string))
        .stderr(Stdio::null())
        .status();
}

/// Ends every process that carries `folder`, now.
pub fn end_all_of(folder: &Path) {
    signal("KILL", &of_folder(folder, None));
}
