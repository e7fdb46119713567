//! HTML mail as pictures: sanitised, laid out and painted, as far from the program as can be.
//!
//! [`sanitise`] turns what was sent into HTML that asks for nothing; [`page`] lays it out and
//! paints it. Nothing here opens a socket or a file: pictures are bytes handed in,
//! and a document names them by number only. Not here: choosing the part to show (`domain::mime`), fetching pictures
//! (the engine), drawing on the screen (the window).

mod fonts;
pub mod page;
pub mod sanitise;
