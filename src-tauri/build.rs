//! Embeds the window's configuration, its icons and its capabilities.

fn main() {
    // A new build of the user interface may have new files, which the embedding alone would not notice.
    println!("cargo:rerun-if-changed=dist-window");
    let attributes = tauri_build::Attributes::new().capabilities_path_pattern("src-tauri/capabilities/**/*.json");
    tauri_build::try_build(attributes).expect("tauri.conf.json, the icons and the capabilities must fit together");
}
