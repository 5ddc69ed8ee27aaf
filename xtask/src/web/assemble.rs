//! Puts the site together from the bound wasm and `assets/`: names by content, references to them, and the change of
//! `dist/` under a backend that is serving it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Raised when this file or its neighbours make something else of the same sources.
const FORMAT: &str = "2";

/// One file of the site.
#[derive(Debug, Clone)]
pub struct File {
    /// Its path below `dist/`, with `/`.
    pub path: String,
    /// Its content.
    pub content: Vec<u8>,
}

/// The folders of `assets/` that belong to the site, and where each goes.
const FOLDERS: [(&str, &str); 4] = [
    ("web", ""),
    ("styles", "styles/"),
    ("fonts", "fonts/"),
    ("icons", "icons/"),
];

/// Reads the files of `assets/` that belong to the site.
pub fn sources(assets: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for (folder, place) in FOLDERS {
        let folder = assets.join(folder);
        if folder.is_dir() {
            read_folder(&folder, place, &mut files)?;
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn read_folder(folder: &Path, place: &str, into: &mut Vec<File>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let entry = entry?;
        let path = format!("{place}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read_folder(&entry.path(), &format!("{path}/"), into)?;
        } else {
            into.push(File {
                path,
                content: fs::read(entry.path())?,
            });
        }
    }
    Ok(())
}

/// What the site is made of, as one hash.
pub fn mark(wasm: &[u8], sources: &[File]) -> String {
    let mut hash = Sha256::new();
    hash.update(FORMAT);
    hash.update(Sha256::digest(wasm));
    for file in sources {
        hash.update(Sha256::digest(&file.path));
        hash.update(Sha256::digest(&file.content));
    }
    hex(&hash.finalize(), 64)
}

/// Whether `dist/` still holds what was made of these sources.
pub fn is_current(stamp: &Path, mark: &str, dist: &Path) -> bool {
    let Ok(text) = fs::read_to_string(stamp) else {
        return false;
    };
    let mut lines = text.lines();
    lines.next() == Some(mark)
        && lines.all(|line| {
            line.split_once(' ').is_some_and(|(size, path)| {
                fs::metadata(dist.join(path)).is_ok_and(|found| found.len().to_string() == size)
            })
        })
}

/// Remembers what `dist/` was made of, and what it holds.
pub fn write_stamp(stamp: &Path, mark: &str, site: &[File]) -> Result<()> {
    let mut text = format!("{mark}\n");
    for file in site {
        text.push_str(&format!("{} {}\n", file.content.len(), file.path));
    }
    fs::write(stamp, text).context("the stamp of the web app cannot be written")
}

/// The site: sources and bindings, with code and styles named by their content.
pub fn site(sources: Vec<File>, bound: &Path) -> Result<Vec<File>> {
    let mut files = sources;
    for (from, to) in [("doseline.js", "doseline.js"), ("doseline_bg.wasm", "doseline.wasm")] {
        let content = fs::read(bound.join(from)).with_context(|| format!("wasm-bindgen left no {from}"))?;
        files.push(File {
            path: to.to_owned(),
            content,
        });
    }
    let snippets = bound.join("snippets");
    if snippets.is_dir() {
        read_folder(&snippets, "snippets/", &mut files)?;
    }

    // A file is named by its content once everything that it refers to has its own name.
    let mut renamed: Vec<(String, String)> = Vec::new();
    for rank in 0..=LAST_RANK {
        for file in files.iter_mut().filter(|file| rank_of(&file.path) == rank) {
            rewrite(file, &renamed);
            if let Some(name) = hashed_name(&file.path, &file.content) {
                renamed.push((format!("/{}", file.path), format!("/{name}")));
                file.path = name;
            }
        }
    }
    fill_in(&mut files)?;
    Ok(files)
}

const LAST_RANK: u8 = 3;

/// Styles, bindings and wasm refer to nothing that is renamed; the start refers to them; pages refer to all.
fn rank_of(path: &str) -> u8 {
    match path {
        "doseline.js" | "doseline.wasm" => 0,
        "start.js" => 2,
        _ if path.starts_with("styles/") => 1,
        _ => LAST_RANK,
    }
}

fn hashed_name(path: &str, content: &[u8]) -> Option<String> {
    let by_content = matches!(path, "doseline.js" | "doseline.wasm" | "start.js")
        || path.starts_with("styles/") && path.ends_with(".css");
    let (stem, suffix) = path.rsplit_once('.')?;
    by_content.then(|| format!("{stem}-{}.{suffix}", hex(&Sha256::digest(content), 10)))
}

fn is_text(path: &str) -> bool {
    [".html", ".js", ".css", ".webmanifest", ".json", ".svg", ".txt"]
        .iter()
        .any(|suffix| path.ends_with(suffix))
}

fn rewrite(file: &mut File, renamed: &[(String, String)]) {
    if renamed.is_empty() || !is_text(&file.path) || file.path == "doseline.js" {
        return;
    }
    let Ok(text) = std::str::from_utf8(&file.content) else {
        return;
    };
    let mut text = text.to_owned();
    for (from, to) in renamed {
        for quote in ['"', '\''] {
            text = text.replace(&format!("{quote}{from}{quote}"), &format!("{quote}{to}{quote}"));
        }
    }
    file.content = text.into_bytes();
}

/// Tells the service worker, which must know them by heart, the name of this build and its files.
fn fill_in(files: &mut [File]) -> Result<()> {
    let mut hash = Sha256::new();
    for file in files.iter() {
        hash.update(Sha256::digest(&file.path));
        hash.update(Sha256::digest(&file.content));
    }
    let build = hex(&hash.finalize(), 12);
    let paths: Vec<String> = files.iter().map(|file| format!("/{}", file.path)).collect();
    let list = serde_json::to_string(&paths)?;
    for file in files
        .iter_mut()
        .filter(|file| rank_of(&file.path) == LAST_RANK && is_text(&file.path))
    {
        if let Ok(text) = std::str::from_utf8(&file.content) {
            let filled = text
                .replace("__DOSELINE_BUILD__", &build)
                .replace("__DOSELINE_FILES__", &list);
            file.content = filled.into_bytes();
        }
    }
    Ok(())
}

/// Changes `dist/` so that whoever reads it at any moment finds a whole site: first the new files, then the page that
/// names them, then the old ones go.
pub fn place(site: &[File], dist: &Path) -> Result<()> {
    fs::create_dir_all(dist)?;
    let (pages, parts): (Vec<&File>, Vec<&File>) = site.iter().partition(|file| file.path.starts_with("index.html"));
    for file in parts.into_iter().chain(pages) {
        let target = dist.join(&file.path);
        if fs::read(&target).is_ok_and(|present| present == file.content) {
            continue;
        }
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        let fresh = target.with_extension("fresh");
        fs::write(&fresh, &file.content)?;
        fs::rename(&fresh, &target).with_context(|| format!("{} cannot be replaced", target.display()))?;
    }
    let wanted: BTreeSet<&str> = site.iter().map(|file| file.path.as_str()).collect();
    let mut present = Vec::new();
    read_folder(dist, "", &mut present)?;
    for file in present.iter().filter(|file| !wanted.contains(file.path.as_str())) {
        fs::remove_file(dist.join(&file.path))?;
    }
    Ok(())
}

fn hex(bytes: &[u8], digits: usize) -> String {
    let mut text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    text.truncate(digits);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, content: &str) -> File {
        File {
            path: path.to_owned(),
            content: content.as_bytes().to_vec(),
        }
    }

    fn text<'a>(site: &'a [File], start: &str) -> (&'a str, &'a str) {
        let file = site.iter().find(|file| file.path.starts_with(start)).unwrap();
        (&file.path, std::str::from_utf8(&file.content).unwrap())
    }

    #[test]
    fn the_page_names_the_start_that_names_the_code_that_was_built() {
        let folder = std::env::temp_dir().join(format!("doseline-assemble-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("doseline.js"), "export default 1").unwrap();
        fs::write(folder.join("doseline_bg.wasm"), "wasm").unwrap();
        let page = "<link href=\"/styles/app.css\"><script src=\"/start.js\"></script>";
        let start = "import init from '/doseline.js'; init('/doseline.wasm')";
        let make = |style: &str| {
            let sources = vec![
                file("index.html", page),
                file("start.js", start),
                file("styles/app.css", style),
                file("sw.js", "const F = __DOSELINE_FILES__; const B = '__DOSELINE_BUILD__';"),
            ];
            site(sources, &folder).unwrap()
        };
        let (red, blue) = (make("a{color:red}"), make("a{color:blue}"));
        fs::remove_dir_all(&folder).unwrap();

        let (start_path, start_text) = text(&red, "start-");
        let (code_path, _) = text(&red, "doseline-");
        assert!(start_text.contains(&format!("'/{code_path}'")), "{start_text}");
        let (_, page_text) = text(&red, "index.html");
        let (style_path, _) = text(&red, "styles/app-");
        assert!(page_text.contains(&format!("\"/{start_path}\"")), "{page_text}");
        assert!(page_text.contains(&format!("\"/{style_path}\"")), "{page_text}");
        let (_, worker) = text(&red, "sw.js");
        assert!(
            worker.contains(&format!("\"/{style_path}\"")) && !worker.contains("__"),
            "{worker}"
        );

        assert_eq!(
            text(&red, "start-"),
            text(&blue, "start-"),
            "what has not changed keeps its name"
        );
        assert_ne!(text(&red, "styles/app-").0, text(&blue, "styles/app-").0);
        assert_ne!(
            text(&red, "sw.js").1,
            text(&blue, "sw.js").1,
            "a new build is another build to the worker"
        );
    }

    #[test]
    fn dist_loses_what_the_new_site_has_not() {
        let dist = std::env::temp_dir().join(format!("doseline-place-{}", std::process::id()));
        place(&[file("index.html", "one"), file("a-1.js", "1")], &dist).unwrap();
        place(&[file("index.html", "two"), file("sub/b-2.js", "2")], &dist).unwrap();
        let page = fs::read_to_string(dist.join("index.html")).unwrap();
        let (old, new) = (dist.join("a-1.js").exists(), dist.join("sub/b-2.js").exists());
        fs::remove_dir_all(&dist).unwrap();
        assert_eq!((page.as_str(), old, new), ("two", false, true));
    }
}
