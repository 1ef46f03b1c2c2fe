//! Zip archives from strangers: counted, bounded and unpacked as a stream.

use std::cell::RefCell;
use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::rc::Rc;

use zip::ZipArchive;

use super::{ImportError, Limits, Source};

/// Below this size a high ratio is no danger and no sign of one, in bytes.
const RATIO_FROM: u64 = 1 << 20;

pub(super) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// An opened archive with what may still be unpacked.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Box<dyn ReadSeek + 'a>>,
    left: u64,
    limits: Limits,
}

/// Opens a file or bytes as something to read and seek in, after a look at the size.
pub(super) fn open<'a>(source: Source<'a>, limits: &Limits) -> Result<Box<dyn ReadSeek + 'a>, ImportError> {
    let (reader, size): (Box<dyn ReadSeek + 'a>, u64) = match source {
        Source::Bytes(bytes) => (Box::new(Cursor::new(bytes)), bytes.len() as u64),
        Source::Path(path) => {
            let failed = |e: std::io::Error| ImportError::Open {
                file: path.display().to_string(),
                problem: e.to_string(),
            };
            let file = File::open(path).map_err(failed)?;
            let size = file.metadata().map_err(failed)?.len();
            (Box::new(std::io::BufReader::new(file)), size)
        }
    };
    if size > limits.file_bytes {
        return Err(ImportError::FileTooLarge {
            size,
            limit: limits.file_bytes,
        });
    }
    Ok(reader)
}

impl<'a> Archive<'a> {
    pub fn open(source: Source<'a>, limits: &Limits) -> Result<Self, ImportError> {
        let reader = open(source, limits)?;
        let zip = ZipArchive::new(reader).map_err(|e| ImportError::NotAnArchive {
            problem: e.to_string(),
        })?;
        if zip.len() > limits.entries {
            return Err(ImportError::TooManyEntries {
                entries: zip.len(),
                limit: limits.entries,
            });
        }
        Ok(Self {
            zip,
            left: limits.unpacked_bytes,
            limits: limits.clone(),
        })
    }

    /// Unpacks one file as a stream and hands it to `read`; `None` when the archive lacks it. A file in one
    /// folder below counts too, as some publishers pack the folder and not the files.
    pub fn with_file<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut dyn Read) -> Result<T, ImportError>,
    ) -> Result<Option<T>, ImportError> {
        let fits = |n: &&str| {
            *n == name
                || n.strip_suffix(name)
                    .is_some_and(|f| f.ends_with('/') && f.matches('/').count() == 1)
        };
        let Some(found) = self
            .zip
            .file_names()
            .filter(fits)
            .min_by_key(|n| n.len())
            .map(str::to_owned)
        else {
            return Ok(None);
        };
        let entry = self.zip.by_name(&found).map_err(|e| ImportError::Damaged {
            file: name.to_owned(),
            problem: e.to_string(),
        })?;
        let most = entry
            .compressed_size()
            .saturating_mul(self.limits.ratio)
            .max(RATIO_FROM);
        let stopped = Rc::new(RefCell::new(None));
        let mut guard = Guard {
            inner: entry,
            left: self.left,
            most,
            read: 0,
            stopped: Rc::clone(&stopped),
        };
        let result = read(&mut guard);
        self.left = guard.left;
        let stop = stopped.borrow_mut().take();
        match stop {
            Some(Stop::Total) => Err(ImportError::TooLarge {
                file: name.to_owned(),
                limit: self.limits.unpacked_bytes,
            }),
            Some(Stop::Ratio) => Err(ImportError::Bomb {
                file: name.to_owned(),
                ratio: self.limits.ratio,
            }),
            Some(Stop::Io(problem)) => Err(ImportError::Damaged {
                file: name.to_owned(),
                problem,
            }),
            None => result.map(Some),
        }
    }
}

enum Stop {
    Total,
    Ratio,
    Io(String),
}

/// Counts what is unpacked and stops at the limits; remembers why, since table readers wrap errors.
struct Guard<R> {
    inner: R,
    left: u64,
    most: u64,
    read: u64,
    stopped: Rc<RefCell<Option<Stop>>>,
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let stop = |why: Stop| {
            *self.stopped.borrow_mut() = Some(why);
            Err(std::io::Error::other("stopped"))
        };
        let n = match self.inner.read(buffer) {
            Ok(n) => n,
            Err(e) => return stop(Stop::Io(e.to_string())),
        };
        self.read += n as u64;
        if n as u64 > self.left {
            return stop(Stop::Total);
        }
        if self.read > self.most {
            return stop(Stop::Ratio);
        }
        self.left -= n as u64;
        Ok(n)
    }
}
