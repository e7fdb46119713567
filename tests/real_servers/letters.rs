//! Letters as others' programs write them. Not here: letters the program under test writes.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// Subject of [`invitation`].
pub const SUBJECT: &str = "V/v mời họp giao ban, phổ biến Nghị định số 30";
/// Name of its sender.
pub const SENDER: &str = "Trần Thị Bình";
/// First line of its text.
pub const GREETING: &str = "Kính gửi: Các phòng, ban; Ủy ban nhân dân các xã, phường";
/// Name of its attachment.
pub const FILE_NAME: &str = "Kế hoạch.pdf";

/// Every byte there is, in changing neighbourhoods, over an odd length.
pub fn file() -> Vec<u8> {
    (0..70_001_u32)
        .map(|i| ((i.wrapping_mul(i) >> 3) ^ i) as u8)
        .collect()
}

/// A letter from `from`: the subject cut inside a character, the text decomposed (as macOS writes) in quoted-printable,
/// the attachment's name decomposed in RFC 2231 pieces.
pub fn invitation(from: &str) -> Vec<u8> {
    let (head, tail) = SUBJECT.as_bytes().split_at(SUBJECT.find('ờ').unwrap() + 1);
    let word = |bytes: &[u8]| format!("=?utf-8?B?{}?=", BASE64_STANDARD.encode(bytes));
    let text = quoted_printable(&format!(
        "{}\r\n\r\nTrân trọng./.\r\n",
        decomposed(GREETING)
    ));
    let name: String = decomposed(FILE_NAME)
        .bytes()
        .map(|b| format!("%{b:02X}"))
        .collect();
    let (name_0, name_1) = name.split_at(12);
    let lines: Vec<_> = BASE64_STANDARD
        .encode(file())
        .as_bytes()
        .chunks(76)
        .map(|line| String::from_utf8(line.to_vec()).unwrap())
        .collect();
    format!(
        "From: {sender} <{from}>\r\nTo: nva@quynhon.test.gov.vn\r\nSubject: {}\r\n {}\r\n\
         Date: Mon, 23 Nov 2026 08:00:00 +0700\r\nMessage-ID: <moi-hop-1@quynhon.test.gov.vn>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_a\"\r\n\r\n\
         --=_a\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{text}\r\n\
         --=_a\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment;\r\n filename*0*=UTF-8''{name_0};\r\n filename*1*={name_1}\r\n\r\n{}\r\n--=_a--\r\n",
        word(head),
        word(tail),
        lines.join("\r\n"),
        sender = word(SENDER.as_bytes()),
    )
    .into_bytes()
}

/// A short letter with a number, and a text of about `size` bytes.
pub fn numbered(number: usize, size: usize) -> Vec<u8> {
    let line = "Số liệu báo cáo tuần của đơn vị, đề nghị tổng hợp và gửi lại.\r\n";
    format!(
        "From: Văn thư <vanthu@xa.test.gov.vn>\r\nTo: nva@quynhon.test.gov.vn\r\nSubject: =?utf-8?Q?B=C3=A1o_c=C3=A1o?= {number}\r\n\
         Date: Mon, 23 Nov 2026 {:02}:{:02}:00 +0700\r\nMessage-ID: <bao-cao-{number}@xa.test.gov.vn>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nBáo cáo {number}\r\n{}",
        6 + number / 60,
        number % 60,
        line.repeat(size / line.len()),
    )
    .into_bytes()
}

/// The letters this file uses, taken apart into base letters and marks (Unicode NFD).
fn decomposed(text: &str) -> String {
    let parts = [
        ('í', "i\u{301}"),
        ('ử', "u\u{31b}\u{309}"),
        ('á', "a\u{301}"),
        ('ò', "o\u{300}"),
        ('Ủ', "U\u{309}"),
        ('ỷ', "y\u{309}"),
        ('â', "a\u{302}"),
        ('ã', "a\u{303}"),
        ('ư', "u\u{31b}"),
        ('ờ', "o\u{31b}\u{300}"),
        ('ế', "e\u{302}\u{301}"),
        ('ạ', "a\u{323}"),
    ];
    parts.iter().fold(text.to_owned(), |text, (whole, apart)| {
        text.replace(*whole, apart)
    })
}

/// RFC 2045 §6.7, with soft line breaks wherever they fall, inside characters too.
fn quoted_printable(text: &str) -> String {
    let mut out = String::new();
    for line in text.split_inclusive("\r\n") {
        let mut width = 0;
        for byte in line.trim_end_matches("\r\n").bytes() {
            let piece = match byte {
                b' '..=b'<' | b'>'..=b'~' => char::from(byte).to_string(),
                _ => format!("={byte:02X}"),
            };
            if width + piece.len() > 70 {
                out.push_str("=\r\n");
                width = 0;
            }
            width += piece.len();
            out.push_str(&piece);
        }
        out.push_str("\r\n");
    }
    out
}
