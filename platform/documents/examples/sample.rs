//! Writes the sample document in all formats into a directory and says how long each took.
//!
//! `cargo run -p bisenzio-documents --example sample -- DIR [CHAPTERS]`

#[path = "../tests/common/mod.rs"]
mod common;

use std::path::PathBuf;
use std::time::Instant;

use bisenzio_documents::{Fonts, html, odt, pdf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let dir = PathBuf::from(arguments.next().ok_or("usage: sample DIR [CHAPTERS]")?);
    let chapters = arguments.next().map_or(Ok(2), |n| n.parse())?;
    std::fs::create_dir_all(&dir)?;
    let document = common::sample(chapters);
    let start = Instant::now();
    let fonts = Fonts::default();
    println!("fonts {:?}", start.elapsed());
    for attempt in ["first", "second"] {
        let start = Instant::now();
        let bytes = pdf::render(&document, &fonts)?;
        println!("pdf, {attempt}: {:?}, {} bytes", start.elapsed(), bytes.len());
        std::fs::write(dir.join("sample.pdf"), bytes)?;
    }
    let start = Instant::now();
    std::fs::write(dir.join("sample.odt"), odt::render(&document)?)?;
    println!("odt {:?}", start.elapsed());
    let start = Instant::now();
    std::fs::write(dir.join("sample.html"), html::page(&document))?;
    println!("html {:?}", start.elapsed());
    Ok(())
}
