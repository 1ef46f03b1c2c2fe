//! Reading back what the writers wrote.

use std::io::{Cursor, Read, Write};
use std::process::{Command, Stdio};

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;

/// The text of well-formed XML; panics when it is not well-formed.
pub fn xml_text(xml: &str) -> String {
    let mut reader = Reader::from_str(xml);
    let mut text = String::new();
    let mut depth = 0i64;
    loop {
        match reader
            .read_event()
            .unwrap_or_else(|e| panic!("not well-formed: {e}\n{xml}"))
        {
            Event::Start(element) => {
                for attribute in element.attributes() {
                    attribute.expect("attributes are well-formed");
                }
                depth += 1;
            }
            Event::Empty(element) => {
                for attribute in element.attributes() {
                    attribute.expect("attributes are well-formed");
                }
            }
            Event::End(_) => {
                depth -= 1;
                text.push(' ');
            }
            Event::Text(run) => text.push_str(&run),
            Event::GeneralRef(name) => match name.resolve_char_ref().expect("character reference") {
                Some(c) => text.push(c),
                None => text.push_str(resolve_xml_entity(&name).expect("predefined entity")),
            },
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "every element is closed");
    assert!(
        xml.chars().all(|c| c >= ' ' || matches!(c, '\n' | '\t' | '\r')),
        "XML 1.0 allows no control characters"
    );
    text
}

/// One part of an OpenDocument package.
pub fn odt_part(odt: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(odt)).expect("a ZIP");
    let mut part = String::new();
    zip.by_name(name)
        .expect(name)
        .read_to_string(&mut part)
        .expect("UTF-8");
    part
}

/// Text of a PDF through poppler's `pdftotext`, one string per page; `None`, said on standard error, when
/// the machine has no such program.
pub fn pdf_pages(pdf: &[u8]) -> Option<Vec<String>> {
    let text = pipe("pdftotext", &["-raw", "-enc", "UTF-8", "-", "-"], pdf)?;
    let mut pages: Vec<String> = text.split('\u{c}').map(str::to_owned).collect();
    pages.pop();
    Some(pages)
}

/// Standard output of `program` fed with `input`; `None`, said on standard error, when it is not installed.
pub fn pipe(program: &str, arguments: &[&str], input: &[u8]) -> Option<String> {
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("SKIPPED: {program} is not installed (Debian: apt-get install poppler-utils)");
        return None;
    };
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("it ends");
    feeder.join().expect("no panic").expect("it reads everything");
    assert!(output.status.success(), "{program} fails");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}
