//! A small document library: one abstract model, three writers.
//!
//! A caller builds a [`model::Document`] (headings, paragraphs, tables, figures) without thinking of any
//! format, and the writers turn the same value into
//!
//! * [`pdf`]: tagged PDF conforming to PDF/UA-1 (ISO 14289-1), with embedded fonts;
//! * [`odt`]: editable OpenDocument Text 1.3 (ISO/IEC 26300);
//! * [`html`]: an accessible HTML fragment in the classes of Bootstrap Italia, or a whole page.
//!
//! Every writer is pure: no files, no network, no clock. The same document always gives the same bytes.
//! Text is foreign by assumption: each writer carries it as data, never as markup.

pub mod html;
pub mod model;
pub mod odt;
pub mod pdf;

mod error;
mod prepare;
mod sanitize;
mod words;

pub use error::DocumentError;
pub use model::{Document, Language};
pub use pdf::Fonts;
