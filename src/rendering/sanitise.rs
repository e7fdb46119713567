//! From HTML as it was sent to HTML that can do nothing but be shown.
//!
//! The document is read as browsers tokenize it and written anew from the tokens: elements and attributes of a list,
//! styles without addresses, and pictures by number. Nothing of what was sent is passed through unread, so there
//! is no spelling that could be understood otherwise further on. Legacy attributes become rules of
//! [`Sanitised::hints`]. Not here: whether a picture is shown, and from where.

mod attributes;
mod css;
mod element;
mod hints;
mod link;
mod picture;
mod writer;

pub use picture::{Picture, Source};

/// What a document became.
#[derive(Clone, Debug, Default)]
pub struct Sanitised {
    /// HTML that names no address but links.
    pub html: String,
    /// Style rules of legacy attributes, weaker than the document's own.
    pub hints: String,
    /// The pictures the document shows; it names the n-th as `picture:n`.
    pub pictures: Vec<Picture>,
    /// Elements written, and cells among them: what laying out will cost.
    pub elements: usize,
}

/// Makes a document harmless. `shown` tells which pictures can be painted; words take the place of the others.
/// Takes time linear in its length, whatever the document.
#[must_use]
pub fn sanitise(html: &str, shown: &dyn Fn(&Source) -> bool) -> Sanitised {
    tcv_domain::html::feed(html, writer::Writer::new(shown)).finish()
}

#[cfg(test)]
mod mixing;
#[cfg(test)]
mod tests;
