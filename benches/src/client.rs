//! A small load generator: keep-alive connections, one thread each, time to the first byte of every answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// One connection that is kept.
pub struct Connection {
    reader: BufReader<TcpStream>,
    host: String,
}

/// One answer.
pub struct Answer {
    pub status: u16,
    pub first_byte: Duration,
    pub bytes: usize,
}

impl Connection {
    /// # Errors
    /// When nobody listens.
    pub fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).context("nobody listens")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self {
            reader: BufReader::new(stream),
            host: format!("localhost:{port}"),
        })
    }

    /// Asks for a path and reads the whole answer.
    ///
    /// # Errors
    /// When the connection breaks or what comes is not HTTP/1.1 with a length or chunks.
    pub fn get(&mut self, path: &str) -> Result<Answer> {
        let start = Instant::now();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: text/html,*/*\r\n\r\n",
            self.host
        );
        self.reader.get_mut().write_all(request.as_bytes())?;
        if self.reader.fill_buf()?.is_empty() {
            bail!("the connection was closed");
        }
        let first_byte = start.elapsed();
        let status = self
            .line()?
            .split(' ')
            .nth(1)
            .and_then(|s| s.parse().ok())
            .context("no status")?;
        let (mut length, mut chunked) = (0_usize, false);
        loop {
            let line = self.line()?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().context("content-length")?;
            }
            chunked |= line.starts_with("transfer-encoding:") && line.contains("chunked");
        }
        let bytes = if chunked {
            self.chunks()?
        } else {
            self.skip(length)?
        };
        Ok(Answer {
            status,
            first_byte,
            bytes,
        })
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }

    fn skip(&mut self, length: usize) -> Result<usize> {
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body)?;
        Ok(length)
    }

    fn chunks(&mut self) -> Result<usize> {
        let mut total = 0;
        loop {
            let size = usize::from_str_radix(self.line()?.trim(), 16).context("size of a chunk")?;
            total += self.skip(size)?;
            self.line()?;
            if size == 0 {
                return Ok(total);
            }
        }
    }
}

/// What a load gave.
pub struct Load {
    /// Times to the first byte, sorted.
    pub first_bytes: Vec<Duration>,
    pub errors: usize,
    pub elapsed: Duration,
}

/// Lets `clients` ask for a path as fast as they are answered, for a time.
pub fn load(port: u16, path: &str, clients: usize, lasts: Duration) -> Load {
    let start = Instant::now();
    let results: Vec<(Vec<Duration>, usize)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|_| {
                scope.spawn(move || {
                    let (mut times, mut errors) = (Vec::new(), 0);
                    let mut connection = Connection::open(port).ok();
                    while start.elapsed() < lasts {
                        match connection.as_mut().map(|c| c.get(path)) {
                            Some(Ok(answer)) if answer.status == 200 => times.push(answer.first_byte),
                            _ => {
                                errors += 1;
                                connection = Connection::open(port).ok();
                            }
                        }
                    }
                    (times, errors)
                })
            })
            .collect();
        threads
            .into_iter()
            .filter_map(|thread| thread.join().ok())
            .collect()
    });
    let elapsed = start.elapsed();
    let errors = results.iter().map(|(_, errors)| errors).sum();
    let mut first_bytes: Vec<Duration> = results.into_iter().flat_map(|(times, _)| times).collect();
    first_bytes.sort();
    Load {
        first_bytes,
        errors,
        elapsed,
    }
}
