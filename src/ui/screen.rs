//! The screens: each one struct with its messages, actions, `update` and `view`.

pub mod compose;
pub mod help;
pub mod mail;
pub mod settings;
pub mod setup;
pub mod unlock;

#[cfg(test)]
mod tests;
