//! Attacks put together at random, sanitised, and what comes out read again by a tree builder (html5ever's, which the
//! sanitiser does not use): whatever the tree holds must be on a list here, kept apart from the sanitiser's own.
#![allow(clippy::unwrap_used, clippy::panic)]

use cssparser::{ParseError, Parser, Token};
use html5ever::tendril::TendrilSink as _;
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{ParseOpts, ns, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

use super::sanitise;
use super::tests::ATTACKS;

/// Documents tried.
const DOCUMENTS: u64 = 4_000;

/// Elements that do nothing but be shown.
const ELEMENTS: &str = " a abbr acronym address article aside b bdi bdo big blockquote body br caption center cite code \
    col colgroup dd del details dfn dir div dl dt em fieldset figcaption figure font footer h1 h2 h3 h4 h5 h6 head \
    header hr html i img ins kbd label legend li main mark menu nav nobr ol p pre q s samp section small span strike \
    strong style sub summary sup table tbody td tfoot th thead time tr tt u ul var ";

/// Attributes that name no address, or one that is looked at here.
const ATTRIBUTES: &str = " class id dir lang start type value reversed marginwidth marginheight leftmargin topmargin \
    rules style colspan rowspan span border p href src width height hspace vspace ";

/// Signs between which parsers have been confused.
const GLUE: [&str; 48] = [
    "<",
    ">",
    "\"",
    "'",
    "=",
    "/",
    " ",
    "\n",
    "\0",
    "`",
    "&",
    ";",
    "<!--",
    "-->",
    "--!>",
    "<!-->",
    "<![CDATA[",
    "]]>",
    "<?",
    "</",
    "<p ",
    "</p>",
    "<style>",
    "</style>",
    "<svg>",
    "</svg>",
    "<math>",
    "<mtext>",
    "<table>",
    "</table>",
    "<select>",
    "<template>",
    "</template>",
    "<title>",
    "</title>",
    "<noscript>",
    "</noscript>",
    "<a href=\"",
    " style=\"",
    " src=",
    "&#x3c;",
    "&lt",
    "&quot;",
    "\\",
    "/*",
    "*/",
    "javascript:",
    "url(",
];

/// Numbers that look random and are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        // Knuth's multiplier; the upper half is the better one.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    /// Some piece of an attack, cut anywhere.
    fn piece(&mut self) -> &'static str {
        let attack = ATTACKS[self.below(ATTACKS.len())];
        if self.below(3) == 0 {
            return attack;
        }
        let cut = attack.floor_char_boundary(self.below(attack.len() + 1));
        let (head, tail) = attack.split_at(cut);
        if self.below(2) == 0 { head } else { tail }
    }

    fn document(&mut self) -> String {
        let mut document = String::new();
        for _ in 0..2 + self.below(8) {
            match self.below(2) {
                0 => document.push_str(self.piece()),
                _ => document.push_str(GLUE[self.below(GLUE.len())]),
            }
        }
        document
    }
}

/// What a tree holds that it must not, if anything.
fn harm(node: &Handle) -> Option<String> {
    if let NodeData::Element { name, attrs, .. } = &node.data {
        let element = name.local.to_string();
        if name.ns != ns!(html) || !ELEMENTS.contains(&format!(" {element} ")) {
            return Some(format!("<{element}>"));
        }
        for attribute in attrs.borrow().iter() {
            let (key, value) = (
                attribute.name.local.to_string(),
                attribute.value.to_string(),
            );
            let fine = match key.as_str() {
                "href" => ["http://", "https://", "mailto:", "tel:"]
                    .iter()
                    .any(|scheme| value.to_ascii_lowercase().starts_with(scheme)),
                "src" => value.starts_with("picture:"),
                "style" => !loads(&value),
                key => ATTRIBUTES.contains(&format!(" {key} ")),
            };
            if !fine {
                return Some(format!("<{element} {key}={value:?}>"));
            }
        }
        if element == "style" {
            let children = node.children.borrow();
            let style: String = children.iter().map(text).collect();
            if loads(&style) {
                return Some(style);
            }
        }
    }
    node.children.borrow().iter().find_map(harm)
}

fn text(node: &Handle) -> String {
    match &node.data {
        NodeData::Text { contents } => contents.borrow().to_string(),
        _ => String::new(),
    }
}

/// Whether a style names anything but pictures by number, or defines what others use.
fn loads(style: &str) -> bool {
    fn any(parser: &mut Parser<'_>) -> bool {
        while let Ok(token) = parser.next() {
            let token = token.clone();
            let here = match &token {
                Token::UnquotedUrl(_) => true,
                Token::AtKeyword(name) => {
                    !["media", "supports"].contains(&&*name.to_ascii_lowercase())
                }
                Token::Function(name) if name.eq_ignore_ascii_case("url") => {
                    let address: Result<_, ParseError<()>> =
                        parser.parse_nested_block(|inner| Ok(inner.expect_string_cloned()?));
                    !address.is_ok_and(|address| address.starts_with("picture:"))
                }
                Token::Function(name) => {
                    let name = name.to_ascii_lowercase();
                    let runs = [
                        "expression",
                        "image-set",
                        "element",
                        "cross-fade",
                        "src",
                        "image",
                    ];
                    runs.iter().any(|bad| name.ends_with(bad)) || inside(parser)
                }
                Token::ParenthesisBlock | Token::SquareBracketBlock | Token::CurlyBracketBlock => {
                    inside(parser)
                }
                _ => false,
            };
            if here {
                return true;
            }
        }
        false
    }
    fn inside(parser: &mut Parser<'_>) -> bool {
        let found: Result<bool, ParseError<()>> = parser.parse_nested_block(|inner| Ok(any(inner)));
        found.unwrap_or_default()
    }
    any(&mut Parser::new(style))
}

/// The tree a browser would build, with scripts on or off: `noscript` is read differently.
fn tree(html: &str, scripting_enabled: bool) -> RcDom {
    let tree_builder = TreeBuilderOpts {
        scripting_enabled,
        ..TreeBuilderOpts::default()
    };
    let options = ParseOpts {
        tree_builder,
        ..ParseOpts::default()
    };
    parse_document(RcDom::default(), options).one(html)
}

fn judge(document: &str) {
    let clean = sanitise(document, &|_| true);
    for scripts in [true, false] {
        let tree = tree(&clean.html, scripts);
        if let Some(harm) = harm(&tree.document) {
            panic!("{document}\n→ {}\nholds {harm}", clean.html);
        }
    }
    assert!(!loads(&clean.hints), "{document}\n→ {}", clean.hints);
}

#[test]
fn attacks_put_together_at_random_leave_no_harmful_tree() {
    for attack in ATTACKS {
        judge(attack);
    }
    let mut chance = Chance(20_120_813);
    for _ in 0..DOCUMENTS {
        judge(&chance.document());
    }
}

/// The judge is no fool: it sees what the sanitiser is there to take away.
#[test]
fn what_is_not_sanitised_is_found() {
    for harmful in [
        "<script>alert(1)</script>",
        "<p onclick=alert(1)>",
        "<a href=javascript:alert(1)>x</a>",
        "<img src=http://evil.example/1>",
        "<svg><circle/></svg>",
        "<form action=x>",
        "<p style=\"background:url(http://evil.example/1)\">",
        "<p style=\"background:u\\72l('http://evil.example/1')\">",
        "<style>@import 'x';</style>",
        "<style>p{width:expression(1)}</style>",
        "<meta http-equiv=refresh content=0>",
        "<table><td background=http://evil.example/1>",
    ] {
        assert!(harm(&tree(harmful, false).document).is_some(), "{harmful}");
    }
    let harmless =
        "<p style=\"background:url('picture:1')\">x<a href=https://x.vn>y</a><img src=picture:0>";
    assert_eq!(harm(&tree(harmless, true).document), None);
}
