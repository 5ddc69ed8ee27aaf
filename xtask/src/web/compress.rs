//! Compresses the site once, so that no backend does it for each visitor, and prints what a visitor downloads.

use std::io::Write;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::Flavour;
use super::assemble::File;
use crate::step;

/// Below this, a compressed file saves no packet.
const WORTH_IT: usize = 1024;

/// Adds a `.br` and a `.gz` beside each file that gets smaller by it.
pub fn all(site: Vec<File>, flavour: Flavour) -> Result<Vec<File>> {
    let mut result = Vec::with_capacity(site.len() * 3);
    for file in site {
        if file.content.len() >= WORTH_IT && shrinks(&file.path) {
            for (suffix, content) in [
                ("br", brotli(&file.content, flavour)?),
                ("gz", gzip(&file.content, flavour)?),
            ] {
                if content.len() < file.content.len() {
                    result.push(File {
                        path: format!("{}.{suffix}", file.path),
                        content,
                    });
                }
            }
        }
        result.push(file);
    }
    Ok(result)
}

/// Pictures and fonts are compressed already.
fn shrinks(path: &str) -> bool {
    ![".png", ".woff2", ".jpg", ".webp", ".ico"]
        .iter()
        .any(|suffix| path.ends_with(suffix))
}

fn brotli(content: &[u8], flavour: Flavour) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: if flavour == Flavour::Release { 11 } else { 5 },
        lgwin: 22,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(content: &[u8], flavour: Flavour) -> Result<Vec<u8>> {
    let level = if flavour == Flavour::Release {
        Compression::best()
    } else {
        Compression::fast()
    };
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

/// Prints the sizes of what the start of the app downloads.
pub fn report(site: &[File]) {
    let size = |path: &str| {
        site.iter()
            .find(|file| file.path == path)
            .map(|file| file.content.len())
    };
    step::line(format!("    {:<34} {:>10} {:>10} {:>10}", "", "raw", "gzip", "brotli"));
    let mut totals = [0, 0, 0];
    for file in site.iter().filter(|file| starts_the_app(&file.path)) {
        let raw = file.content.len();
        let sizes = [
            raw,
            size(&format!("{}.gz", file.path)).unwrap_or(raw),
            size(&format!("{}.br", file.path)).unwrap_or(raw),
        ];
        for (total, size) in totals.iter_mut().zip(sizes) {
            *total += size;
        }
        print_row(&file.path, sizes);
    }
    print_row("together", totals);
}

fn starts_the_app(path: &str) -> bool {
    path == "index.html" || [".js", ".css", ".wasm"].iter().any(|suffix| path.ends_with(suffix))
}

fn print_row(name: &str, sizes: [usize; 3]) {
    let [raw, gzip, brotli] = sizes.map(|size| format!("{:.1} kB", size as f64 / 1000.0));
    step::line(format!("    {name:<34} {raw:>10} {gzip:>10} {brotli:>10}"));
}
