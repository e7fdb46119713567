//! Changes of the tree of folders against the practice server: made offline, pushed in order,
//! repeated after a crash, refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod deleting;
mod leaving;
#[allow(dead_code, reason = "shared with the tests of syncing")]
#[path = "../sync/office.rs"]
mod office;
mod pausing;
#[allow(dead_code, reason = "shared with the tests of syncing")]
#[path = "../sync/same.rs"]
mod same;
mod tree;
