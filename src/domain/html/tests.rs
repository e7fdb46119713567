//! Tables for `html`: what is read and what comes out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;

/// One line per block: kind, quotation depth, text with `*strong*`, `/emphasis/`, `{link}`.
fn drawn(blocks: &[Block]) -> Vec<String> {
    blocks.iter().map(draw).collect()
}

fn draw(block: &Block) -> String {
    let kind = match block.kind {
        BlockKind::Paragraph => "P".to_owned(),
        BlockKind::Heading(level) => format!("H{level}"),
        BlockKind::Item(depth) => format!("I{depth}"),
        BlockKind::Row => "R".to_owned(),
        BlockKind::Preformatted => "F".to_owned(),
        BlockKind::Rule => "-".to_owned(),
        BlockKind::Signature => "S".to_owned(),
    };
    let quote = ">".repeat(usize::from(block.quote));
    let mut out = format!("{kind}{quote} ");
    for span in &block.spans {
        let mut text = span.text.clone();
        if span.strong {
            text = format!("*{text}*");
        }
        if span.emphasis {
            text = format!("/{text}/");
        }
        if let Some(link) = &span.link {
            text = format!("{text}{{{link}}}");
        }
        out.push_str(&text);
    }
    out
}

#[track_caller]
fn check(html: &str, expected: &[&str]) {
    assert_eq!(drawn(&readable(html)), expected, "{html}");
}

#[test]
fn paragraphs_and_lines() {
    check("<p>Một\n  hai</p><p>ba", &["P Một hai", "P ba"]);
    check(
        "<div>a</div><div>b</div><div><br></div><div>c</div>",
        &["P a\nb", "P c"],
    );
    check("a<br>b<br><br>c", &["P a\nb", "P c"]);
    check(
        "<p class=MsoNormal>a</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>b",
        &["P a", "P b"],
    );
    check(
        "<p style='margin:0'>a</p><p style='margin:0cm'>b</p>",
        &["P a\nb"],
    );
    check("<div>a<br></div><div>b</div>", &["P a\nb"]);
    check("  x <b> y </b> z ", &["P x *y *z"]);
    check("<span> </span>a<span> </span>b", &["P a b"]);
    check(
        "<div style='white-space:pre-wrap'>a\nb\n\nc</div>",
        &["P a\nb", "P c"],
    );
    check("", &[]);
}

#[test]
fn entities_and_broken_markup() {
    check(
        "&lt;a&gt; &amp; &eacute; &#273; &#x1ebf;&nbsp;x",
        &["P <a> & é đ ế x"],
    );
    check("a < b && c > d", &["P a < b && c > d"]);
    check("<p>a</b></i></div>b<p", &["P ab"]);
    check("<b>a<p>b</b>c</p>", &["P *a*", "P *b*", "P c"]);
    check("a<!-- x --><![if !mso]>b<![endif]>c", &["P abc"]);
    check(
        "<title>no</title><style>p{}</style><script>if(a<b){}</script>yes",
        &["P yes"],
    );
    check("<head><meta charset=utf-8>text", &["P text"]);
}

#[test]
fn headings_lists_rules() {
    check("<h1>A</h1><h4>B</h4>c", &["H1 A", "H3 B", "P c"]);
    check(
        "<ul><li>a<li>b<ol start=3><li>c</li><li><p>d</p><p>e</p></li></ol></ul>f",
        &["I1 • a", "I1 • b", "I2 3. c", "I2 4. d", "P e", "P f"],
    );
    check("a<hr><hr>b<hr>", &["P a", "- ", "P b"]);
    check(
        "a<div style='border:none;border-top:solid #ccc 1pt'>b</div>",
        &["P a", "- ", "P b"],
    );
    check("<ul><li></li><li>a</li></ul>", &["I1 • a"]);
}

#[test]
fn quotations() {
    check(
        "x<blockquote class=gmail_quote>a<blockquote>b</blockquote>c</blockquote>y",
        &["P x", "P> a", "P>> b", "P> c", "P y"],
    );
    check("<blockquote>a</div></blockquote>b", &["P> a", "P b"]);
}

#[test]
fn signatures() {
    check(
        "<p>a</p><div class=moz-signature>-- <br>An<br>VP</div>b",
        &["P a", "S An\nVP", "P b"],
    );
    check("a<div data-marker=__SIG_PRE__>An</div>", &["P a", "S An"]);
}

#[test]
fn tables_of_data_become_rows() {
    check(
        "<table><tr><th>STT<th>Tên<tr><td>1<td>An<br>Bình</table>x",
        &["R *STT*\t*Tên*", "R 1\tAn Bình", "P x"],
    );
    check(
        "<table><tr><td colspan=2>Tổng hợp<tr><td>a<td><p>b</p><p>c</p><tr><td><td>d</table>",
        &["P Tổng hợp", "R a\tb c", "R \td"],
    );
    check(
        "<table><tr><td>a<td></tr><tr><td><td></tr><tr><td>b<td>c</table>",
        &["R a\t", "R b\tc"],
    );
}

#[test]
fn tables_of_layout_dissolve() {
    check(
        "<table><tr><td>a</td></tr><tr><td>b</td></tr></table>",
        &["P a", "P b"],
    );
    check(
        "<table><tr><td><table><tr><td>a<td>b<tr><td>c<td>d</table></td><td>e</td></tr><tr><td>f<td>g</table>",
        &["R a\tb", "R c\td", "P e", "P f", "P g"],
    );
    check(
        "<table role=presentation><tr><td>a<td>b<tr><td>c<td>d</table>",
        &["P a", "P b", "P c", "P d"],
    );
    let prose = "x".repeat(500);
    let html = format!("<table><tr><td>{prose}<td>b<tr><td>c<td>d</table>");
    assert!(
        readable(&html)
            .iter()
            .all(|block| block.kind == BlockKind::Paragraph)
    );
}

#[test]
fn preformatted() {
    check("<pre>\n a  b\n\tc\n</pre>d", &["F  a  b\n\tc", "P d"]);
}

#[test]
fn looks_and_links() {
    check(
        "<a href='https://x.vn'>a <b>b</b></a> <i>c</i>",
        &["P a {https://x.vn}*b*{https://x.vn}/ c/"],
    );
    check("<a href='javascript:alert(1)'>a</a>", &["P a"]);
    check(
        "<b style='font-weight:normal'>a <span style='font-weight:700'>b</span></b>",
        &["P a *b*"],
    );
    check(
        "<a href='https://x.vn/y'><img src=cid:a></a>",
        &["P [x.vn]{https://x.vn/y}"],
    );
}

#[test]
fn hidden_text_is_left_out() {
    for html in [
        "<div style='display:none'>x</div>",
        "<span hidden>x</span>",
        "<div style='max-height:0;overflow:hidden'>x<p>x</p></div>",
        "<div style='font-size:1px'>x</div>",
        "<template>x</template>",
        "<p hidden>x",
    ] {
        check(&format!("{html}<p>y"), &["P y"]);
    }
    // A layout trick: no gaps between the cells, readable text inside.
    check(
        "<td style='font-size:0'><div style='font-size:13px'>y</div></td>",
        &["P y"],
    );
    check("a&#8203;&#847; &zwnj;b", &["P a b"]);
}

#[test]
fn pictures() {
    let read = read(
        "<img alt=Logo src='http://x.vn/a.png'> <img src='CID:a%40b'><img src=//x.vn/t.gif width=1>",
    );
    assert_eq!(drawn(&read.blocks), ["P [Logo]"]);
    assert!(read.remote_images);
    assert_eq!(read.content_ids, ["a@b"]);
    assert!(
        !super::read("<img src=https://x.vn/t.gif width=1 height=1><img src=cid:x>").remote_images
    );
    assert!(super::read("<td background='http://x.vn/b.png'>").remote_images);
}

#[test]
fn hostile_documents() {
    let deep = format!("{}x{}", "<div>".repeat(100_000), "</div>".repeat(100_000));
    check(&deep, &["P x"]);
    let quotes = format!("{}x", "<blockquote>".repeat(100_000));
    assert_eq!(readable(&quotes)[0].quote, u8::MAX);
    let tables = format!("{}x", "<table><tr><td>a".repeat(20_000));
    assert_eq!(readable(&tables).len(), 20_000);
    let stray = format!(
        "{}<p>{}x",
        "<b>".repeat(5_000),
        "</i></td></b>".repeat(20_000)
    );
    assert_eq!(to_text(&readable(&stray)), "x");
}

#[test]
fn tags_with_absurdly_many_attributes_are_skipped() {
    let names = |n: usize| (0..n).map(|i| format!("a{i} ")).collect::<String>();
    let many = names(200_000);
    for html in [
        format!("x<p {many}>y"),
        format!("x<p a='>' {many}>y"),
        format!("x<p {}>y", many.replace(' ', "='>' ")),
        format!("x<p/{}>y", many.replace(' ', "/")),
    ] {
        let text = to_text(&readable(&html));
        assert!(text.starts_with('x') && text.trim_end_matches(['\'', ' ', '>']).ends_with('y'));
    }
    // Ordinary ones are not, nor are long values and long comments.
    check(
        &format!("x<b title='{}>'>y</b>", "a ".repeat(300)),
        &["P x*y*"],
    );
    check(
        &format!("x<!-- {} > > -->y", "a > ".repeat(5_000)),
        &["P xy"],
    );
    check(
        &format!("<style>{}</style>y", "a<b > c ".repeat(5_000)),
        &["P y"],
    );
    check(
        &format!(
            "<img src='data:image/png;base64,{}'>y",
            "ab/".repeat(90_000)
        ),
        &["P y"],
    );
}

#[test]
fn plain_text() {
    let text =
        "Kính gửi:\nCác xã\n\nXem https://x.vn.\n> a\n>> b\n> > c\n>\n> d\n\n-- \nAn\n\nVăn phòng";
    assert_eq!(
        drawn(&plain(text)),
        [
            "P Kính gửi:\nCác xã",
            "P Xem https://x.vn{https://x.vn}.",
            "P> a",
            "P>> b\nc",
            "P> d",
            "S An",
            "S Văn phòng",
        ]
    );
}

#[test]
fn plain_tables_and_rules() {
    assert_eq!(
        drawn(&plain("STT | Tên | Số\n1 | An | 2\n\n-----\nx")),
        ["F STT | Tên | Số\n1 | An | 2", "- ", "P x"]
    );
    assert_eq!(
        plain("Họ tên    Số\nAn        1\nBình      2")[0].kind,
        BlockKind::Preformatted
    );
    assert_eq!(
        plain("Một câu.   Hai\ncâu bình thường\nở đây")[0].kind,
        BlockKind::Paragraph
    );
}

#[test]
fn text_comes_back() {
    let text = "Kính gửi:\nCác xã\n\n> a\n>\n> b\n\n-- \nAn";
    assert_eq!(to_text(&plain(text)), text);
    assert_eq!(
        to_text(&readable("<h1>A</h1><ul><li>a<li>b</ul><hr><p>c")),
        "A\n\n• a\n• b\n\n----------\n\nc"
    );
}
