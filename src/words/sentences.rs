//! Sentences for values of the program: what an error says to the person it happens to, and what a verdict of the
//! policy says to the one who writes.

use std::fmt;

use tcv_domain::address::Address;
use tcv_domain::policy::{Remedy, Severity, Verdict};

use crate::Words;

/// What an error says. `what` and `remedy` stand together, in this order, with or without the title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorWords {
    /// A short name for a heading or a bar.
    pub title: String,
    /// What happened, and that nothing was lost.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for ErrorWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what, self.remedy)
    }
}

/// What a verdict says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictWords {
    /// A short name of the matter.
    pub title: String,
    /// What stands in the way, naming the address or file.
    pub sentence: String,
    /// The proper way.
    pub advice: String,
    /// Label of the one step that mends it, where there is one.
    pub remedy: Option<String>,
    /// What its weight asks of the sender.
    pub severity: String,
    /// The regulation, as a line of its own; `None` where none is cited.
    pub source: Option<String>,
}

impl Words {
    /// The sentences of an error by its key (`Kind::key()`).
    #[must_use]
    pub fn error(&self, key: &str) -> ErrorWords {
        let key = if self.knows(key) {
            key
        } else {
            "error-internal"
        };
        ErrorWords {
            title: self.text(&format!("{key}.title")),
            what: self.text(key),
            remedy: self.text(&format!("{key}.remedy")),
        }
    }

    /// The sentences of an error met while an account is being set up. There is no mailbox on this computer yet, so
    /// nothing is tried again later and no mail is safe here: such errors say in their attributes `.setup` and
    /// `.setup-remedy` what is true then. Others are told as always.
    #[must_use]
    pub fn setup_error(&self, key: &str) -> ErrorWords {
        let ErrorWords {
            title,
            what,
            remedy,
        } = self.error(key);
        let own = |part: &str, usual| self.find(&format!("{key}.{part}"), None).unwrap_or(usual);
        ErrorWords {
            title,
            what: own("setup", what),
            remedy: own("setup-remedy", remedy),
        }
    }

    /// The sentences of a verdict against an address as the working account
    /// ([`account_allowed`](tcv_domain::policy::account_allowed)): nothing is being sent, so those of
    /// [`verdict`](Self::verdict) would not be true. There is no step that mends it but another address.
    #[must_use]
    pub fn account_refused(&self, verdict: &Verdict) -> VerdictWords {
        let key = "setup-free-provider-refused";
        let domain = Address::bare(&verdict.evidence).domain();
        VerdictWords {
            title: self.text(&format!("{key}.title")),
            sentence: self.with(key, &[("domain", domain.into())]),
            advice: self.text(&format!("{key}.advice")),
            remedy: None,
            severity: self.text(&format!("{key}.severity")),
            source: self.source(verdict),
        }
    }

    /// The sentences of a verdict.
    #[must_use]
    pub fn verdict(&self, verdict: &Verdict) -> VerdictWords {
        let key = format!("policy-{}", verdict.rule.id());
        VerdictWords {
            title: self.text(&format!("{key}.title")),
            sentence: self.with(&key, &[("evidence", (&verdict.evidence).into())]),
            advice: self.text(&format!("{key}.advice")),
            remedy: verdict.remedy.as_ref().map(|remedy| self.remedy(remedy)),
            severity: self.severity(verdict.severity),
            source: self.source(verdict),
        }
    }

    fn source(&self, verdict: &Verdict) -> Option<String> {
        let source = &verdict.source;
        (!source.is_empty()).then(|| self.with("policy-source", &[("source", source.into())]))
    }

    /// The label of a remedy's button.
    #[must_use]
    pub fn remedy(&self, remedy: &Remedy) -> String {
        match remedy {
            Remedy::UseOfficialAccount => self.text("remedy-use-official-account"),
            Remedy::UseAddress { address } => {
                self.with("remedy-use-address", &[("address", address.into())])
            }
            Remedy::CorrectAddress { address } => {
                self.with("remedy-correct-address", &[("address", address.into())])
            }
            Remedy::AttachFile => self.text("remedy-attach-file"),
            Remedy::RemoveAttachment { name } => {
                self.with("remedy-remove-attachment", &[("name", name.into())])
            }
        }
    }

    /// What a weight asks of the sender, in a word or two.
    #[must_use]
    pub fn severity(&self, severity: Severity) -> String {
        self.text(&format!("severity-{}", severity.id()))
    }
}

#[cfg(test)]
mod tests {
    use tcv_domain::policy::Rule;

    use super::*;
    use crate::Language;

    #[test]
    fn every_rule_and_weight_has_words_in_both_languages() {
        for words in Language::ALL.map(Words::new) {
            for rule in Rule::ALL {
                for key in ["", ".title", ".advice"].map(|part| format!("policy-{rule}{part}")) {
                    assert!(words.knows(&key), "{key}");
                }
            }
            for severity in [
                Severity::Note,
                Severity::Confirm,
                Severity::Reason,
                Severity::Block,
            ] {
                assert!(words.knows(&format!("severity-{}", severity.id())));
            }
        }
    }

    #[test]
    fn a_verdict_names_what_it_is_about_and_the_way_out() {
        let verdict = Verdict {
            rule: Rule::ToFreeProvider,
            severity: Severity::Confirm,
            evidence: "binhtran@gmail.com".into(),
            remedy: Some(Remedy::UseAddress {
                address: "binhtt@quynhon.gov.vn".into(),
            }),
            source: String::new(),
        };
        let words = Words::new(Language::Vi).verdict(&verdict);
        assert!(
            words.sentence.starts_with("binhtran@gmail.com là hộp thư"),
            "{}",
            words.sentence
        );
        assert_eq!(
            words.remedy.as_deref(),
            Some("Dùng địa chỉ công vụ binhtt@quynhon.gov.vn")
        );
        assert_eq!(words.severity, "Cần xác nhận");
        assert_eq!(words.source, None);
    }

    #[test]
    fn an_address_refused_at_setup_is_told_why_and_not_that_something_is_sent() {
        let verdict = Verdict {
            rule: Rule::FromFreeProvider,
            severity: Severity::Block,
            evidence: "long@gmail.com".into(),
            remedy: Some(Remedy::UseOfficialAccount),
            source: "Chỉ thị 07/CT-CTUBND, điểm 1.c".into(),
        };
        let words = Words::new(Language::Vi);
        let refused = words.account_refused(&verdict);
        assert!(
            refused.sentence.starts_with("gmail.com là nhà cung cấp"),
            "{}",
            refused.sentence
        );
        assert!(!refused.sentence.contains("gửi"), "{}", refused.sentence);
        assert_eq!(refused.remedy, None);
        assert_eq!(
            refused.source.as_deref(),
            Some("Căn cứ: Chỉ thị 07/CT-CTUBND, điểm 1.c")
        );
    }

    #[test]
    fn an_error_of_setup_promises_no_mailbox_and_no_new_attempt() {
        let vi = Words::new(Language::Vi);
        for kind in [
            "no-network",
            "server-unreachable",
            "server-refused",
            "certificate-untrusted",
            "certificate-expired",
            "certificate-wrong-name",
            "tls-failed",
            "sign-in-refused",
            "refused-by-policy",
        ] {
            let key = format!("error-{kind}");
            let (usual, setup) = (vi.error(&key), vi.setup_error(&key));
            assert_eq!(usual.title, setup.title);
            assert_ne!(usual.what, setup.what, "{key}");
            assert_ne!(usual.remedy, setup.remedy, "{key}");
            assert!(
                setup.what.ends_with("Chưa có gì thay đổi trên máy này."),
                "{setup}"
            );
            assert!(!setup.to_string().contains("tự thử lại"), "{setup}");
        }
        let key = "error-disk-full";
        assert_eq!(vi.setup_error(key), vi.error(key));
        let unknown = "error-nonsense";
        assert_eq!(vi.setup_error(unknown), vi.error("error-internal"));
    }

    #[test]
    fn an_unknown_error_is_still_an_error_in_words() {
        let words = Words::new(Language::En);
        assert_eq!(words.error("error-nonsense"), words.error("error-internal"));
        assert_eq!(words.error("error-no-network").title, "No network");
    }
}
