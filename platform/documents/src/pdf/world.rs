//! The world that Typst sees: one template, one data file, the pictures, the fonts.

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, Source, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World};

use super::fonts::Fonts;

const TEMPLATE: &str = include_str!("document.typ");

/// A world in memory. Whatever is not in it does not exist.
pub(super) struct Memory {
    library: LazyHash<Library>,
    fonts: Fonts,
    template: Source,
    /// `document.json` and the pictures, by path without leading slash.
    files: Vec<(String, Bytes)>,
}

impl Memory {
    pub fn new(fonts: &Fonts, json: Vec<u8>, pictures: Vec<(String, Vec<u8>)>) -> Self {
        // Row headers are tagged through `pdf.header-cell`, which Typst counts among the extras.
        let library = Library::builder()
            .with_features([Feature::A11yExtras].into_iter().collect())
            .build();
        let mut files = vec![("document.json".to_owned(), Bytes::new(json))];
        files.extend(
            pictures
                .into_iter()
                .map(|(path, bytes)| (path, Bytes::new(bytes))),
        );
        Self {
            library: LazyHash::new(library),
            fonts: fonts.clone(),
            template: Source::detached(TEMPLATE),
            files,
        }
    }
}

impl World for Memory {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.inner().book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() {
            Ok(self.template.clone())
        } else {
            Err(absent(id))
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let path = id.vpath().get_without_slash();
        let known = matches!(id.root(), VirtualRoot::Project);
        self.files
            .iter()
            .find(|(name, _)| known && name == path)
            .map(|(_, bytes)| bytes.clone())
            .ok_or_else(|| absent(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.inner().fonts.get(index).cloned()
    }

    /// There is no clock: dates come with the document.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn absent(id: FileId) -> FileError {
    FileError::NotFound(id.vpath().get_without_slash().into())
}
