//! The wire against scripted connections, cut and delayed at each byte.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use super::*;

/// A connection that gives prepared chunks (a time-out between two of them where `None`
/// stands) and keeps what is written.
pub(crate) struct Script {
    pub(crate) chunks: VecDeque<Option<Vec<u8>>>,
    pub(crate) written: Arc<Mutex<Vec<u8>>>,
}

impl Script {
    pub(crate) fn new(chunks: impl IntoIterator<Item = Option<Vec<u8>>>) -> Self {
        Self {
            chunks: chunks.into_iter().collect(),
            written: Arc::default(),
        }
    }
}

impl Read for Script {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.chunks.pop_front() {
            None => Ok(0),
            Some(None) => Err(io::ErrorKind::WouldBlock.into()),
            Some(Some(mut chunk)) => {
                let size = chunk.len().min(into.len());
                into[..size].copy_from_slice(&chunk[..size]);
                if size < chunk.len() {
                    self.chunks.push_front(Some(chunk.split_off(size)));
                }
                Ok(size)
            }
        }
    }
}

impl Write for Script {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Duplex for Script {
    fn patience(&self, _: Duration) -> io::Result<()> {
        Ok(())
    }
}

fn wire(chunks: impl IntoIterator<Item = Option<Vec<u8>>>, bounds: Bounds) -> Wire {
    Wire::new(Box::new(Script::new(chunks)), bounds)
}

fn all(mut wire: Wire) -> Vec<Frame> {
    let mut frames = Vec::new();
    loop {
        match wire.next() {
            Ok(Some(frame)) => frames.push(frame),
            Ok(None) => return frames,
            Err(error) if crate::tls::timed_out(&error) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

const SESSION: &[u8] = b"* OK ready {5}\r\n\
    * 1 FETCH (UID 7 BODY[] {11}\r\nhello\r\n* x\r RFC822.SIZE 3)\r\n\
    * LIST () \"/\" {0}\r\n\r\n\
    + go on\r\n\
    * 2 FETCH (BODY[1] {1+}\r\na BODY[2] ~{2}\r\nbc)\n\
    nonsense\r\n\
    \r\n\
    a12 OK [READ-WRITE] done {3}\r\n";

fn expected() -> Vec<Frame> {
    let raw = |text: &[u8], literals: &[&[u8]]| {
        Frame::Untagged(Raw {
            text: text.to_vec(),
            literals: literals
                .iter()
                .map(|literal| Some(literal.to_vec()))
                .collect(),
            spoiled: false,
        })
    };
    vec![
        raw(b"* OK ready {5}", &[]),
        raw(
            b"* 1 FETCH (UID 7 BODY[] {11}\n RFC822.SIZE 3)",
            &[b"hello\r\n* x\r"],
        ),
        raw(b"* LIST () \"/\" {0}\n", &[b""]),
        Frame::Continuation(b"go on".to_vec()),
        raw(b"* 2 FETCH (BODY[1] {1+}\n BODY[2] ~{2}\n)", &[b"a", b"bc"]),
        Frame::Garbage,
        Frame::Garbage,
        Frame::Tagged {
            tag: "a12".to_owned(),
            text: b"OK [READ-WRITE] done {3}".to_vec(),
        },
    ]
}

#[test]
fn a_session_is_cut_into_responses() {
    assert_eq!(
        all(wire([Some(SESSION.to_vec())], Bounds::default())),
        expected()
    );
}

#[test]
fn cut_at_each_byte_it_is_the_same() {
    for cut in 0..=SESSION.len() {
        let (head, tail) = SESSION.split_at(cut);
        let chunks = [Some(head.to_vec()), None, Some(tail.to_vec())]
            .into_iter()
            .filter(|chunk| chunk.as_ref().is_none_or(|bytes| !bytes.is_empty()));
        assert_eq!(
            all(wire(chunks, Bounds::default())),
            expected(),
            "cut at {cut}"
        );
    }
    let single = SESSION.iter().flat_map(|byte| [Some(vec![*byte]), None]);
    assert_eq!(all(wire(single, Bounds::default())), expected());
}

#[test]
fn ended_at_each_byte_no_response_is_invented() {
    for end in 0..SESSION.len() {
        let frames = all(wire([Some(SESSION[..end].to_vec())], Bounds::default()));
        assert_eq!(frames, expected()[..frames.len()], "ended at {end}");
    }
}

#[test]
fn what_is_too_large_is_read_past() {
    let bounds = Bounds {
        line: 100,
        literal: 10,
    };
    let mut bytes = b"* 1 FETCH (UID 1 BODY[] {20}\r\n01234567890123456789 FLAGS ())\r\n".to_vec();
    bytes.extend_from_slice(b"* SEARCH");
    bytes.extend_from_slice(&b" 12345".repeat(100));
    bytes.extend_from_slice(b" {3}\r\nabc\r\n* 2 EXISTS\r\n");
    let frames = all(wire([Some(bytes)], bounds));
    let [
        Frame::Untagged(fetch),
        Frame::Untagged(search),
        Frame::Untagged(exists),
    ] = frames.as_slice()
    else {
        panic!("{frames:?}");
    };
    assert_eq!(fetch.literals, [None]);
    assert!(!fetch.spoiled && search.spoiled);
    assert!(search.text.len() < 200);
    assert_eq!(exists.text, b"* 2 EXISTS");
}

#[test]
fn a_monstrous_literal_ends_the_connection() {
    for size in ["99999999999", "99999999999999999999999999"] {
        let bytes = format!("* 1 FETCH (BODY[] {{{size}}}\r\nabc").into_bytes();
        let mut wire = wire([Some(bytes)], Bounds::default());
        assert_eq!(wire.next().unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
