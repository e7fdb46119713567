//! An e-mail address and whose it is.
//!
//! Parsing of header bytes is `mime`; which domains are official or free is `policy`.

use serde::{Deserialize, Serialize};

/// A mailbox: an address and the name its owner or a correspondent gave it (RFC 5322 §3.4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    /// Display name, decoded; empty when there is none.
    pub name: String,
    /// `local@domain` as written. Compare with [`Address::same_mailbox`].
    pub address: String,
}

impl Address {
    /// An address with a display name.
    #[must_use]
    pub fn new(name: impl Into<String>, address: impl Into<String>) -> Self {
        Self { name: name.into(), address: address.into() }
    }

    /// A bare address.
    #[must_use]
    pub fn bare(address: impl Into<String>) -> Self {
        Self::new("", address)
    }

    /// What a person would call the sender: the name, or else the address.
    #[must_use]
    pub fn display(&self) -> &str {
        if self.name.is_empty() { &self.address } else { &self.name }
    }

    /// The part after the last `@`, lower-cased, without a trailing dot; empty where there is none.
    #[must_use]
    pub fn domain(&self) -> String {
        domain_of(&self.address)
    }

    /// Whether both name one mailbox. The local part is compared without regard to case too:
    /// RFC 5321 §2.4 lets servers distinguish, none in use does.
    #[must_use]
    pub fn same_mailbox(&self, other: &Self) -> bool {
        self.address.trim().eq_ignore_ascii_case(other.address.trim())
    }
}

/// The domain of an address, lower-cased, without a trailing dot; empty where there is none.
#[must_use]
pub fn domain_of(address: &str) -> String {
    address
        .rsplit_once('@')
        .map(|(_, domain)| domain.trim().trim_end_matches('.').to_lowercase())
        .unwrap_or_default()
}
