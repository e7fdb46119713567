//! The names that may stand before a colon, and the values some of them take, in both languages.
//! All are compared folded.

use super::Filter;
use super::Scope;

/// What a name before a colon asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Words in a part of the message.
    Words(Scope),
    /// A state that has a name: `is:unread`, `có:tệp`.
    State,
    /// A folder.
    Folder,
    /// A kind of document.
    Kind,
    /// A document's number.
    Number,
    /// Days.
    During,
    /// Days before.
    Before,
    /// Days from then on.
    Since,
    /// Size at least.
    AtLeast,
    /// Size at most.
    AtMost,
    /// What must not be.
    Not,
}

/// Words a name has at most.
pub const LONGEST_NAME: usize = 3;

const FIELDS: [(Field, &[&str]); 16] = [
    (
        Field::Words(Scope::Sender),
        &["tu", "from", "nguoi gui", "gui tu", "sender"],
    ),
    (
        Field::Words(Scope::Recipient),
        &[
            "den",
            "to",
            "nguoi nhan",
            "gui den",
            "gui cho",
            "cc",
            "bcc",
            "dong gui",
        ],
    ),
    (
        Field::Words(Scope::Subject),
        &[
            "chu de",
            "chude",
            "chu-de",
            "subject",
            "tieu de",
            "tieu-de",
            "trich yeu",
            "trich-yeu",
        ],
    ),
    (
        Field::Words(Scope::Body),
        &["noi dung", "noi-dung", "body", "text"],
    ),
    (
        Field::Words(Scope::FileName),
        &[
            "tep",
            "ten tep",
            "ten-tep",
            "tep dinh kem",
            "dinh kem",
            "filename",
            "file",
            "attachment",
        ],
    ),
    (
        Field::State,
        &["la", "is", "co", "has", "trang thai", "trang-thai"],
    ),
    (
        Field::Folder,
        &["trong", "in", "folder", "thu muc", "thu-muc"],
    ),
    (
        Field::Kind,
        &["loai", "loai van ban", "loai-van-ban", "type", "kind"],
    ),
    (
        Field::Number,
        &["so", "so hieu", "so-hieu", "so van ban", "number", "no"],
    ),
    (
        Field::During,
        &[
            "ngay", "date", "on", "thang", "month", "nam", "year", "quy", "quarter", "tuan",
            "week", "khi", "during",
        ],
    ),
    (
        Field::Before,
        &["truoc", "truoc ngay", "before", "den ngay", "older"],
    ),
    (
        Field::Since,
        &["sau", "sau ngay", "after", "since", "tu ngay", "newer"],
    ),
    (Field::AtLeast, &["lon hon", "lon-hon", "larger", "size"]),
    (Field::AtMost, &["nho hon", "nho-hon", "smaller"]),
    (Field::Not, &["khong", "not", "tru"]),
    (Field::Words(Scope::Anywhere), &["tim", "search"]),
];

/// The field of a folded name.
pub fn field(name: &str) -> Option<Field> {
    FIELDS
        .iter()
        .find(|(_, names)| names.contains(&name))
        .map(|(field, _)| *field)
}

/// Words a state's name has at most.
pub const LONGEST_STATE: usize = 3;

/// The filter of a state's folded name, and whether it must hold.
pub fn state(name: &str) -> Option<(Filter, bool)> {
    let name = name.replace(['-', '_'], " ");
    Some(match name.as_str() {
        "unread" | "chua doc" | "chua xem" | "moi" => (Filter::Unread, true),
        "read" | "da doc" | "da xem" | "seen" => (Filter::Unread, false),
        "flagged" | "starred" | "star" | "flag" | "gan co" | "gan sao" | "sao" | "co"
        | "quan trong" => (Filter::Flagged, true),
        "answered" | "replied" | "da tra loi" | "tra loi" => (Filter::Answered, true),
        "unanswered" | "chua tra loi" => (Filter::Answered, false),
        "attachment" | "attachments" | "file" | "files" | "tep" | "dinh kem" | "tep dinh kem"
        | "file dinh kem" => (Filter::Attachment, true),
        "invitation" | "invite" | "event" | "lich" | "loi moi" | "lich hop" => {
            (Filter::Invitation, true)
        }
        _ => return None,
    })
}

/// States that are understood without a name before them; in quotation marks they are text.
pub const BARE_STATES: [(&str, &str); 2] = [("chưa đọc", "chua doc"), ("gắn cờ", "gan co")];
