//! Letters of an office by the thousand, the same for the same seed: what benchmarks and tests of size fill mailboxes
//! with. Not here: where they are put ([`crate::MailServers::fill`]).
//!
//! They are shaped like an agency's mail: most short, some with HTML, a few with files; a third answer an earlier
//! one; subjects with document numbers; Vietnamese text in all three transfer encodings.

use std::collections::VecDeque;
use std::fmt::Write as _;

/// Seconds since 1970 of the first letter: 2 January 2023.
const BEGIN: u64 = 1_672_617_600;

/// The last letter lies in November 2026, however many there are.
const SPAN: u64 = 122_000_000;

/// How many letters back an answer may reach.
const MEMORY: usize = 64;

const PEOPLE: [(&str, &str); 12] = [
    ("Nguyễn Văn An", "nva"),
    ("Trần Thị Bình", "ttbinh"),
    ("Lê Hoàng Cường", "lhcuong"),
    ("Phạm Thị Diễm", "ptdiem"),
    ("Đỗ Quốc Đạt", "dqdat"),
    ("Võ Thị Hương Giang", "vthgiang"),
    ("Huỳnh Ngọc Hải", "hnhai"),
    ("Bùi Khánh Hòa", "bkhoa"),
    ("Đặng Thùy Linh", "dtlinh"),
    ("Phan Thanh Nghị", "ptnghi"),
    ("Ủy ban nhân dân phường Quy Nhơn", "ubnd.quynhon"),
    ("Văn phòng Sở Nội vụ", "vanphong.snv"),
];

const SUBJECTS: [&str; 10] = [
    "V/v báo cáo kết quả sử dụng thư điện tử công vụ",
    "Giấy mời họp giao ban tuần",
    "Đề nghị góp ý dự thảo Kế hoạch chuyển đổi số",
    "Thông báo lịch tiếp công dân",
    "Triển khai thực hiện Chỉ thị của Ủy ban nhân dân tỉnh",
    "Kính gửi hồ sơ trình thẩm định",
    "Đôn đốc giải quyết phản ánh, kiến nghị của công dân",
    "Danh sách cán bộ dự tập huấn an toàn thông tin",
    "Xin ý kiến về phân bổ kinh phí",
    "Trả lời Công văn của Sở Thông tin và Truyền thông",
];

const PHRASES: [&str; 24] = [
    "căn cứ Chỉ thị của Chủ tịch Ủy ban nhân dân tỉnh",
    "đề nghị các cơ quan, đơn vị khẩn trương thực hiện",
    "báo cáo kết quả về Sở Nội vụ trước ngày quy định",
    "bảo đảm an toàn, an ninh thông tin trên môi trường mạng",
    "sử dụng hệ thống thư điện tử công vụ trong trao đổi văn bản",
    "không sử dụng hộp thư miễn phí cho công việc của cơ quan",
    "kịp thời trả lời tổ chức, công dân và doanh nghiệp",
    "phân công cán bộ theo dõi, tổng hợp số liệu hằng tháng",
    "hồ sơ gồm tờ trình, dự thảo và các tài liệu kèm theo",
    "cuộc họp diễn ra tại phòng họp số 2, trụ sở Ủy ban",
    "mời đại diện lãnh đạo và chuyên viên phụ trách tham dự",
    "nội dung góp ý gửi bằng văn bản và tệp điện tử",
    "trong quá trình thực hiện nếu có vướng mắc xin liên hệ",
    "đơn vị chủ trì phối hợp với các phòng chuyên môn",
    "rà soát danh mục thủ tục hành chính đang áp dụng",
    "công khai địa chỉ thư điện tử trên cổng thông tin",
    "tiến độ giải ngân vốn đầu tư công còn chậm so với kế hoạch",
    "tổ chức tập huấn kỹ năng số cho cán bộ, công chức",
    "đường truyền số liệu chuyên dùng bị gián đoạn trong buổi sáng",
    "số liệu kỳ này tăng so với cùng kỳ năm trước",
    "giao Văn phòng theo dõi, đôn đốc và báo cáo",
    "xin trân trọng cảm ơn sự phối hợp của quý cơ quan",
    "việc thực hiện quy chế được lồng ghép vào đánh giá cuối năm",
    "đính kèm bảng tổng hợp để các đơn vị đối chiếu",
];

/// A letter as it lies in a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Seconds since 1970, as in its `Date` header.
    pub date: u64,
    /// Whether it was read.
    pub seen: bool,
    /// Whether it is flagged.
    pub flagged: bool,
    /// The message, lines ended by CR LF.
    pub bytes: Vec<u8>,
}

/// A stream of letters, oldest first.
#[derive(Debug)]
pub struct Letters {
    chance: Chance,
    number: u64,
    count: u64,
    /// Subject and Message-ID of letters that may be answered.
    memory: VecDeque<(String, String)>,
}

impl Letters {
    /// `count` letters; equal seeds give equal letters.
    pub fn new(seed: u64, count: usize) -> Self {
        Self {
            chance: Chance(seed.wrapping_mul(2).wrapping_add(0x9E37_79B9_7F4A_7C15) | 1),
            number: 0,
            count: count as u64,
            memory: VecDeque::new(),
        }
    }

    fn letter(&mut self) -> Letter {
        let number = self.number;
        let date = BEGIN + SPAN * number / self.count.max(1) + self.chance.below(30) as u64;
        let id = format!("{number:07}.{:08x}@anthinh.test.gov.vn", self.chance.word());
        let from = PEOPLE[self.chance.below(PEOPLE.len())];
        let to = PEOPLE[self.chance.below(PEOPLE.len())];
        let answered = (!self.memory.is_empty() && self.chance.below(3) == 0)
            .then(|| self.memory[self.chance.below(self.memory.len())].clone());
        let subject = match &answered {
            Some((subject, _)) if subject.starts_with("Re: ") => subject.clone(),
            Some((subject, _)) => format!("Re: {subject}"),
            None => self.subject(number),
        };
        let mut head = format!(
            "Return-Path: <{}@anthinh.test.gov.vn>\r\nReceived: from mail.anthinh.test.gov.vn by mx.test.gov.vn \
             with ESMTPS id {number:x};\r\n\t{date}\r\nDate: {date}\r\nFrom: {} <{}@anthinh.test.gov.vn>\r\n\
             To: {} <{}@quynhon.test.gov.vn>\r\nSubject: {}\r\nMessage-ID: <{id}>\r\n",
            from.1,
            encoded_word(from.0),
            from.1,
            encoded_word(to.0),
            to.1,
            encoded_word(&subject),
            date = rfc5322(date),
        );
        if let Some((_, parent)) = &answered {
            let _ = write!(
                head,
                "In-Reply-To: <{parent}>\r\nReferences: <{parent}>\r\n"
            );
        }
        head.push_str("MIME-Version: 1.0\r\n");
        self.memory.push_back((subject, id));
        if self.memory.len() > MEMORY {
            self.memory.pop_front();
        }
        let body = self.body(number);
        Letter {
            date,
            seen: self.chance.below(5) != 0,
            flagged: self.chance.below(40) == 0,
            bytes: (head + &body).into_bytes(),
        }
    }

    fn subject(&mut self, number: u64) -> String {
        let what = SUBJECTS[self.chance.below(SUBJECTS.len())];
        match self.chance.below(3) {
            0 => format!("{}/SNV-CCHC {what}", number % 9000 + 1),
            1 => format!(
                "{what} tháng {}/{}",
                number % 12 + 1,
                2023 + number * 4 / self.count.max(1)
            ),
            _ => what.to_owned(),
        }
    }

    fn body(&mut self, number: u64) -> String {
        let paragraphs = 2 + self.chance.below(8);
        let text = self.text(paragraphs);
        match self.chance.below(20) {
            0 => self.with_file(&text, number),
            1..5 => with_html(&text),
            5..9 => leaf("plain", "base64", &base64_lines(text.as_bytes())),
            9..15 => leaf("plain", "quoted-printable", &quoted_printable(&text)),
            _ => leaf("plain", "8bit", &text),
        }
    }

    fn text(&mut self, paragraphs: usize) -> String {
        let mut text = String::from("Kính gửi quý cơ quan,\r\n\r\n");
        for _ in 0..paragraphs {
            for index in 0..3 + self.chance.below(4) {
                let phrase = PHRASES[self.chance.below(PHRASES.len())];
                text.push_str(if index == 0 { "- " } else { ";\r\n  " });
                text.push_str(phrase);
            }
            let _ = write!(text, " (mã số {:05}).\r\n\r\n", self.chance.below(100_000));
        }
        text + "Trân trọng./.\r\n"
    }

    fn with_file(&mut self, text: &str, number: u64) -> String {
        let size = 20_000 + self.chance.below(160_000);
        let mut file = b"%PDF-1.4\n".to_vec();
        while file.len() < size {
            file.extend_from_slice(&self.chance.word().to_le_bytes());
        }
        format!(
            "Content-Type: multipart/mixed; boundary=\"m{number}\"\r\n\r\n--m{number}\r\n{}\r\n--m{number}\r\n\
             Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\
             Content-Disposition: attachment; filename*=utf-8''b%C3%A1o%20c%C3%A1o%20{number}.pdf\r\n\r\n{}\
             --m{number}--\r\n",
            leaf("plain", "8bit", text),
            base64_lines(&file),
        )
    }
}

impl Iterator for Letters {
    type Item = Letter;

    fn next(&mut self) -> Option<Letter> {
        if self.number == self.count {
            return None;
        }
        let letter = self.letter();
        self.number += 1;
        Some(letter)
    }
}

/// xorshift64*: small, and the same everywhere.
#[derive(Debug)]
struct Chance(u64);

impl Chance {
    fn word(&mut self) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) as u32
    }

    fn below(&mut self, bound: usize) -> usize {
        self.word() as usize % bound
    }
}

fn leaf(subtype: &str, encoding: &str, body: &str) -> String {
    format!(
        "Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}"
    )
}

fn with_html(text: &str) -> String {
    let html: String = text
        .split("\r\n\r\n")
        .map(|paragraph| format!("<p style=\"margin:0 0 8pt\">{paragraph}</p>\r\n"))
        .collect();
    let html = format!("<html><body><div>{html}</div></body></html>\r\n");
    format!(
        "Content-Type: multipart/alternative; boundary=\"alt\"\r\n\r\n--alt\r\n{}\r\n--alt\r\n{}\r\n--alt--\r\n",
        leaf("plain", "quoted-printable", &quoted_printable(text)),
        leaf("html", "quoted-printable", &quoted_printable(&html)),
    )
}

/// RFC 2047, one word of Base64 for each few letters.
fn encoded_word(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    let words: Vec<String> = letters
        .chunks(16)
        .map(|part| {
            let part: String = part.iter().collect();
            format!("=?UTF-8?B?{}?=", base64(part.as_bytes()))
        })
        .collect();
    words.join("\r\n ")
}

fn quoted_printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for line in text.split("\r\n") {
        let mut width = 0;
        for byte in line.bytes() {
            let plain = (b' '..=b'~').contains(&byte) && byte != b'=';
            if width + if plain { 1 } else { 3 } > 75 {
                out.push_str("=\r\n");
                width = 0;
            }
            if plain {
                out.push(char::from(byte));
                width += 1;
            } else {
                let _ = write!(out, "={byte:02X}");
                width += 3;
            }
        }
        out.push_str("\r\n");
    }
    out
}

fn base64_lines(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 3 / 2);
    for line in bytes.chunks(57) {
        out.push_str(&base64(line));
        out.push_str("\r\n");
    }
    out
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let at = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place)) as usize & 63];
            out.push(if place <= group.len() {
                char::from(digit)
            } else {
                '='
            });
        }
    }
    out
}

/// A date for headers, in Vietnam's time.
fn rfc5322(seconds: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let local = seconds + 7 * 3600;
    let (days, second) = (local / 86_400, local % 86_400);
    // Howard Hinnant's civil-from-days, for days after 1970.
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = (month + 2) % 12;
    let year = era * 400 + year_of_era + u64::from(month < 2);
    format!(
        "{}, {day:02} {} {year} {:02}:{:02}:{:02} +0700",
        DAYS[(days % 7) as usize],
        MONTHS[month as usize],
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_letters() {
        let letters: Vec<Letter> = Letters::new(7, 300).collect();
        assert_eq!(letters, Letters::new(7, 300).collect::<Vec<_>>());
        assert_ne!(letters, Letters::new(8, 300).collect::<Vec<_>>());
        assert!(
            letters
                .windows(2)
                .all(|pair| pair[0].date <= pair[1].date + 30)
        );
    }

    #[test]
    fn dates_and_base64_are_right() {
        assert_eq!(rfc5322(BEGIN), "Mon, 02 Jan 2023 07:00:00 +0700");
        assert_eq!(rfc5322(1_709_164_800), "Thu, 29 Feb 2024 07:00:00 +0700");
        assert_eq!(base64(b"Ab"), "QWI=");
        assert_eq!(base64(b"Abc"), "QWJj");
    }
}
