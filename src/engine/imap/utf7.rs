//! Mailbox names in IMAP's modified UTF-7 (RFC 3501 §5.1.3). Names the server told are sent back
//! exactly as it wrote them; only what the user names anew is encoded.

use base64::Engine as _;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Base64 with `,` for `/`, no padding, and stray bits at the end forgiven.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &IMAP_MUTF7,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The name as people read it. A name that breaks the rules (raw UTF-8, a lone `&`) stays as it
/// is rather than being lost.
pub(super) fn decode(name: &str) -> String {
    try_decode(name).unwrap_or_else(|| name.to_owned())
}

fn try_decode(name: &str) -> Option<String> {
    let mut decoded = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((plain, shifted)) = rest.split_once('&') {
        decoded.push_str(plain);
        let (code, after) = shifted.split_once('-')?;
        if code.is_empty() {
            decoded.push('&');
        } else {
            let bytes = BASE64.decode(code).ok()?;
            let units: Vec<u16> = bytes
                .chunks_exact(2)
                .filter_map(|pair| Some(u16::from_be_bytes(pair.try_into().ok()?)))
                .collect();
            decoded.push_str(&String::from_utf16(&units).ok()?);
        }
        rest = after;
    }
    decoded.push_str(rest);
    Some(decoded)
}

/// A name, or a level of one, as it goes over the wire.
pub(super) fn encode(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    let mut shifted: Vec<u8> = Vec::new();
    let mut units = [0_u16; 2];
    for character in name.chars() {
        if matches!(character, ' '..='~') {
            shift_back(&mut encoded, &mut shifted);
            encoded.push(character);
            if character == '&' {
                encoded.push('-');
            }
        } else {
            let units = character.encode_utf16(&mut units).iter();
            shifted.extend(units.flat_map(|unit| unit.to_be_bytes()));
        }
    }
    shift_back(&mut encoded, &mut shifted);
    encoded
}

fn shift_back(encoded: &mut String, shifted: &mut Vec<u8>) {
    if !shifted.is_empty() {
        encoded.push('&');
        BASE64.encode_string(&shifted, encoded);
        encoded.push('-');
        shifted.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn names_are_decoded() {
        let table = [
            ("INBOX", "INBOX"),
            ("Th&AbA- &AREA4w- g&Hu0-i", "Thư đã gửi"),
            ("C&APQ-ng v&AQM-n &AREevw-n", "Công văn đến"),
            ("~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"),
            ("A&-B", "A&B"),
            ("&AOI-&-&AOI-", "â&â"),
            ("&APQA4g-/x", "ôâ/x"),
            ("&2D3eAA-", "😀"),
        ];
        for (wire, name) in table {
            assert_eq!(decode(wire), name);
            assert_eq!(encode(name), wire);
        }
    }

    #[test]
    fn broken_names_stay() {
        for name in ["Thư đến", "R&D", "&AGE", "&2D0-", "&&&", "x&!!-"] {
            assert_eq!(decode(name), name);
        }
    }
}
