//! An e-mail address, whose it is, and how people type it.
//!
//! Parsing of header bytes is `mime`; which domains are official or free is `policy`.

mod typed;

use serde::{Deserialize, Serialize};

pub use typed::{AddressProblem, BadAddress, parse_list, parse_one, validate};

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
        Self {
            name: name.into(),
            address: address.into(),
        }
    }

    /// A bare address.
    #[must_use]
    pub fn bare(address: impl Into<String>) -> Self {
        Self::new("", address)
    }

    /// What a person would call the sender: the name, or else the address.
    #[must_use]
    pub fn display(&self) -> &str {
        if self.name.is_empty() {
            &self.address
        } else {
            &self.name
        }
    }

    /// The part after the last `@`, lower-cased, without a trailing dot; empty where there is none.
    #[must_use]
    pub fn domain(&self) -> String {
        domain_of(&self.address)
    }

    /// The part before the last `@` as written; the whole where there is none.
    #[must_use]
    pub fn local(&self) -> &str {
        self.address
            .rsplit_once('@')
            .map_or(self.address.as_str(), |(local, _)| local)
            .trim()
    }

    /// Whether both name one mailbox. The local part is compared without regard to case too:
    /// RFC 5321 §2.4 lets servers distinguish, none in use does. A domain in Unicode equals its
    /// `xn--` form (RFC 5890).
    #[must_use]
    pub fn same_mailbox(&self, other: &Self) -> bool {
        let (one, two) = (self.address.trim(), other.address.trim());
        one.eq_ignore_ascii_case(two) || mailbox_key(one) == mailbox_key(two)
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

/// The form of a domain for comparison: lower case, `xn--` labels for other scripts, no trailing
/// dot. What is no domain under UTS #46 comes back lower-cased only.
#[must_use]
pub fn ascii_domain(domain: &str) -> String {
    let domain = domain.trim().trim_end_matches('.');
    if domain.is_ascii() {
        return domain.to_ascii_lowercase();
    }
    idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_lowercase())
}

/// A key equal for addresses of one mailbox: see [`Address::same_mailbox`].
#[must_use]
pub fn mailbox_key(address: &str) -> String {
    match address.trim().rsplit_once('@') {
        Some((local, domain)) => format!("{}@{}", local.to_lowercase(), ascii_domain(domain)),
        None => address.trim().to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mailbox_is_recognised_whatever_the_case_and_script() {
        for (one, two, same) in [
            ("Longnv@Mic.Gov.VN", "longnv@mic.gov.vn", true),
            ("a@mic.gov.vn.", "a@mic.gov.vn", true),
            ("a@tiếngviệt.vn", "A@xn--tingvit-5t4cyc.vn", true),
            (
                "a@TIẾNGVIỆT.vn",
                "a@tie\u{302}\u{301}ngvie\u{323}\u{302}t.vn",
                true,
            ),
            ("a@mic.gov.vn", "b@mic.gov.vn", false),
            ("a@mic.gov.vn", "a@moc.gov.vn", false),
        ] {
            let found = Address::bare(one).same_mailbox(&Address::bare(two));
            assert_eq!(found, same, "{one} {two}");
        }
    }

    #[test]
    fn the_domain_is_what_follows_the_last_at() {
        for (address, domain, local) in [
            ("a@B.vn", "b.vn", "a"),
            ("\"x@y\"@b.vn.", "b.vn", "\"x@y\""),
            ("nobody", "", "nobody"),
        ] {
            assert_eq!(domain_of(address), domain);
            assert_eq!(Address::bare(address).local(), local);
        }
    }
}
