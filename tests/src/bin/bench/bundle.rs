//! What a browser downloads before the app runs.

use std::fs;

use anyhow::{Result, ensure};

use crate::backend::dist;
use crate::table::Row;

/// The aim for the compressed wasm.
const AIM: u64 = 400_000;

/// The wasm of the release build as it is compressed for the wire.
pub fn measure() -> Result<Vec<Row>> {
    let (mut raw, mut brotli, mut gzip) = (0, 0, 0);
    for entry in fs::read_dir(dist()?)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let size = entry.metadata()?.len();
        if name.ends_with(".wasm") {
            raw += size;
        } else if name.ends_with(".wasm.br") {
            brotli += size;
        } else if name.ends_with(".wasm.gz") {
            gzip += size;
        }
    }
    ensure!(brotli > 0, "the web app is not built");
    let kilobytes = |size: u64| format!("{:.0} kB", size as f64 / 1000.0);
    Ok(vec![
        Row::new("wasm bundle, brotli", kilobytes(brotli))
            .beside(
                format!("raw {}, gzip {}", kilobytes(raw), kilobytes(gzip)),
                brotli as f64 / raw as f64,
            )
            .aim("400 kB", brotli <= AIM),
    ])
}
