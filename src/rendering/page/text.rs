//! Reads the text and the links of a page out of its layout.

use std::collections::{HashMap, HashSet};

use blitz_dom::{BaseDocument, Node, NodeId, local_name};
use parley::{Line as TextLine, PositionedLayoutItem};

use crate::outline::{Area, Block, Line, LinkArea, Outline};

/// Letters beyond are not selectable. A very long mail has a million.
const MOST_LETTERS: usize = 4_000_000;

/// The outline of a document whose layout is done. `scale` is pixels of the screen for one of CSS.
pub(super) fn outline(document: &BaseDocument, scale: f32, size: (u32, u32)) -> Outline {
    let mut reader = Reader {
        document,
        scale,
        outline: Outline {
            width: size.0,
            height: size.1,
            ..Outline::default()
        },
        targets: HashMap::new(),
        leads: HashMap::new(),
        seen: HashSet::new(),
        letters: 0,
    };
    reader.walk(document.root_element().id);
    reader.mark_beside();
    reader.outline
}

struct Reader<'d> {
    document: &'d BaseDocument,
    scale: f32,
    outline: Outline,
    /// Numbers of targets.
    targets: HashMap<String, usize>,
    /// Where a node leads, if it is in a link.
    leads: HashMap<NodeId, Option<usize>>,
    seen: HashSet<NodeId>,
    letters: usize,
}

impl Reader<'_> {
    /// Visits boxes in reading order, without a stack of calls: documents nest.
    fn walk(&mut self, root: NodeId) {
        let document = self.document;
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            let Some(node) = document.get_node(id).filter(|_| self.seen.insert(id)) else {
                continue;
            };
            if is_hidden(node) {
                continue;
            }
            self.box_of_link(node);
            let mut below: Vec<NodeId> = if node.flags.is_inline_root() {
                self.flow(node)
            } else {
                let laid = node.layout_children.borrow();
                match laid.as_ref() {
                    Some(laid) => laid.iter().copied().collect(),
                    None => node.children.iter().copied().collect(),
                }
            };
            below.reverse();
            open.extend(below);
        }
    }

    /// A link, or a picture in one, that has a box of its own: a button is pressed beside its words too.
    fn box_of_link(&mut self, node: &Node) {
        let is_link = node.data.is_element_with_tag_name(&local_name!("a"));
        let is_picture = node.data.is_element_with_tag_name(&local_name!("img"));
        if !(is_link || is_picture) || node.is_non_atomic_inline() {
            return;
        }
        if let Some(target) = self.lead(node.id) {
            let at = node.absolute_position(0.0, 0.0);
            let size = node.final_layout().size;
            self.link(target, at.x, at.y, at.x + size.width, at.y + size.height);
        }
    }

    /// The lines of a box of text; gives the boxes standing in them.
    fn flow(&mut self, node: &Node) -> Vec<NodeId> {
        let inside = node
            .element_data()
            .and_then(|element| element.inline_layout_data.as_ref());
        let Some(inside) = inside else {
            return Vec::new();
        };
        let at = node.absolute_position(0.0, 0.0);
        let layout = node.final_layout();
        let left = at.x + layout.padding.left + layout.border.left;
        let top = at.y + layout.padding.top + layout.border.top + inside.block_offset;
        let mut block = Block {
            text: inside.text.clone(),
            ..Block::default()
        };
        let mut boxes = Vec::new();
        self.letters = self.letters.saturating_add(block.text.len());
        for line in inside.layout.lines() {
            for item in line.items() {
                if let PositionedLayoutItem::InlineBox(inner) = item {
                    boxes.push(NodeId::from_u64(inner.id));
                }
            }
            let zoom = inside.layout.scale();
            block
                .lines
                .push(self.line(&line, &block.text, (left, top), zoom));
        }
        if !block.text.trim().is_empty() && self.letters < MOST_LETTERS {
            self.outline.blocks.push(block);
        }
        boxes
    }

    fn line(
        &mut self,
        line: &TextLine<'_, blitz_dom::node::TextBrush>,
        text: &str,
        at: (f32, f32),
        zoom: f32,
    ) -> Line {
        let metrics = line.metrics();
        let range = line.text_range();
        let top = at.1 + metrics.block_min_coord / zoom;
        let bottom = at.1 + metrics.block_max_coord / zoom;
        let mut places: HashMap<usize, (f32, f32)> = HashMap::new();
        let mut done: HashSet<usize> = HashSet::new();
        for item in line.items() {
            let PositionedLayoutItem::GlyphRun(glyphs) = item else {
                continue;
            };
            let run = glyphs.run();
            if !done.insert(run.text_range().start) {
                continue;
            }
            let mut x = at.0 + glyphs.offset() / zoom;
            for cluster in run.visual_clusters() {
                let next = x + cluster.advance() / zoom;
                places.insert(cluster.text_range().start, (x, next));
                if let Some(target) = self.lead(cluster.style().brush.id) {
                    self.letter_of_link(target, (x, top, next, bottom));
                }
                x = next;
            }
        }
        let mut edges = Vec::new();
        let mut last = at.0 + metrics.offset / zoom;
        let shown = text.get(range.clone()).unwrap_or_default();
        for (byte, _) in shown.char_indices() {
            // Marks that share a cluster with their letter stand at its end.
            let (left, right) = places
                .get(&(range.start + byte))
                .copied()
                .unwrap_or((last, last));
            edges.push(left * self.scale);
            last = right;
        }
        edges.push(last * self.scale);
        Line {
            start: range.start,
            end: range.end,
            top: top * self.scale,
            bottom: bottom * self.scale,
            edges,
        }
    }

    /// Letters of one link on one line are one place.
    fn letter_of_link(&mut self, target: usize, (left, top, right, bottom): (f32, f32, f32, f32)) {
        let scale = self.scale;
        if let Some(last) = self.outline.links.last_mut()
            && last.target == target
            && (last.area.top - top * scale).abs() < 0.5
            && (last.area.right - left * scale).abs() < 0.5
        {
            last.area.right = right * scale;
            return;
        }
        self.link(target, left, top, right, bottom);
    }

    fn link(&mut self, target: usize, left: f32, top: f32, right: f32, bottom: f32) {
        let scale = self.scale;
        self.outline.links.push(LinkArea {
            area: Area {
                left: left * scale,
                top: top * scale,
                right: right * scale,
                bottom: bottom * scale,
            },
            target,
        });
    }

    /// The number of the target that a node leads to.
    fn lead(&mut self, id: NodeId) -> Option<usize> {
        if let Some(known) = self.leads.get(&id) {
            return *known;
        }
        let mut node = self.document.get_node(id);
        let mut found = None;
        while let Some(here) = node {
            if here.data.is_element_with_tag_name(&local_name!("a")) {
                found = here.attr(local_name!("href")).map(str::to_owned);
                break;
            }
            node = here
                .parent
                .and_then(|parent| self.document.get_node(parent));
        }
        let number = found.map(|target| {
            let next = self.targets.len();
            *self.targets.entry(target).or_insert_with_key(|target| {
                self.outline.targets.push(target.clone());
                next
            })
        });
        self.leads.insert(id, number);
        number
    }

    /// Cells of one row stand beside each other: a block that begins above the end of the one before, to its right.
    fn mark_beside(&mut self) {
        let mut before: Option<Area> = None;
        for block in &mut self.outline.blocks {
            let here = extent(block);
            block.beside = before.is_some_and(|before| {
                here.top < before.bottom - 1.0 && here.left >= before.right - 1.0
            });
            before = Some(here);
        }
    }
}

fn extent(block: &Block) -> Area {
    let mut area = Area {
        left: f32::MAX,
        top: f32::MAX,
        right: f32::MIN,
        bottom: f32::MIN,
    };
    for line in &block.lines {
        area.left = area
            .left
            .min(line.edges.first().copied().unwrap_or(area.left));
        area.right = area
            .right
            .max(line.edges.last().copied().unwrap_or(area.right));
        area.top = area.top.min(line.top);
        area.bottom = area.bottom.max(line.bottom);
    }
    area
}

/// Not painted, so not read either: preheaders, and what was switched off.
fn is_hidden(node: &Node) -> bool {
    let Some(style) = node.primary_styles() else {
        return false;
    };
    style.get_effects().opacity == 0.0
}
