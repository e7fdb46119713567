//! Which letter lies where, and the files the letters attach.
//!
//! Not here: the letters themselves, which are `.eml` templates under `letters/`.

use crate::{ADDRESS, AGENCY, COLLEAGUE};

/// A template and its place.
#[derive(Debug)]
pub(crate) struct Entry {
    pub name: &'static str,
    pub account: &'static str,
    pub folder: &'static str,
    /// Separated by spaces.
    pub flags: &'static str,
    pub text: &'static str,
}

macro_rules! letters {
    ($($account:ident / $folder:literal { $($name:literal $flags:literal,)* })*) => {
        &[$($(Entry {
            name: $name,
            account: $account,
            folder: $folder,
            flags: $flags,
            text: include_str!(concat!("../letters/", $name, ".eml")),
        },)*)*]
    };
}

macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_bytes!(concat!("../letters/files/", $name)))),*]
    };
}

pub(crate) const LETTERS: &[Entry] = letters! {
    ADDRESS / "INBOX" {
        "bao-cao-quy-3" "",
        "lich-giao-ban-3" "",
        "cong-dan-giay-chung-nhan" "",
        "giay-moi-truc-tuyen" "\\Seen",
        "du-thao-chuyen-doi-so" "\\Seen",
        "dang-ky-cho-xanh" "\\Seen",
        "quyet-toan" "\\Seen",
        "lua-dao-dung-luong" "",
        "cong-dien-mua-bao" "\\Seen \\Flagged",
        "ban-tin-cchc" "",
        "doanh-nghiep-bien-hieu" "",
        "thu-cu-1258" "\\Seen",
        "tieu-de-bi-cat" "",
        "chuyen-tiep-khen-thuong" "\\Seen",
        "ten-tep-nfd" "\\Seen",
        "gop-y-quy-che-1" "\\Seen",
        "gop-y-quy-che-3" "\\Seen \\Answered",
        "gop-y-quy-che-5" "",
        "khong-gui-duoc" "\\Seen",
        "bieu-mau-nen" "\\Seen",
        "cong-dan-den-duong" "\\Seen \\Answered",
    }
    ADDRESS / "Sent" {
        "lich-giao-ban-2" "\\Seen",
        "gop-y-quy-che-2" "\\Seen",
        "gop-y-quy-che-4" "\\Seen",
        "tra-loi-den-duong" "\\Seen",
        "gui-bao-cao-thang" "\\Seen",
    }
    ADDRESS / "Drafts" {
        "nhap-bao-cao" "\\Seen \\Draft",
    }
    ADDRESS / "Junk" {
        "rac-trung-thuong" "\\Seen",
        "rac-vay-von" "",
    }
    ADDRESS / "Trash" {
        "xoa-moi-hoi-thao" "\\Seen",
        "xoa-nhac-doi-mat-khau" "\\Seen",
    }
    ADDRESS / "Archive" {
        "luu-ke-hoach-45" "\\Seen",
        "luu-cap-hop-thu" "\\Seen",
        "luu-cam-on" "\\Seen",
    }
    ADDRESS / "Công văn đến" {
        "cv-tai-chinh" "\\Seen",
        "cv-y-te" "\\Seen",
        "cv-noi-vu-danh-ba" "\\Seen \\Flagged",
        "cv-hoan-thanh" "\\Seen \\Answered",
    }
    ADDRESS / "Lịch công tác" {
        "lich-giao-ban-1" "\\Seen \\Answered",
        "lich-chu-tich" "\\Seen",
        "lich-truc" "\\Seen",
    }
    ADDRESS / "Giấy mời" {
        "gm-tap-huan" "",
        "gm-khu-pho" "\\Seen",
        "gm-mat-tran" "",
    }
    ADDRESS / "Báo cáo quý III" {
        "q3-kinh-te" "\\Seen",
        "q3-van-hoa" "\\Seen",
        "q3-pvhcc" "\\Seen",
    }
    AGENCY / "INBOX" {
        "vp-snv" "",
        "vp-cong-dan" "",
        "vp-bchqs" "",
        "vp-hoa-lac" "\\Seen",
        "vp-huong-dan" "\\Seen",
    }
    COLLEAGUE / "INBOX" {
        "ttb-lich" "\\Seen \\Answered",
    }
};

pub(crate) const FILES: &[(&str, &[u8])] = files! {
    "ban-chup-don.png"
    "bieu-mau.zip"
    "bieu-trung.png"
    "cong-dien-mua-bao.pdf"
    "cong-van-snv.pdf"
    "de-cuong-bao-cao.docx"
    "du-thao-ke-hoach.docx"
    "giay-moi-truc-tuyen.pdf"
    "lich-giao-ban.xlsx"
    "mau-bao-cao.xlsx"
    "quyet-dinh-khen-thuong.pdf"
    "so-lieu-ho-ngheo.xlsx"
};
