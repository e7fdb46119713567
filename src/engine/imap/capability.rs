//! What a server can do, as it announces it and as its revision of the protocol implies.

/// What IMAP4rev2 has in itself (RFC 9051, appendix E). Not SPECIAL-USE: the attributes are
/// there, but asking for them by name (`RETURN (SPECIAL-USE)`) remains an extension.
const REV2: [&str; 13] = [
    "ENABLE",
    "ESEARCH",
    "IDLE",
    "LIST-EXTENDED",
    "LIST-STATUS",
    "LITERAL-",
    "MOVE",
    "NAMESPACE",
    "SASL-IR",
    "SEARCHRES",
    "STATUS=SIZE",
    "UIDPLUS",
    "UNSELECT",
];

/// Capabilities in upper case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Capabilities {
    offers: Vec<String>,
    rev2: bool,
}

impl Capabilities {
    /// Takes what was announced, upper case.
    pub(super) fn announced(mut offers: Vec<String>) -> Self {
        let announces = |name: &str| offers.iter().any(|offer| offer == name);
        // A server that speaks both revisions speaks the first until IMAP4rev2 is enabled, which
        // it never is here, and announces what it has beyond that one.
        let rev2 = announces("IMAP4REV2") && !announces("IMAP4REV1");
        if rev2 {
            offers.extend(REV2.map(str::to_owned));
        }
        Self { offers, rev2 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.offers.is_empty()
    }

    pub(super) fn has(&self, capability: &str) -> bool {
        self.offers.iter().any(|offer| offer == capability)
    }

    /// Whether names of folders are UTF-8 rather than modified UTF-7 (RFC 9051 §5.1).
    pub(super) fn has_utf8_names(&self) -> bool {
        self.rev2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announced(text: &str) -> Capabilities {
        Capabilities::announced(text.split(' ').map(str::to_owned).collect())
    }

    #[test]
    fn only_rev2_alone_implies() {
        let table = [
            ("IMAP4REV1 IDLE", false),
            ("IMAP4REV1 IMAP4REV2", false),
            ("IMAP4REV2 AUTH=PLAIN", true),
        ];
        for (text, implies) in table {
            let capabilities = announced(text);
            assert_eq!(capabilities.has("MOVE"), implies, "{text}");
            assert_eq!(capabilities.has("SASL-IR"), implies, "{text}");
            assert_eq!(capabilities.has_utf8_names(), implies, "{text}");
            assert!(!capabilities.has("SPECIAL-USE") && !capabilities.has("QRESYNC"));
        }
    }
}
