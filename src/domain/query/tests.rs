//! Tables of what people type, and a search for input that breaks something.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use jiff::civil::{Date, date};

use super::*;

/// A Tuesday.
const TODAY: Date = date(2026, 11, 24);

/// A tree in one line: `&` all, `|` one of, `-` not, `+` joins a phrase, `*` may go on.
fn shown(expr: &Expr) -> String {
    let list = |parts: &[Expr], by: &str| {
        let parts: Vec<String> = parts.iter().map(shown).collect();
        format!("({})", parts.join(by))
    };
    match expr {
        Expr::All(parts) => list(parts, " & "),
        Expr::Any(parts) => list(parts, " | "),
        Expr::Not(inner) => format!("-{}", shown(inner)),
        Expr::Text(term) => {
            let words: Vec<&str> = term.words.iter().map(|word| word.folded.as_str()).collect();
            let scope = match term.scope {
                Scope::Anywhere => String::new(),
                scope => format!("{scope:?}:"),
            };
            format!(
                "{scope}{}{}",
                words.join("+"),
                if term.prefix { "*" } else { "" }
            )
        }
        Expr::Is(Filter::During(days)) => {
            let day = |day: Option<Date>| day.map_or(String::new(), |day| day.to_string());
            format!("{}..{}", day(days.from), day(days.until))
        }
        Expr::Is(Filter::Kind(kind)) => format!("kind:{}", kind.code()),
        Expr::Is(Filter::Folder(name)) => format!("in:{name}"),
        Expr::Is(filter) => format!("{filter:?}"),
    }
}

fn read(input: &str, typing: Typing) -> String {
    parse(input, TODAY, typing)
        .expr
        .as_ref()
        .map(shown)
        .unwrap_or_default()
}

fn check(rows: &[(&str, &str)]) {
    for (input, tree) in rows {
        assert_eq!(read(input, Typing::Finished), *tree, "{input}");
        // The same typed on a Mac.
        let decomposed: String = unicode_normalization::UnicodeNormalization::nfd(*input).collect();
        assert_eq!(read(&decomposed, Typing::Finished), *tree, "NFD {input}");
    }
}

#[test]
fn words_phrases_and_numbers() {
    check(&[
        ("Đề nghị", "(de & nghi)"),
        ("\"báo cáo  quý\"", "bao+cao+quy"),
        ("“Báo cáo” quý", "(bao+cao & quy)"),
        ("45/KH-UBND", "45+kh+ubnd"),
        ("07/CT-UBND", "(07+ct+ubnd | 7+ct+ubnd)"),
        ("7/CT-UBND", "(7+ct+ubnd | 07+ct+ubnd)"),
        ("5598/VPCP-TTĐT", "5598+vpcp+ttdt"),
        ("vpcp-ttdt", "vpcp+ttdt"),
        ("số:07/CT-UBND", "(07+ct+ubnd | 7+ct+ubnd)"),
        ("Số: 12/UBND-VX", "12+ubnd+vx"),
        ("số 123/QĐ-UBND", "123+qd+ubnd"),
        ("số điện thoại", "(so & dien & thoai)"),
        ("nva@binhdinh.gov.vn", "nva+binhdinh+gov+vn"),
        ("ｆｕｌｌ　width", "(full & width)"),
        ("Lê-Lợi", "le+loi"),
        ("ngh*", "ngh*"),
        ("", ""),
        ("  \t ", ""),
    ]);
}

#[test]
fn the_word_being_typed_may_go_on() {
    for (input, tree) in [
        ("báo c", "(bao & c*)"),
        ("báo c ", "(bao & c)"),
        ("\"báo c", "bao+c"),
        ("45/", "45"),
        ("45/k", "45+k*"),
        ("từ:la", "Sender:la*"),
        ("báo -c", "(bao & -c*)"),
    ] {
        assert_eq!(read(input, Typing::Ongoing), tree, "{input}");
    }
}

#[test]
fn fields_in_both_languages_with_and_without_marks() {
    for input in [
        "from:lan to:\"van phong\" subject:hop has:attachment is:unread lich",
        "từ:Lan đến:“Văn phòng” chủ đề:họp có:tệp là:chưa-đọc lịch",
        "TU:lan DEN:\"văn phòng\" Chu De:HỌP co:tep la:chua doc lịch",
        "Từ: Lan Đến: \"Văn Phòng\" tiêu đề: họp có: tệp là: chưa đọc lịch",
        "người gửi:lan người nhận:\"van phong\" trích yếu:hop có:tệp-đính-kèm chưa đọc lich",
    ] {
        check(&[(
            input,
            "(Sender:lan & Recipient:van+phong & Subject:hop & Attachment & Unread & lich)",
        )]);
    }
    check(&[
        ("tệp:phụ-lục.pdf", "FileName:phu+luc+pdf"),
        ("filename:pdf", "FileName:pdf"),
        ("trong:\"Hộp thư đến\" họp", "(in:hop thu den & hop)"),
        ("in:inbox", "in:inbox"),
        ("gắn cờ", "Flagged"),
        ("gan co họp", "(Flagged & hop)"),
        ("\"chưa đọc\"", "chua+doc"),
        ("chưa đòc", "(chua & doc)"),
        ("is:read", "-Unread"),
        ("loại:QĐ", "kind:QĐ"),
        ("loại:quyết định ubnd", "(kind:QĐ & ubnd)"),
        ("loai:hd", "(kind:HD | kind:HĐ)"),
        ("loại:\"giấy mời\"", "kind:GM"),
        ("loại:gì", "gi"),
        ("lớn hơn:5MB", "AtLeast(5242880)"),
        ("nội dung:họp", "Body:hop"),
        ("từ:(lan hoặc minh)", "(Sender:lan | Sender:minh)"),
    ]);
}

#[test]
fn what_is_no_field_is_text() {
    check(&[
        ("V/v: mời họp", "(v+v & moi & hop)"),
        ("07:30", "07+30"),
        ("https://a.vn", "https+a+vn"),
        ("có:gì", "gi"),
        ("foo:bar", "foo+bar"),
        ("từ: \"\" -- * ( )", ""),
        ("từ:", ""),
        ("từ: hoặc họp", "hop"),
    ]);
}

#[test]
fn negation_or_and_brackets() {
    check(&[
        ("họp -hoãn", "(hop & -hoan)"),
        ("họp không:hoãn", "(hop & -hoan)"),
        ("họp NOT hoãn", "(hop & -hoan)"),
        ("-từ:lan họp", "(-Sender:lan & hop)"),
        ("-\"giấy mời\"", "-giay+moi"),
        ("--họp", "hop"),
        ("- họp", "hop"),
        ("họp -", "hop"),
        ("báo cáo hoặc kế hoạch", "((bao & cao) | (ke & hoach))"),
        ("báo cáo OR kế hoạch", "((bao & cao) | (ke & hoach))"),
        ("a or b", "(a & or & b)"),
        ("a | b | c", "(a | b | c)"),
        ("a (b OR c)", "(a & (b | c))"),
        ("a -(b OR c)", "(a & -(b | c))"),
        ("(a b) OR c", "((a & b) | c)"),
        ("a AND b", "(a & b)"),
        ("a OR", "a"),
        ("OR a", "a"),
        ("OR", "or"),
        ("hoặc", "hoac"),
        ("NOT", "not"),
        ("((a", "a"),
        ("a))", "a"),
        ("UBND (tỉnh)", "(ubnd & tinh)"),
        ("NEAR(d", "near+d"),
    ]);
    assert_eq!(read("-(-a)", Typing::Finished), "a");
}

#[test]
fn days_in_both_languages() {
    check(&[
        ("hôm nay", "2026-11-24..2026-11-25"),
        ("hom qua", "2026-11-23..2026-11-24"),
        ("yesterday", "2026-11-23..2026-11-24"),
        ("hôm kia", "2026-11-22..2026-11-23"),
        ("tuần này", "2026-11-23..2026-11-30"),
        ("tuần trước", "2026-11-16..2026-11-23"),
        ("last week", "2026-11-16..2026-11-23"),
        ("tháng trước", "2026-10-01..2026-11-01"),
        ("tháng này", "2026-11-01..2026-12-01"),
        ("quý này", "2026-10-01..2027-01-01"),
        ("quý trước", "2026-07-01..2026-10-01"),
        ("năm ngoái", "2025-01-01..2026-01-01"),
        ("năm nay", "2026-01-01..2027-01-01"),
        ("tháng 8/2026", "2026-08-01..2026-09-01"),
        ("thang 8 nam 2026", "2026-08-01..2026-09-01"),
        ("tháng 12", "2025-12-01..2026-01-01"),
        ("tháng 8", "2026-08-01..2026-09-01"),
        ("quý 3/2026", "2026-07-01..2026-10-01"),
        ("quý III năm 2026", "2026-07-01..2026-10-01"),
        ("năm 2026", "2026-01-01..2027-01-01"),
        ("ngày 5/8/2026", "2026-08-05..2026-08-06"),
        ("ngày 05 tháng 8 năm 2026", "2026-08-05..2026-08-06"),
        ("5/8/2026", "2026-08-05..2026-08-06"),
        ("2026-08-05", "2026-08-05..2026-08-06"),
        ("august 2026", "2026-08-01..2026-09-01"),
        ("từ ngày 1/8 đến 15/8", "2026-08-01..2026-08-16"),
        ("từ ngày 1 đến ngày 15/8/2026", "2026-08-01..2026-08-16"),
        ("từ 1/12 đến 15/1", "2025-12-01..2026-01-16"),
        ("từ tháng 3 đến tháng 5/2026", "2026-03-01..2026-06-01"),
        ("from 2026-08-01 to 2026-08-15", "2026-08-01..2026-08-16"),
        ("từ ngày 1/8", "2026-08-01.."),
        ("trước ngày 1/8/2026", "..2026-08-01"),
        ("7 ngày qua", "2026-11-18..2026-11-25"),
        ("last 2 weeks", "2026-11-11..2026-11-25"),
        ("trước:2026-08", "..2026-08-01"),
        ("before:2026-08-15", "..2026-08-15"),
        ("sau:2026-08", "2026-08-01.."),
        ("since:1/8", "2026-08-01.."),
        ("ngày:5/8/2026", "2026-08-05..2026-08-06"),
        ("ngày: hôm qua", "2026-11-23..2026-11-24"),
        ("tháng:8/2026", "2026-08-01..2026-09-01"),
        ("tháng:8", "2026-08-01..2026-09-01"),
        ("năm:2026", "2026-01-01..2027-01-01"),
        ("quý:3/2026", "2026-07-01..2026-10-01"),
        ("tuần:trước", "2026-11-16..2026-11-23"),
        ("date:2026-08-01..2026-08-15", "2026-08-01..2026-08-16"),
        ("từ:1/8/2026 đến:15/8/2026", "(2026-08-01.. & ..2026-08-16)"),
        ("trước:\"hôm qua\"", "..2026-11-23"),
        ("ngày:xyz", "xyz"),
    ]);
}

#[test]
fn what_only_looks_like_days_is_text() {
    check(&[
        ("tuấn trước", "(tuan & truoc)"),
        ("tháng 13", "(thang & 13)"),
        ("ngày 32/1/2026", "(ngay & 32+1+2026)"),
        ("30/2/2026", "30+2+2026"),
        ("từ lan đến minh", "(tu & lan & den & minh)"),
        ("từ 1 đến 5", "(tu & 1 & den & 5)"),
        ("năm cũ", "(nam & cu)"),
        ("quý khách", "(quy & khach)"),
        ("7 ngày phép", "(7 & ngay & phep)"),
        ("\"hôm qua\"", "hom+qua"),
    ]);
}

#[test]
fn a_date_beside_words_may_stand_in_the_text() {
    check(&[
        (
            "báo cáo tháng 8/2026",
            "(bao & cao & (2026-08-01..2026-09-01 | thang+8+2026 | thang+8+nam+2026 \
             | thang+08+2026 | thang+08+nam+2026))",
        ),
        ("họp hôm qua", "(hop & 2026-11-23..2026-11-24)"),
        (
            "từ:lan tháng 8/2026",
            "(Sender:lan & 2026-08-01..2026-09-01)",
        ),
    ]);
    let tree = read("số 123/QĐ-UBND ngày 5/8/2026", Typing::Finished);
    assert!(
        tree.starts_with("(123+qd+ubnd & (2026-08-05..2026-08-06 | "),
        "{tree}"
    );
    assert!(
        tree.contains("05+thang+8+nam+2026") && tree.contains("5+8+2026"),
        "{tree}"
    );
}

#[test]
fn marks_are_remembered() {
    let query = parse("đề nghi HOÀ", TODAY, Typing::Finished);
    let exact: Vec<_> = query
        .wanted()
        .iter()
        .map(|term| term.words[0].exact.clone())
        .collect();
    assert_eq!(
        exact,
        [Some("đê1".to_owned()), None, Some("hoa1".to_owned())]
    );
}

#[test]
fn places_are_those_of_the_marked_text() {
    for (typed, text, found) in [
        ("de nghi", "Kính Đề Nghị các đơn vị", &["Đề", "Nghị"][..]),
        ("\"de nghi\"", "Kính Đề Nghị; nghị", &["Đề Nghị"]),
        ("ngh", "nghị, Nghiệp", &["ngh", "Ngh"]),
        ("nghi", "Nghi\u{323}", &["Nghi\u{323}"]),
        ("ubnd", "Số 7/CT-UBND", &["UBND"]),
        ("ct-ub", "Số 7/CT-UBND", &["CT-UB"]),
        ("-nghị đề", "đề nghị", &["đề"]),
        ("có:tệp", "có tệp", &[]),
    ] {
        let query = parse(typed, TODAY, Typing::Ongoing);
        let shown: Vec<&str> = places(&query, text)
            .into_iter()
            .map(|at| &text[at])
            .collect();
        assert_eq!(shown, found, "{typed}");
    }
}

#[test]
fn a_snippet_shows_where_most_was_found() {
    let filler = "Nội dung khác. ".repeat(40);
    let text = format!("Họp.\n{filler}\r\n\r\nCuộc  họp\n giao ban tuần. {filler}");
    let query = parse("hop giao ban", TODAY, Typing::Finished);
    let line = snippet(&query, &text).unwrap();
    let found: Vec<&str> = line.found.iter().map(|at| &line.text[at.clone()]).collect();
    assert_eq!(found, ["họp", "giao", "ban"], "{}", line.text);
    assert!(
        line.text.starts_with("… ") && line.text.ends_with(" …"),
        "{}",
        line.text
    );
    assert!(line.text.contains("Cuộc họp giao ban"), "{}", line.text);
    assert_eq!(snippet(&query, "không có gì"), None);
    let whole = snippet(&query, "Họp").unwrap();
    assert_eq!(whole.text, "Họp");
    assert_eq!(whole.found.first(), Some(&(0..5)));
}

/// Numbers that look like chance but are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

fn check_words(expr: &Expr) {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => {
            assert!(parts.len() > 1);
            parts.iter().for_each(check_words);
        }
        Expr::Not(inner) => check_words(inner),
        Expr::Text(term) => {
            assert!(!term.words.is_empty());
            for word in &term.words {
                assert!(word.folded.chars().any(char::is_alphanumeric), "{word:?}");
                assert!(
                    !word.folded.contains(['"', '*', '(', ')', ':', ' ', '-']),
                    "{word:?}"
                );
            }
        }
        Expr::Is(_) => {}
    }
}

#[test]
fn nothing_typed_breaks_it() {
    const PIECES: [&str; 48] = [
        "từ",
        "từ:",
        "đến:",
        "có:",
        "là:",
        "loại:",
        "số:",
        "trong:",
        "trước:",
        "sau:",
        "ngày",
        "tháng",
        "năm",
        "quý",
        "hoặc",
        "OR",
        "NOT",
        "không:",
        "-",
        "(",
        ")",
        "\"",
        "”",
        "*",
        " ",
        " ",
        " ",
        "  ",
        "8",
        "2026",
        "5/8",
        "1/8/2026",
        "31/2/2026",
        "đến",
        "tuần",
        "trước",
        "tệp",
        "e\u{309}",
        "\u{301}",
        "½",
        "ﷺ",
        "\u{0}",
        "：",
        "07/CT-UBND",
        "\u{200b}",
        "9999999",
        "日本",
        "..",
    ];
    let mut dice = Dice(7);
    for _ in 0..30_000 {
        let length = dice.roll(12);
        let input: String = (0..length)
            .map(|_| PIECES[dice.roll(PIECES.len())])
            .collect();
        for typing in [Typing::Ongoing, Typing::Finished] {
            let query = parse(&input, TODAY, typing);
            if let Some(expr) = &query.expr {
                check_words(expr);
            }
            for place in places(&query, &input) {
                assert!(input.get(place).is_some(), "{input}");
            }
            let _ = snippet(&query, &input);
        }
    }
    let deep = "(".repeat(100_000);
    let _ = parse(&deep, TODAY, Typing::Finished);
    let _ = parse(&"-".repeat(100_000), TODAY, Typing::Finished);
    let _ = parse(&"a OR ".repeat(100_000), TODAY, Typing::Finished);
    let _ = parse(&"không:".repeat(100_000), TODAY, Typing::Finished);
}
