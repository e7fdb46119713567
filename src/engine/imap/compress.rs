//! COMPRESS=DEFLATE (RFC 4978): a layer between [`super::wire`] and the TLS stream that deflates
//! what goes out and inflates what comes in.
//!
//! Memory is bounded by the caller's buffer: however small a server's bytes are packed, one read
//! unpacks no more than was asked for. A time-out of the stream beneath changes nothing here, so
//! that waiting (IDLE) goes on after one. When the layer is put in is decided in `session`.

use std::io::{self, Read, Write};
use std::time::Duration;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::wire::Duplex;

/// What is read from below, and what is sent down, at a time.
const CHUNK: usize = 16 << 10;

/// A connection that speaks raw DEFLATE (no zlib header, RFC 4978 §3) in both directions.
pub(super) struct Deflated {
    stream: Box<dyn Duplex>,
    inflate: Decompress,
    deflate: Compress,
    /// Packed bytes read and not yet unpacked.
    packed: Vec<u8>,
    used: usize,
    /// Packed bytes not yet sent.
    outgoing: Vec<u8>,
    /// The server ended its half of the compressed stream.
    ended: bool,
}

impl Deflated {
    /// Puts the layer over a stream. `early`: what was read behind the server's `OK`; it is
    /// packed already.
    pub(super) fn over(stream: Box<dyn Duplex>, early: Vec<u8>) -> Self {
        Self {
            stream,
            inflate: Decompress::new(false),
            // Commands are short and uploads mostly base64: more effort would gain little.
            deflate: Compress::new(Compression::fast(), false),
            packed: early,
            used: 0,
            outgoing: Vec::with_capacity(CHUNK),
            ended: false,
        }
    }

    /// Unpacks what is at hand into `into`; how much that gave.
    fn unpack(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let packed = self.packed.get(self.used..).unwrap_or_default();
        let before = (self.inflate.total_in(), self.inflate.total_out());
        let status = self
            .inflate
            .decompress(packed, into, FlushDecompress::None)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.ended |= status == Status::StreamEnd;
        self.used += difference(before.0, self.inflate.total_in());
        Ok(difference(before.1, self.inflate.total_out()))
    }

    /// Reads packed bytes; false at the end of the connection. After an error nothing is lost.
    fn fill(&mut self) -> io::Result<bool> {
        self.packed.resize(CHUNK, 0);
        let outcome = self.stream.read(&mut self.packed);
        self.packed.truncate(*outcome.as_ref().unwrap_or(&0));
        self.used = 0;
        outcome.map(|read| read > 0)
    }

    /// Packs, and sends down whenever a chunk is full.
    fn pack(&mut self, mut bytes: &[u8], flush: FlushCompress) -> io::Result<()> {
        loop {
            let before = self.deflate.total_in();
            // Appends within the capacity, never beyond.
            self.deflate
                .compress_vec(bytes, &mut self.outgoing, flush)
                .map_err(io::Error::other)?;
            let taken = difference(before, self.deflate.total_in());
            bytes = bytes.get(taken..).unwrap_or_default();
            if self.outgoing.len() < self.outgoing.capacity() {
                if bytes.is_empty() {
                    return Ok(());
                }
            } else {
                self.send()?;
            }
        }
    }

    fn send(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.outgoing)?;
        self.outgoing.clear();
        Ok(())
    }
}

fn difference(before: u64, after: u64) -> usize {
    usize::try_from(after.saturating_sub(before)).unwrap_or(usize::MAX)
}

impl Read for Deflated {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            // Also with nothing at hand: the last call may have left something for want of room.
            let unpacked = self.unpack(into)?;
            if unpacked > 0 || self.ended || into.is_empty() {
                return Ok(unpacked);
            }
            if self.used >= self.packed.len() && !self.fill()? {
                return Ok(0);
            }
        }
    }
}

impl Write for Deflated {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pack(bytes, FlushCompress::None)?;
        Ok(bytes.len())
    }

    /// Sends all that was written, ended so that the server can unpack it (RFC 4978 §3: flushed
    /// at the end of each command).
    fn flush(&mut self) -> io::Result<()> {
        self.pack(&[], FlushCompress::Sync)?;
        self.send()?;
        self.stream.flush()
    }
}

impl Duplex for Deflated {
    fn patience(&self, patience: Duration) -> io::Result<()> {
        self.stream.patience(patience)
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::wire::tests::Script;
    use super::*;

    /// What a server would send for this, flushed at the end.
    pub(crate) fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut packer = Compress::new(Compression::best(), false);
        let mut packed = Vec::with_capacity(bytes.len() + 1024);
        packer
            .compress_vec(bytes, &mut packed, FlushCompress::Sync)
            .unwrap();
        packed.shrink_to_fit();
        packed
    }

    /// What a server would read of this.
    pub(crate) fn inflated(packed: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(packed.len() * 1100 + 1024);
        Decompress::new(false)
            .decompress_vec(packed, &mut bytes, FlushDecompress::None)
            .unwrap();
        bytes
    }

    /// Numbers in words: neither incompressible nor trivial.
    fn text(size: usize) -> Vec<u8> {
        let numbers = (0_u32..).flat_map(|n| format!("dòng {n};").into_bytes());
        numbers.take(size).collect()
    }

    fn read_all(mut layer: Deflated) -> Vec<u8> {
        let (mut all, mut buffer) = (Vec::new(), [0; 1000]);
        loop {
            match layer.read(&mut buffer) {
                Ok(0) => return all,
                Ok(read) => all.extend_from_slice(&buffer[..read]),
                Err(error) => assert!(crate::tls::timed_out(&error), "{error}"),
            }
        }
    }

    #[test]
    fn cut_anywhere_with_time_outs_between_it_reads_the_same() {
        let clear = text(3_000);
        let packed = deflated(&clear);
        for cut in 0..packed.len() {
            let (early, late) = packed.split_at(cut);
            let chunks = [None, Some(late.to_vec()), None];
            let layer = Deflated::over(Box::new(Script::new(chunks)), early.to_vec());
            assert_eq!(read_all(layer), clear, "cut at {cut}");
        }
        let bytes = packed.iter().flat_map(|byte| [Some(vec![*byte]), None]);
        let layer = Deflated::over(Box::new(Script::new(bytes)), Vec::new());
        assert_eq!(read_all(layer), clear);
    }

    #[test]
    fn a_small_answer_that_unpacks_to_much_comes_in_pieces() {
        let packed = deflated(&vec![b'x'; 10_000_000]);
        assert!(packed.len() < 20_000);
        let mut layer = Deflated::over(Box::new(Script::new([])), packed);
        let (mut total, mut buffer) = (0, [0; 4096]);
        loop {
            let read = layer.read(&mut buffer).unwrap();
            if read == 0 {
                break;
            }
            total += read;
        }
        assert_eq!(total, 10_000_000);
        assert!(layer.packed.capacity() < 20_000);
    }

    #[test]
    fn what_is_no_deflate_is_an_error_and_an_ended_stream_an_end() {
        // A block of a kind there is not (RFC 1951 §3.2.3).
        let garbage = Script::new([Some(vec![0xff; 10])]);
        let mut layer = Deflated::over(Box::new(garbage), Vec::new());
        let error = layer.read(&mut [0; 100]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);

        let mut packed = Vec::with_capacity(100);
        Compress::new(Compression::fast(), false)
            .compress_vec(b"bye", &mut packed, FlushCompress::Finish)
            .unwrap();
        let layer = Deflated::over(Box::new(Script::new([Some(packed), None])), Vec::new());
        assert_eq!(read_all(layer), b"bye");
    }

    #[test]
    fn each_flush_lets_the_server_read_all_that_was_written() {
        let script = Script::new([]);
        let written = std::sync::Arc::clone(&script.written);
        let mut layer = Deflated::over(Box::new(script), Vec::new());
        let mut clear = Vec::new();
        for size in [1, 17, 0, CHUNK, 5 * CHUNK + 3, 200_000] {
            let piece = text(size);
            layer.write_all(&piece).unwrap();
            layer.flush().unwrap();
            clear.extend(piece);
            assert_eq!(inflated(&written.lock().unwrap()), clear);
        }
        assert!(layer.outgoing.capacity() <= 2 * CHUNK);
    }
}
