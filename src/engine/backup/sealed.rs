//! The file of a backup: a stream of bytes sealed under a passphrase, so that nothing of it can be
//! read, changed, reordered or cut off unnoticed.
//!
//! Layout, integers little-endian: `TCVBACK1` · Argon2id memory in KiB, passes, lanes (4 bytes
//! each) · salt (16) · nonce (24) · the file's own random key, sealed by the one derived from the
//! passphrase (48) · nonce prefix (19) · SHA-256 of all before it (32), which tells a damaged file
//! from a wrong passphrase. Then the content in pieces of 1 MiB, each sealed by XChaCha20-Poly1305
//! with the header as associated data, under prefix · number of the piece (4, big-endian) · 1 for
//! the last, else 0: the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, 2015).

use std::io::{self, Read, Write};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::error::{Error, Kind, Result};
use crate::secrets::{Cost, random};
use crate::types::Secret;

const MAGIC: &[u8; 8] = b"TCVBACK1";
const SALT: usize = 16;
const NONCE: usize = 24;
const PREFIX: usize = 19;
const TAG: usize = 16;
const SEALED_KEY: usize = 32 + TAG;
const HEADER: usize = MAGIC.len() + 12 + SALT + NONCE + SEALED_KEY + PREFIX;
const CHECKSUM: usize = 32;
const PIECE: usize = 1 << 20;

/// What a passphrase comes to: kept in the keyring, it seals the backups of every day without
/// anybody being asked.
#[derive(Clone)]
pub(crate) struct BackupKey {
    cost: Cost,
    salt: [u8; SALT],
    key: Zeroizing<[u8; 32]>,
}

impl BackupKey {
    /// Derives a new one; takes a moment on purpose.
    pub(crate) fn new(passphrase: &Secret, cost: Cost) -> Result<Self> {
        let mut salt = [0; SALT];
        random(&mut salt)?;
        let key = cost.derive(passphrase, &salt)?;
        Ok(Self { cost, salt, key })
    }

    /// For the keyring.
    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(self.cost.to_bytes().to_vec());
        bytes.extend_from_slice(&self.salt);
        bytes.extend_from_slice(self.key.as_slice());
        bytes
    }

    /// Out of the keyring.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (cost, rest) = bytes.split_first_chunk::<12>()?;
        let (salt, key) = rest.split_first_chunk::<SALT>()?;
        Some(Self {
            cost: Cost::from_bytes(cost)?,
            salt: *salt,
            key: Zeroizing::new(key.try_into().ok()?),
        })
    }
}

fn piece_nonce(prefix: &[u8; PREFIX], number: u32, is_last: bool) -> XNonce {
    let mut nonce = [0; NONCE];
    let (front, back) = nonce.split_at_mut(PREFIX);
    front.copy_from_slice(prefix);
    let (count, last) = back.split_at_mut(4);
    count.copy_from_slice(&number.to_be_bytes());
    last.fill(u8::from(is_last));
    XNonce::from(nonce)
}

/// Seals what is written to it.
pub(super) struct SealedWriter<W> {
    out: W,
    cipher: XChaCha20Poly1305,
    header: Vec<u8>,
    prefix: [u8; PREFIX],
    number: u32,
    piece: Zeroizing<Vec<u8>>,
}

impl<W: Write> SealedWriter<W> {
    pub(super) fn new(mut out: W, key: &BackupKey) -> Result<Self> {
        let mut own = Zeroizing::new([0; 32]);
        let (mut nonce, mut prefix) = ([0; NONCE], [0; PREFIX]);
        random(own.as_mut_slice())?;
        random(&mut nonce)?;
        random(&mut prefix)?;
        let mut header = Vec::with_capacity(HEADER + CHECKSUM);
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&key.cost.to_bytes());
        header.extend_from_slice(&key.salt);
        header.extend_from_slice(&nonce);
        let payload = Payload {
            msg: own.as_slice(),
            aad: &header,
        };
        let sealed = XChaCha20Poly1305::new(&Key::from(*key.key))
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| fault())?;
        header.extend_from_slice(&sealed);
        header.extend_from_slice(&prefix);
        let checksum = Sha256::digest(&header);
        header.extend_from_slice(&checksum);
        out.write_all(&header)?;
        Ok(Self {
            out,
            cipher: XChaCha20Poly1305::new(&Key::from(*own)),
            header,
            prefix,
            number: 0,
            piece: Zeroizing::new(Vec::with_capacity(PIECE)),
        })
    }

    fn seal(&mut self, is_last: bool) -> io::Result<()> {
        let payload = Payload {
            msg: &self.piece,
            aad: &self.header,
        };
        let nonce = piece_nonce(&self.prefix, self.number, is_last);
        let sealed = self.cipher.encrypt(&nonce, payload);
        self.out.write_all(&sealed.map_err(io::Error::other)?)?;
        let next = self.number.checked_add(1);
        self.number = next.ok_or_else(|| io::Error::other("a backup over 4 PiB"))?;
        self.piece.clear();
        Ok(())
    }

    /// Seals the last piece, which tells that nothing was cut off.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

impl<W: Write> Write for SealedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Only when more comes is it known that a full piece is not the last.
        if self.piece.len() == PIECE {
            self.seal(false)?;
        }
        let room = PIECE - self.piece.len();
        let taken = bytes.get(..bytes.len().min(room)).unwrap_or_default();
        self.piece.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Opens what was sealed, piece by piece.
pub(super) struct SealedReader<R> {
    input: R,
    cipher: XChaCha20Poly1305,
    header: Vec<u8>,
    prefix: [u8; PREFIX],
    number: u32,
    /// Sealed bytes read ahead of the piece at hand.
    ahead: Vec<u8>,
    piece: Zeroizing<Vec<u8>>,
    at: usize,
    ended: bool,
}

/// What opens a file: the passphrase, or what was kept of it.
pub(super) enum Opener<'a> {
    Passphrase(&'a Secret),
    Key(&'a BackupKey),
}

impl<R: Read> SealedReader<R> {
    /// [`Kind::BackupDamaged`] for what is no backup or not as it was written,
    /// [`Kind::BackupWrongPassphrase`] for what the passphrase does not open.
    pub(super) fn new(mut input: R, opener: &Opener<'_>) -> Result<Self> {
        let mut header = vec![0; HEADER + CHECKSUM];
        input
            .read_exact(&mut header)
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => damaged("it is too short"),
                _ => error.into(),
            })?;
        let parsed = Header::parse(&header).ok_or_else(|| damaged("it is no backup"))?;
        let derived = match opener {
            Opener::Passphrase(passphrase) => parsed.cost.derive(passphrase, &parsed.salt)?,
            Opener::Key(key) => key.key.clone(),
        };
        let payload = Payload {
            msg: &parsed.sealed_key,
            aad: header
                .get(..MAGIC.len() + 12 + SALT + NONCE)
                .unwrap_or_default(),
        };
        let own = XChaCha20Poly1305::new(&Key::from(*derived))
            .decrypt(&XNonce::from(parsed.nonce), payload)
            .map(Zeroizing::new);
        let own = own
            .ok()
            .and_then(|own| <[u8; 32]>::try_from(own.as_slice()).ok());
        let wrong = || {
            let detail = "the passphrase does not open the backup";
            Error::new(Kind::BackupWrongPassphrase, detail)
        };
        let own = Zeroizing::new(own.ok_or_else(wrong)?);
        Ok(Self {
            input,
            cipher: XChaCha20Poly1305::new(&Key::from(*own)),
            header,
            prefix: parsed.prefix,
            number: 0,
            ahead: Vec::new(),
            piece: Zeroizing::new(Vec::new()),
            at: 0,
            ended: false,
        })
    }

    /// Reads and opens the next piece. A byte more than one is read, to know whether it is the
    /// last.
    fn next_piece(&mut self) -> io::Result<()> {
        let full = PIECE + TAG;
        let wanted = full + 1 - self.ahead.len();
        let wanted = u64::try_from(wanted).unwrap_or(u64::MAX);
        self.input
            .by_ref()
            .take(wanted)
            .read_to_end(&mut self.ahead)?;
        let is_last = self.ahead.len() <= full;
        let rest = self.ahead.split_off(self.ahead.len().min(full));
        let payload = Payload {
            msg: &self.ahead,
            aad: &self.header,
        };
        let nonce = piece_nonce(&self.prefix, self.number, is_last);
        let piece = self.cipher.decrypt(&nonce, payload);
        let cut = || io::Error::new(io::ErrorKind::InvalidData, "not as it was written, or cut");
        self.piece = Zeroizing::new(piece.map_err(|_| cut())?);
        (self.at, self.number, self.ended) = (0, self.number.wrapping_add(1), is_last);
        self.ahead = rest;
        Ok(())
    }
}

impl<R: Read> Read for SealedReader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() {
            if self.ended {
                return Ok(0);
            }
            self.next_piece()?;
        }
        let left = self.piece.get(self.at..).unwrap_or_default();
        let count = left.len().min(into.len());
        for (to, from) in into.iter_mut().zip(left) {
            *to = *from;
        }
        self.at += count;
        Ok(count)
    }
}

struct Header {
    cost: Cost,
    salt: [u8; SALT],
    nonce: [u8; NONCE],
    sealed_key: Vec<u8>,
    prefix: [u8; PREFIX],
}

impl Header {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (covered, checksum) = bytes.split_last_chunk::<CHECKSUM>()?;
        if Sha256::digest(covered).as_slice() != checksum {
            return None;
        }
        let rest = covered.strip_prefix(MAGIC)?;
        let (cost, rest) = rest.split_first_chunk::<12>()?;
        let (salt, rest) = rest.split_first_chunk::<SALT>()?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE>()?;
        let (sealed_key, prefix) = rest.split_at_checked(SEALED_KEY)?;
        Some(Self {
            cost: Cost::from_bytes(cost)?,
            salt: *salt,
            nonce: *nonce,
            sealed_key: sealed_key.to_vec(),
            prefix: prefix.try_into().ok()?,
        })
    }
}

pub(super) fn damaged(detail: &str) -> Error {
    Error::new(Kind::BackupDamaged, detail)
}

fn fault() -> Error {
    Error::new(Kind::Internal, "the backup cannot be sealed")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn key() -> BackupKey {
        BackupKey::new(&Secret::new("cụm mật khẩu"), Cost::LIGHT).unwrap()
    }

    fn sealed(content: &[u8], key: &BackupKey) -> Vec<u8> {
        let mut writer = SealedWriter::new(Vec::new(), key).unwrap();
        writer.write_all(content).unwrap();
        writer.finish().unwrap()
    }

    fn opened(file: &[u8], passphrase: &str) -> std::result::Result<Vec<u8>, Kind> {
        let secret = Secret::new(passphrase);
        let mut reader =
            SealedReader::new(file, &Opener::Passphrase(&secret)).map_err(|e| e.kind)?;
        let mut content = Vec::new();
        let read = reader.read_to_end(&mut content);
        read.map(|_| content).map_err(|_| Kind::BackupDamaged)
    }

    #[test]
    fn what_is_sealed_comes_out_again_and_nothing_of_it_shows() {
        let key = BackupKey::from_bytes(&key().to_bytes()).unwrap();
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let content = b"de nghi ".repeat(length / 8 + 1)[..length].to_vec();
            let file = sealed(&content, &key);
            assert!(opened(&file, "cụm mật khẩu") == Ok(content), "{length}");
            assert!(!file.windows(7).any(|some| some == b"de nghi"));
        }
    }

    #[test]
    fn a_wrong_passphrase_is_told_from_damage() {
        let file = sealed(&vec![7; 2 * PIECE], &key());
        assert_eq!(opened(&file, "sai"), Err(Kind::BackupWrongPassphrase));
        for at in [
            0,
            9,
            40,
            70,
            HEADER + 3,
            HEADER + CHECKSUM + 5,
            file.len() - 1,
        ] {
            let mut bad = file.clone();
            bad[at] ^= 1;
            assert_eq!(
                opened(&bad, "cụm mật khẩu"),
                Err(Kind::BackupDamaged),
                "{at}"
            );
        }
        let piece = HEADER + CHECKSUM + PIECE + TAG;
        for length in [
            0,
            30,
            HEADER,
            HEADER + CHECKSUM,
            piece,
            piece + 1,
            file.len() - 1,
        ] {
            let cut = opened(&file[..length], "cụm mật khẩu");
            assert_eq!(cut, Err(Kind::BackupDamaged), "cut at {length}");
        }
        let swapped = [
            &file[..HEADER + CHECKSUM],
            &file[piece..piece + PIECE + TAG],
            &file[HEADER + CHECKSUM..piece],
        ]
        .concat();
        assert_eq!(opened(&swapped, "cụm mật khẩu"), Err(Kind::BackupDamaged));
    }
}
