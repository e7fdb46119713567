//! Tests of the store, by subject.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
