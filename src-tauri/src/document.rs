//! Keeps a file where the person finds it: with their documents. An older file is never written over.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use doseline_client::ask::Fault;
use doseline_shared::api::ErrorCode;
use tauri::{AppHandle, Manager};

/// Most files of one day.
const MOST: u32 = 1_000;

/// Keeps a file. Gives the place where it is.
pub fn keep(app: &AppHandle, name: &str, contents: &[u8]) -> Result<String, Fault> {
    let kept = folder(app)
        .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
        .and_then(|folder| write(&folder, name, contents));
    kept.map(|path| path.display().to_string()).map_err(|error| {
        tracing::error!(file.error = %error, "a file could not be kept");
        Fault::of(match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorCode::DiskFull,
            _ => ErrorCode::Internal,
        })
    })
}

/// Where the person keeps documents; else what they download, else whatever is theirs.
fn folder(app: &AppHandle) -> Option<PathBuf> {
    let paths = app.path();
    [paths.document_dir(), paths.download_dir(), paths.home_dir()]
        .into_iter()
        .flatten()
        .find(|folder| fs::create_dir_all(folder).is_ok())
}

/// Writes a new file: under its name, or with a number where that is taken.
fn write(folder: &Path, name: &str, contents: &[u8]) -> io::Result<PathBuf> {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    for number in 1..=MOST {
        let path = folder.join(match number {
            1 => name.to_owned(),
            _ => format!("{stem}-{number}.{ending}"),
        });
        match File::create_new(&path) {
            Ok(mut file) => {
                let written = file.write_all(contents).and_then(|()| file.sync_all());
                if written.is_err() {
                    // Half a file is worse than none.
                    fs::remove_file(&path)?;
                }
                return written.map(|()| path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_file_of_a_day_stands_beside_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let kept: Vec<_> = [b"one".as_slice(), b"two"]
            .into_iter()
            .map(|contents| write(folder.path(), "doseline-report-2026-11-24.pdf", contents).unwrap())
            .collect();
        assert!(kept[0].ends_with("doseline-report-2026-11-24.pdf"), "{kept:?}");
        assert!(kept[1].ends_with("doseline-report-2026-11-24-2.pdf"), "{kept:?}");
        assert_eq!(fs::read(&kept[0]).unwrap(), b"one");
        assert_eq!(fs::read(&kept[1]).unwrap(), b"two");
    }

    #[test]
    fn a_folder_that_takes_nothing_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        assert!(write(&gone, "report.pdf", b"one").is_err());
        assert!(!gone.exists());
    }
}
