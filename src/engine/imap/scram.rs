//! SCRAM-SHA-256 (RFC 5802, RFC 7677), the client's side: proves that we know the password
//! without sending it, and has the server prove the same.
//!
//! No channel binding: `n,,` says so. What goes over the wire is Base64 there, clear here; that
//! is the business of `sasl`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A server that asks for more rounds than this wants our time, not our proof. RFC 7677 asks for
/// 4096 at least; servers use up to some 100,000.
const MOST_ROUNDS: u32 = 2_000_000;

/// "No channel binding, no other identity", and the same in Base64.
const GS2_HEADER: &str = "n,,";
const GS2_BASE64: &str = "biws";

type Key = Zeroizing<[u8; 32]>;

/// An exchange under way.
pub(super) struct Scram {
    password: Zeroizing<String>,
    first_bare: String,
    nonce: String,
    stage: Stage,
}

enum Stage {
    First,
    /// The proof is given; the server's signature has to be this one.
    Proven(Box<Hmac<Sha256>>),
    Verified,
}

impl Scram {
    /// Begins for a login name and password. `nonce`: printable ASCII without comma, never used
    /// before.
    pub(super) fn new(login: &str, password: &str, nonce: String) -> Self {
        let name = prepared(login).replace('=', "=3D").replace(',', "=2C");
        Self {
            password: prepared(password),
            first_bare: format!("n={name},r={nonce}"),
            nonce,
            stage: Stage::First,
        }
    }

    /// The first message.
    pub(super) fn first(&self) -> String {
        format!("{GS2_HEADER}{}", self.first_bare)
    }

    /// Answers a message of the server.
    ///
    /// # Errors
    /// Why the server's message is not to be answered: it is malformed, or the server does not
    /// know the password either.
    pub(super) fn answer(&mut self, message: &str) -> Result<String, &'static str> {
        match std::mem::replace(&mut self.stage, Stage::First) {
            Stage::First => self.prove(message),
            Stage::Proven(expected) => {
                verify(message, *expected)?;
                self.stage = Stage::Verified;
                Ok(String::new())
            }
            Stage::Verified => Err("the server went on after the end of SCRAM"),
        }
    }

    /// Whether the server has asked for a proof, so that its refusal is about the password.
    pub(super) fn is_proven(&self) -> bool {
        !matches!(self.stage, Stage::First)
    }

    /// Whether the server has proved that it knows the password.
    pub(super) fn is_verified(&self) -> bool {
        matches!(self.stage, Stage::Verified)
    }

    /// `r=…,s=…,i=…` → `c=biws,r=…,p=…`.
    fn prove(&mut self, server_first: &str) -> Result<String, &'static str> {
        const MALFORMED: &str = "the server's SCRAM challenge cannot be read";
        let mut fields = server_first.split(',');
        let mut next = |name: &str| fields.next()?.strip_prefix(name)?.strip_prefix('=');
        // `m=` first would be an extension that must be understood: it is not.
        let nonce = next("r").ok_or(MALFORMED)?;
        let salt = next("s").and_then(|salt| STANDARD.decode(salt).ok());
        let rounds = next("i").and_then(|rounds| rounds.parse().ok());
        let (Some(salt), Some(rounds @ 1..)) = (salt, rounds) else {
            return Err(MALFORMED);
        };
        if !(nonce.starts_with(&self.nonce) && nonce.len() > self.nonce.len()) {
            return Err("the server's SCRAM challenge is not for us");
        }
        if rounds > MOST_ROUNDS {
            return Err("the server asks for too many rounds of SCRAM");
        }
        let salted = salted(self.password.as_bytes(), &salt, rounds);
        let final_bare = format!("c={GS2_BASE64},r={nonce}");
        let messages = format!("{},{server_first},{final_bare}", self.first_bare);
        let client_key = hmac(&*salted, &[b"Client Key"]);
        let stored_key: [u8; 32] = Sha256::digest(*client_key).into();
        let mut proof = client_key;
        let signature = hmac(&stored_key, &[messages.as_bytes()]);
        xor(&mut proof, &signature);
        let server_key = hmac(&*salted, &[b"Server Key"]);
        let signed = keyed(&*server_key).chain_update(messages.as_bytes());
        self.stage = Stage::Proven(Box::new(signed));
        Ok(format!("{final_bare},p={}", STANDARD.encode(*proof)))
    }
}

/// `v=…`, compared in a time that tells nothing.
fn verify(server_final: &str, expected: Hmac<Sha256>) -> Result<(), &'static str> {
    let value = server_final.split(',').next().unwrap_or_default();
    value
        .strip_prefix("v=")
        .and_then(|signature| STANDARD.decode(signature).ok())
        .filter(|signature| expected.verify_slice(signature).is_ok())
        .map(drop)
        .ok_or("the server does not prove that it knows the password")
}

/// PBKDF2 with one block (RFC 5802 §2.2, `Hi`).
fn salted(password: &[u8], salt: &[u8], rounds: u32) -> Key {
    let mut sum = hmac(password, &[salt, &1_u32.to_be_bytes()]);
    let mut last = sum.clone();
    let keyed = keyed(password);
    for _ in 1..rounds {
        let round = keyed.clone().chain_update(*last).finalize();
        last = Zeroizing::new(round.into_bytes().into());
        xor(&mut sum, &last);
    }
    sum
}

fn hmac(key: &[u8], pieces: &[&[u8]]) -> Key {
    let mut mac = keyed(key);
    for piece in pieces {
        mac.update(piece);
    }
    Zeroizing::new(mac.finalize().into_bytes().into())
}

/// A key as RFC 2104 §2 wants it: filled up to a block, or hashed first where it is longer.
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0; 64]);
    let hashed: [u8; 32];
    let key = if key.len() > block.len() {
        hashed = Sha256::digest(key).into();
        &hashed
    } else {
        key
    };
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    Hmac::new((&*block).into())
}

fn xor(into: &mut Key, other: &Key) {
    for (a, b) in into.iter_mut().zip(other.iter()) {
        *a ^= b;
    }
}

/// SASLprep (RFC 4013) as far as it changes what people type: one form of each letter, one kind
/// of space, nothing invisible. What it forbids is left to the server's judgement.
fn prepared(text: &str) -> Zeroizing<String> {
    let invisible = |c: char| {
        matches!(c, '\u{ad}' | '\u{34f}' | '\u{1806}' | '\u{180b}'..='\u{180d}'
            | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
    };
    let space = |c: char| match c {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            ' '
        }
        other => other,
    };
    let kept = text.chars().filter(|c| !invisible(*c)).map(space);
    // Room ahead, so that no copy is left behind by growing.
    let mut prepared = Zeroizing::new(String::with_capacity(text.len() * 3));
    prepared.extend(kept.nfkc());
    prepared
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// The exchange of RFC 7677 §3.
    const NONCE: &str = "rOprNGfwEbeRWgbNEkqO";
    const SERVER_FIRST: &str = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
        s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    const SERVER_FINAL: &str = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    fn begun() -> Scram {
        Scram::new("user", "pencil", NONCE.to_owned())
    }

    #[test]
    fn the_example_of_the_rfc() {
        let mut scram = begun();
        assert_eq!(scram.first(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        assert!(!scram.is_proven());
        assert_eq!(
            scram.answer(SERVER_FIRST).unwrap(),
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
             p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        assert!(scram.is_proven() && !scram.is_verified());
        assert_eq!(scram.answer(SERVER_FINAL).unwrap(), "");
        assert!(scram.is_verified());
        assert!(scram.answer(SERVER_FINAL).is_err());
    }

    #[test]
    fn a_server_that_does_not_know_the_password_is_found_out() {
        let other = Scram::new("user", "pencils", NONCE.to_owned());
        for (mut scram, last) in [
            (other, SERVER_FINAL),
            (begun(), "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5="),
            (begun(), "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95A=="),
            (begun(), "v=6rri"),
            (begun(), "v="),
            (begun(), "e=invalid-proof"),
            (begun(), ""),
        ] {
            scram.answer(SERVER_FIRST).unwrap();
            assert!(scram.answer(last).is_err(), "{last}");
            assert!(!scram.is_verified());
        }
    }

    #[test]
    fn challenges_that_are_not_ours_are_not_answered() {
        for challenge in [
            "",
            "r=rOprNGfwEbeRWgbNEkqO,s=W22Z,i=4096",
            "r=other,s=W22Z,i=4096",
            "m=x,r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=4096",
            "r=rOprNGfwEbeRWgbNEkqOx,s=?,i=4096",
            "r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=0",
            "r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=-1",
            "r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=4000000000",
            "r=rOprNGfwEbeRWgbNEkqOx,s=W22Z",
            "r=rOprNGfwEbeRWgbNEkqOx,i=4096,s=W22Z",
        ] {
            let mut scram = begun();
            assert!(scram.answer(challenge).is_err(), "{challenge}");
            assert!(!scram.is_proven());
        }
    }

    #[test]
    fn names_and_passwords_are_prepared() {
        assert_eq!(
            Scram::new("a=b,c", "x", "N".into()).first(),
            "n,,n=a=3Db=2Cc,r=N"
        );
        // Typed on one system in pieces, on another whole.
        assert_eq!(
            *prepared("bi\u{301} ma\u{302}\u{323}t"),
            *prepared("bí mật")
        );
        assert_eq!(*prepared("I\u{ad}X"), "IX");
        assert_eq!(*prepared("\u{aa}\u{2168}"), "aIX");
        assert_eq!(*prepared("a\u{a0}b"), "a b");
    }
}
