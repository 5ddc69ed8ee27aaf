//! Holds that dependencies between the rooms point one way, that the inner rooms know no outside, and that every
//! dependency is declared once, in the root.

use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace;

/// Each room, and the rooms that it may name.
const MAY_USE: [(&str, &[&str]); 9] = [
    ("doseline-shared", &[]),
    ("doseline-client", &["doseline-shared"]),
    ("doseline-ui", &["doseline-client", "doseline-shared"]),
    ("doseline-report", &["doseline-shared"]),
    (
        "doseline-desktop",
        &["doseline-client", "doseline-report", "doseline-shared"],
    ),
    ("doseline-backend", &["doseline-report", "doseline-shared"]),
    (
        "doseline-tests",
        &[
            "doseline-shared",
            "doseline-client",
            "doseline-ui",
            "doseline-report",
            "doseline-desktop",
            "doseline-backend",
        ],
    ),
    ("doseline-fuzz", &["doseline-shared", "doseline-backend"]),
    ("xtask", &[]),
];

/// Crates of the outside that a room must do without.
const MUST_NOT_USE: [(&str, &[&str]); 4] = [
    (
        "doseline-shared",
        &[
            "tokio",
            "futures",
            "reqwest",
            "rusqlite",
            "getrandom",
            "rand",
            "web-sys",
            "tauri",
            "tracing",
        ],
    ),
    (
        "doseline-client",
        &[
            "tauri",
            "leptos",
            "web-sys",
            "js-sys",
            "wasm-bindgen",
            "gloo-net",
            "keyring",
            "notify-rust",
        ],
    ),
    ("doseline-ui", &["tauri", "tokio", "rusqlite", "reqwest"]),
    ("doseline-backend", &["tauri", "leptos", "keyring"]),
];

/// Reads the workspace and names the first faults.
pub fn check() -> Result<()> {
    let metadata = workspace::metadata(&["--no-deps"])?;
    let mut faults = faults(&metadata);
    for manifest in manifests(&metadata) {
        let text = fs::read_to_string(&manifest).with_context(|| format!("{manifest} cannot be read"))?;
        faults.extend(
            declared_twice(&text)
                .into_iter()
                .map(|name| format!("{name} in {manifest} must be declared in the root's [workspace.dependencies]")),
        );
    }
    if faults.is_empty() {
        Ok(())
    } else {
        bail!("\n      {}", faults.join("\n      "))
    }
}

fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().into_iter().flatten()
}

fn manifests(metadata: &Value) -> impl Iterator<Item = String> {
    packages(metadata).filter_map(|package| package["manifest_path"].as_str().map(str::to_owned))
}

fn faults(metadata: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for package in packages(metadata) {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = MAY_USE.iter().find(|(room, _)| *room == name) else {
            faults.push(format!("{name} is a new room; say in xtask's layering what it may use"));
            continue;
        };
        let refused = MUST_NOT_USE
            .iter()
            .find(|(room, _)| *room == name)
            .map_or(&[][..], |(_, refused)| refused);
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let used = dependency["name"].as_str().unwrap_or_default();
            let ours = MAY_USE.iter().any(|(room, _)| *room == used);
            // A room may ask for itself, with a feature that only its tests need.
            if ours && used != name && !allowed.contains(&used) {
                faults.push(format!("{name} must not use {used}: dependencies point the other way"));
            }
            if refused.contains(&used) {
                faults.push(format!("{name} must not use {used}: that is for an outer room"));
            }
        }
    }
    faults
}

/// The dependencies of a manifest that carry a version of their own.
fn declared_twice(manifest: &str) -> Vec<String> {
    let mut in_dependencies = false;
    let mut found = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end_matches(']');
            in_dependencies = section.ends_with("dependencies") && section != "workspace.dependencies";
        } else if in_dependencies
            && let Some((name, value)) = line.split_once('=')
            && !line.starts_with('#')
            && !value.contains("workspace = true")
            && !name.trim().ends_with(".workspace")
        {
            found.push(name.trim().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_rooms_of_this_workspace_keep_to_their_layers() {
        check().unwrap();
    }

    #[test]
    fn an_arrow_that_points_outwards_is_named() {
        let metadata = json!({"packages": [
            {"name": "doseline-client", "dependencies": [{"name": "doseline-backend"}, {"name": "web-sys"}]},
            {"name": "doseline-shared", "dependencies": [{"name": "serde"}]},
            {"name": "doseline-cellar", "dependencies": []},
        ]});
        let found = faults(&metadata);
        assert_eq!(found.len(), 3, "{found:?}");
    }

    #[test]
    fn a_version_outside_the_root_is_named() {
        let manifest = "[dependencies]\nserde = { workspace = true }\nrand = \"0.9\"\n[dev-dependencies]\nfoo.workspace = true\n[lints]\nworkspace = true\n";
        assert_eq!(declared_twice(manifest), ["rand"]);
        assert!(declared_twice("[workspace.dependencies]\nrand = \"0.9\"\n").is_empty());
    }
}
