//! Letters through the renderer on a thread.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use futures::executor::block_on;

use super::*;

const SETTING: Setting = Setting {
    width: 600.0,
    scale: 1.0,
    dark: false,
};

fn letter(html: &str) -> Arc<Letter> {
    Arc::new(Letter {
        html: html.to_owned(),
        pictures: Vec::new(),
    })
}

fn pixel(tile: &Tile, x: u32, y: u32) -> [u8; 4] {
    let at = ((y * tile.width + x) * 4) as usize;
    tile.rgba[at..at + 4].try_into().unwrap()
}

#[test]
fn a_letter_is_laid_out_painted_and_read() {
    let renderer = Renderer::new(Place::Thread);
    let html = "<body style='margin:0'><div style='background:#ff0000;height:50px'></div>\
                <p>Kính gửi <a href='https://quynhon.gov.vn/'>Sở Nội vụ</a></p>\
                <table><tr><td>1.284</td><td>932</td></tr></table>";
    block_on(async {
        let laid = renderer.open(letter(html), SETTING).await.unwrap();
        assert_eq!(laid.outline.width, 600);
        let words: Vec<_> = laid
            .outline
            .blocks
            .iter()
            .map(|block| block.text.trim())
            .collect();
        assert_eq!(words, ["Kính gửi Sở Nội vụ", "1.284", "932"]);
        assert_eq!(
            laid.outline.text(laid.outline.everything()).trim(),
            "Kính gửi Sở Nội vụ\n1.284\t932"
        );
        let found = laid.outline.find("so noi vu");
        assert_eq!(found.len(), 1);
        let area = laid.outline.areas(found[0])[0];
        let (x, y) = (
            (area.left + area.right) / 2.0,
            (area.top + area.bottom) / 2.0,
        );
        assert_eq!(laid.outline.link_at(x, y), Some("https://quynhon.gov.vn/"));
        assert_eq!(
            laid.outline.words_of("https://quynhon.gov.vn/").as_deref(),
            Some("Sở Nội vụ")
        );
        assert!(area.top > 50.0 && area.left > 30.0);
        let tile = renderer.paint(laid.page, (0, 0), (64, 128)).await.unwrap();
        assert_eq!(pixel(&tile, 10, 10), [255, 0, 0, 255]);
        let below = renderer.paint(laid.page, (0, 40), (64, 64)).await.unwrap();
        assert_eq!(pixel(&below, 10, 5), [255, 0, 0, 255]);
        assert_eq!(
            pixel(&below, 10, 12),
            [255; 4],
            "the page is white where nothing is"
        );
        let text = renderer
            .paint(laid.page, (0, area.top as u32), (400, 24))
            .await
            .unwrap();
        assert!(
            text.rgba.chunks(4).any(|pixel| pixel[0] < 60),
            "letters are painted"
        );
    });
}

#[test]
fn pictures_come_later_and_zoom_and_night_are_new_settings() {
    let renderer = Renderer::new(Place::Thread);
    let mut png = Vec::new();
    image::DynamicImage::ImageRgb8(image::RgbImage::from_pixel(40, 30, image::Rgb([0, 0, 255])))
        .write_to(&mut io::Cursor::new(&mut png), image::ImageFormat::Png)
        .unwrap();
    block_on(async {
        let html =
            "<body style='margin:0;background:#ffffff'><img src='cid:a@b' style='display:block'>x";
        let laid = renderer.open(letter(html), SETTING).await.unwrap();
        let source = Source::Part("a@b".to_owned());
        assert_eq!(laid.pictures[0].source, source);
        let laid = renderer
            .supply(laid.page, vec![(source, png.into())])
            .await
            .unwrap();
        let tile = renderer.paint(laid.page, (0, 0), (64, 64)).await.unwrap();
        assert_eq!(pixel(&tile, 20, 15), [0, 0, 255, 255]);
        assert_eq!(pixel(&tile, 50, 15), [255; 4]);
        let night = Setting {
            scale: 2.0,
            dark: true,
            ..SETTING
        };
        let laid = renderer.set(laid.page, night).await.unwrap();
        assert_eq!(laid.outline.width, 1200);
        let tile = renderer.paint(laid.page, (0, 0), (128, 64)).await.unwrap();
        assert_eq!(
            pixel(&tile, 60, 45),
            [0, 0, 255, 255],
            "pictures stay as they are"
        );
        assert!(pixel(&tile, 100, 30)[0] < 60, "white is dark at night");
        renderer.close(laid.page);
        let gone = renderer.paint(laid.page, (0, 0), (8, 8)).await;
        assert_eq!(gone, Err(Fault::Gone));
    });
}

#[test]
fn too_large_a_letter_is_refused() {
    let renderer = Renderer::new(Place::Thread);
    let html = format!("<table>{}</table>", "<tr><td>x</td></tr>".repeat(40_000));
    let refused = block_on(renderer.open(letter(&html), SETTING));
    assert_eq!(refused.map(|laid| laid.page), Err(Fault::TooLarge));
}

#[test]
fn nothing_in_a_table_is_lost_whatever_its_parts_are_told_to_be() {
    let renderer = Renderer::new(Place::Thread);
    for html in [
        "<table><tr><td style='display:block!important'>một<td style='float:left'>hai</table>",
        "<style>td{display:block}</style><table><tr><td>một<td>hai</table>",
        "<style>tr,td{display:block}</style><table><tr><td>một<tr><td>hai</table>",
        "<style>tbody{display:block}</style><table><tr><td>một<tr><td>hai</table>",
        "<style>table,tbody,tr,td{display:inline-block}</style><table><tr><td>một<tr><td>hai</table>",
        "<table><caption>một</caption><tr><td>hai</table>",
        "<div style='display:table'>một <p>hai</div>",
        "<div style='display:table-row'>một <p>hai</div>",
        "<div style='display:table'><div style='display:table-cell'>một</div><div style='display:table-cell'>hai</div></div>",
        "<div style='display:table-cell'>một</div><div>hai</div>",
    ] {
        let laid = block_on(renderer.open(letter(html), SETTING)).unwrap();
        let text = laid.outline.text(laid.outline.everything());
        assert!(
            text.contains("một") && text.contains("hai"),
            "{html}: {text:?}"
        );
        assert!(laid.outline.height > 15, "{html}");
    }
}

#[test]
fn a_file_is_looked_at_and_one_that_is_no_picture_refused() {
    let renderer = Renderer::new(Place::Thread).another();
    let bmp = [
        &b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0"[..],
        &[0; 24],
        b"\0\0\xff\0",
    ]
    .concat();
    block_on(async {
        let tile = renderer.preview(Arc::from(bmp), (32, 32)).await.unwrap();
        assert_eq!(pixel(&tile, 0, 0), [255, 0, 0, 255]);
        let refused = renderer.preview(Arc::from(&b"MZ"[..]), (32, 32)).await;
        assert_eq!(refused, Err(Fault::Failed));
        let laid = renderer.open(letter("<p>x"), SETTING).await;
        assert!(laid.is_ok(), "it goes on");
    });
}
