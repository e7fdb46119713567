//! How long it takes from a click to a letter: its bytes are taken apart, laid out by a warm renderer in a process of
//! its own, and what the reading pane shows of it first is painted.
//!
//! `cargo bench --bench reading` prints the medians and the worst of a hundred; `--profile dev` with unoptimised code of
//! our own. Not here: reading from the encrypted cache (`--bench encryption`), drawing on the screen.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tcv_domain::mime;
use tcv_rendering::client::{Letter, Place, Renderer};
use tcv_rendering::page::Setting;

const ROUNDS: usize = 100;
/// The reading pane of a window of 1366 × 768.
const PANE: (u32, u32) = (700, 560);
const TILE: u32 = 512;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let program = PathBuf::from(env!("CARGO_BIN_EXE_thucongvu"));
    let renderer = Renderer::new(Place::Process(program, vec!["render-letters".into()]));
    for (name, raw) in [
        ("plain text, 3 KB", message("text/plain", &text(3_000))),
        ("HTML, 4 KB", message("text/html", &newsletter(5))),
        ("newsletter, 50 KB", message("text/html", &newsletter(62))),
        ("newsletter, 300 KB", message("text/html", &newsletter(370))),
    ] {
        let first = time(|| runtime.block_on(shown(&renderer, &raw)));
        let mut rounds: Vec<Duration> = (0..ROUNDS)
            .map(|_| time(|| runtime.block_on(shown(&renderer, &raw))))
            .collect();
        rounds.sort();
        println!(
            "{name:20} {:7} bytes   first {:6.1} ms   median {:6.1} ms   worst {:6.1} ms",
            raw.len(),
            milliseconds(first),
            milliseconds(rounds[ROUNDS / 2]),
            milliseconds(rounds[ROUNDS - 1]),
        );
    }
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// What the window does between the click and the picture.
async fn shown(renderer: &Renderer, raw: &[u8]) {
    let content = mime::parse(raw);
    assert!(!content.blocks.is_empty());
    let Some(document) = mime::document(raw, None) else {
        return;
    };
    let letter = Letter {
        html: document.html,
        pictures: Vec::new(),
    };
    let setting = Setting {
        width: PANE.0 as f32,
        scale: 1.0,
        dark: false,
    };
    let laid = renderer.open(Arc::new(letter), setting).await.unwrap();
    for y in (0..PANE.1).step_by(TILE as usize) {
        for x in (0..PANE.0).step_by(TILE as usize) {
            let width = u16::try_from(TILE.min(PANE.0 - x)).unwrap();
            let tile = renderer
                .paint(laid.page, (x, y), (width, 512))
                .await
                .unwrap();
            assert!(!tile.rgba.is_empty());
        }
    }
    renderer.close(laid.page);
}

fn message(kind: &str, body: &str) -> Vec<u8> {
    format!(
        "From: a@example.vn\r\nTo: b@example.vn\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
         Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}"
    )
    .into_bytes()
}

fn text(length: usize) -> String {
    let sentence =
        "Đề nghị các cơ quan, đơn vị báo cáo kết quả thực hiện trước ngày 25 hằng tháng.\n";
    sentence.repeat(length / sentence.len() + 1)
}

/// A newsletter as they are made: tables in tables, styles on every cell. Each item has some 800 bytes.
fn newsletter(items: usize) -> String {
    let item = "<tr><td style=\"padding:16px 24px;border-bottom:1px solid #e5e8ec\"><table width=\"100%\" cellpadding=\"0\" \
        cellspacing=\"0\" border=\"0\"><tr><td width=\"120\" valign=\"top\"><img src=\"https://example.vn/a.png\" width=\"104\" \
        height=\"78\" alt=\"Ảnh\" style=\"display:block;border-radius:4px\"></td><td valign=\"top\" style=\"font-family:Arial,\
        Helvetica,sans-serif;font-size:14px;line-height:21px;color:#333333\"><a href=\"https://example.vn/tin/1\" style=\"color:\
        #1d5fbf;font-size:17px;font-weight:bold;text-decoration:none\">Một cửa không giấy: hồ sơ đi trước, người dân đi sau</a><br>\
        Phường bố trí tổ công nghệ số hỗ trợ tại nhà cho người cao tuổi; tỷ lệ hồ sơ trực tuyến toàn trình đạt 86,4%.</td></tr>\
        </table></td></tr>";
    format!(
        "<html><head><style>a:hover{{text-decoration:underline}} @media (max-width:600px){{.w{{width:100%!important}}}}</style></head>\
         <body bgcolor=\"#f4f6f9\" style=\"margin:0\"><table width=\"100%\" cellpadding=\"0\" cellspacing=\"0\"><tr><td align=\"center\">\
         <table class=\"w\" width=\"640\" cellpadding=\"0\" cellspacing=\"0\" bgcolor=\"#ffffff\">{}</table></td></tr></table></body></html>",
        item.repeat(items)
    )
}
