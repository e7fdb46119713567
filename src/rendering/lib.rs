//! HTML mail as pictures: sanitised, laid out and painted, as far from the program as can be.
//!
//! [`sanitise`] turns what was sent into HTML that asks for nothing; [`page`] lays it out and
//! paints it; [`worker`] does so in a process of its own, and [`client`] asks it; [`outline`] is what the asker gets
//! besides pictures; [`preview`] makes small pictures of attached files there too. Nothing here opens a socket or a file: pictures are bytes handed in,
//! and a document names them by number only. Not here: choosing the part to show (`domain::mime`), fetching pictures
//! (the engine), drawing on the screen (the window).

pub mod client;
mod fonts;
pub mod outline;
pub mod page;
pub mod preview;
pub mod sanitise;
mod wire;
pub mod worker;
