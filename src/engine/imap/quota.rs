//! How full the mailbox is (RFC 2087, RFC 9208).

use super::Fault;
use super::response::Untagged;
use super::session::Session;
use super::token::Cursor;

/// Used and allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    /// What is used.
    pub(crate) used: u64,
    /// What is allowed; never 0.
    pub(crate) limit: u64,
}

impl Usage {
    /// Used of allowed, in percent; may exceed 100.
    pub(crate) fn percent(self) -> u64 {
        self.used.saturating_mul(100) / self.limit.max(1)
    }

    /// The fuller of two: where several limits hold, the nearest counts.
    fn fuller(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) if other.percent() > one.percent() => Some(other),
            (Some(one), _) => Some(one),
            (None, other) => other,
        }
    }
}

/// The limits that hold for the inbox; `None` where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quota {
    /// Space, in KiB (units of 1024 octets).
    pub(crate) storage: Option<Usage>,
    /// Number of messages.
    pub(crate) messages: Option<Usage>,
}

impl Quota {
    fn with(self, other: Self) -> Self {
        Self {
            storage: Usage::fuller(self.storage, other.storage),
            messages: Usage::fuller(self.messages, other.messages),
        }
    }
}

/// Reads what follows `* QUOTA`: `"root" (STORAGE 10 512 MESSAGE 3 1000)`.
pub(super) fn read(cursor: &mut Cursor) -> Option<Quota> {
    cursor.skip()?;
    cursor.spaces();
    if !cursor.eat(b'(') {
        return None;
    }
    let mut quota = Quota::default();
    loop {
        cursor.spaces();
        if cursor.eat(b')') {
            return Some(quota);
        }
        let resource = cursor.string()?.to_ascii_uppercase();
        cursor.spaces();
        let used = cursor.size();
        cursor.spaces();
        let limit = cursor.size();
        // Some servers write "no limit" as 0.
        let usage = used
            .zip(limit.filter(|limit| *limit > 0))
            .map(|(used, limit)| Usage { used, limit });
        match resource.as_str() {
            "STORAGE" => quota.storage = Usage::fuller(quota.storage, usage),
            "MESSAGE" => quota.messages = Usage::fuller(quota.messages, usage),
            _ => {}
        }
    }
}

impl Session {
    /// How full the mailbox is. `None` where the server knows no quota or does not tell.
    pub(crate) fn quota(&mut self) -> Result<Option<Quota>, Fault> {
        if !self.has("QUOTA") {
            return Ok(None);
        }
        let reply = match self.run("GETQUOTAROOT \"INBOX\"") {
            Err(Fault::Refused(_)) => return Ok(None),
            other => other?,
        };
        let quota = reply
            .data
            .iter()
            .filter_map(|response| match response {
                Untagged::Quota(quota) => Some(*quota),
                _ => None,
            })
            .fold(Quota::default(), Quota::with);
        Ok((quota != Quota::default()).then_some(quota))
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::Raw;
    use super::*;

    fn quota(text: &str) -> Option<Quota> {
        read(&mut Cursor::new(Raw {
            text: text.as_bytes().to_vec(),
            ..Raw::default()
        }))
    }

    fn usage(used: u64, limit: u64) -> Option<Usage> {
        Some(Usage { used, limit })
    }

    #[test]
    fn quotas_of_many_makes() {
        let table = [
            ("\"\" (STORAGE 10 512)", usage(10, 512), None),
            (
                "\"User quota\" (STORAGE 0 10240 MESSAGE 3 1000)",
                usage(0, 10_240),
                usage(3, 1000),
            ),
            (
                "user.an (storage \"7\" \"8\" X-ANNOTATION 1 2)",
                usage(7, 8),
                None,
            ),
            ("\"\" ()", None, None),
            ("\"\" (STORAGE 5 0)", None, None),
            ("\"\" (STORAGE -5 100)", usage(0, 100), None),
            (
                "\"\" (STORAGE 90 100 STORAGE 10 1000)",
                usage(90, 100),
                None,
            ),
            (
                "NIL (STORAGE 99999999999999999999 1 MESSAGE 1 2)",
                None,
                usage(1, 2),
            ),
        ];
        for (text, storage, messages) in table {
            assert_eq!(quota(text), Some(Quota { storage, messages }), "{text}");
        }
        for broken in ["", "\"\"", "\"\" (STORAGE", "\"\" (STORAGE 1 (", "\"\" x"] {
            assert_eq!(quota(broken), None, "{broken}");
        }
    }

    #[test]
    fn of_several_limits_the_nearest_counts() {
        let root = |used, limit| Quota {
            storage: usage(used, limit),
            messages: None,
        };
        assert_eq!(root(1, 10).with(root(9, 10)), root(9, 10));
        assert_eq!(root(9, 10).with(Quota::default()), root(9, 10));
        assert_eq!(usage(81, 100).map(Usage::percent), Some(81));
        assert_eq!(usage(3, 2).map(Usage::percent), Some(150));
    }
}
