//! Tables whose parts were told to be something else.
//!
//! Browsers wrap what stands in a table without being a part of it into parts of their own (CSS 2.2, 17.2.1); the
//! renderer leaves it out, and with it the text. Letters do this all the time: `td { display: block }` for telephones. So
//! what would be left out is found once styles are known, and marked; rules of `style.css` make parts of the marked.

use blitz_dom::{BaseDocument, LocalName, Node, NodeId, QualName, local_name, ns};
use style::values::specified::box_::DisplayInside;

/// The attribute of the marks.
const MARK: &str = "q";

/// Marks what would be left out; whether there was anything. Styles are to be resolved again then.
pub(super) fn mend(document: &mut BaseDocument) -> bool {
    let (marks, captions) = strays(document);
    let any = !marks.is_empty() || !captions.is_empty();
    let mut change = document.mutate();
    for (id, mark) in marks {
        let name = QualName::new(None, ns!(), LocalName::from(MARK));
        change.set_attribute(id, name, mark);
    }
    for (table, caption) in captions {
        change.insert_nodes_before(table, &[caption]);
    }
    any
}

type Marks = Vec<(NodeId, &'static str)>;

fn strays(document: &BaseDocument) -> (Marks, Vec<(NodeId, NodeId)>) {
    let (mut marks, mut captions) = (Marks::new(), Vec::new());
    let mut open = vec![document.root_element().id];
    while let Some(node) = open.pop().and_then(|id| document.get_node(id)) {
        open.extend(node.children.iter().copied());
        let Some(around) = inside(node) else {
            continue;
        };
        let fit = match around {
            Around::Row => "cell",
            Around::Rows => "row",
        };
        let unfit = |child: &&Node| match inside_of(child) {
            Some(display) => !belongs(display, around),
            None => false,
        };
        let children = || node.children.iter().filter_map(|id| document.get_node(*id));
        for child in children().filter(unfit) {
            if child.data.is_element_with_tag_name(&local_name!("caption")) {
                captions.push((node.id, child.id));
            } else if node.data.is_element_with_tag_name(&local_name!("table")) || is_part(node) {
                marks.push((child.id, role(child).unwrap_or(fit)));
            }
        }
        // Something else that was told to be a table: with parts that do not fit it is none.
        let is_made_up =
            !node.data.is_element_with_tag_name(&local_name!("table")) && !is_part(node);
        let has_text = || {
            children().any(|child| {
                child
                    .text_data()
                    .is_some_and(|text| !text.content.trim().is_empty())
            })
        };
        if is_made_up && (children().any(|child| unfit(&child)) || has_text()) {
            marks.push((node.id, "flow"));
        }
    }
    marks.retain(|(id, mark)| {
        let node = document.get_node(*id);
        node.is_some_and(|node| node.attr(LocalName::from(MARK)) != Some(mark))
    });
    (marks, captions)
}

/// What a part of a table expects in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    /// Cells.
    Row,
    /// Rows, or groups of them.
    Rows,
}

fn inside_of(node: &Node) -> Option<DisplayInside> {
    let display = node.primary_styles()?.clone_display();
    node.element_data()?;
    (!display.is_none()).then(|| display.inside())
}

fn inside(node: &Node) -> Option<Around> {
    Some(match inside_of(node)? {
        DisplayInside::TableRow => Around::Row,
        DisplayInside::Table
        | DisplayInside::TableRowGroup
        | DisplayInside::TableHeaderGroup
        | DisplayInside::TableFooterGroup => Around::Rows,
        _ => return None,
    })
}

fn belongs(display: DisplayInside, around: Around) -> bool {
    match display {
        DisplayInside::TableCell | DisplayInside::Contents => true,
        DisplayInside::TableRow
        | DisplayInside::TableRowGroup
        | DisplayInside::TableHeaderGroup
        | DisplayInside::TableFooterGroup
        | DisplayInside::TableColumn
        | DisplayInside::TableColumnGroup => around == Around::Rows,
        _ => false,
    }
}

/// What an element of HTML's tables is by nature.
fn role(node: &Node) -> Option<&'static str> {
    let roles = [
        (local_name!("tbody"), "group"),
        (local_name!("thead"), "group"),
        (local_name!("tfoot"), "group"),
        (local_name!("tr"), "row"),
        (local_name!("td"), "cell"),
        (local_name!("th"), "cell"),
    ];
    let is = |(name, _): &&(LocalName, &'static str)| node.data.is_element_with_tag_name(name);
    roles.iter().find(is).map(|(_, role)| *role)
}

fn is_part(node: &Node) -> bool {
    role(node).is_some()
}
