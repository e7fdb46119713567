//! Sentences for values of the program: what an error says to the person it happens to, and what a verdict of the
//! policy says to the one who writes.

use std::fmt;

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

    /// The sentences of a verdict.
    #[must_use]
    pub fn verdict(&self, verdict: &Verdict) -> VerdictWords {
        let key = format!("policy-{}", verdict.rule.id());
        let source = &verdict.source;
        VerdictWords {
            title: self.text(&format!("{key}.title")),
            sentence: self.with(&key, &[("evidence", (&verdict.evidence).into())]),
            advice: self.text(&format!("{key}.advice")),
            remedy: verdict.remedy.as_ref().map(|remedy| self.remedy(remedy)),
            severity: self.severity(verdict.severity),
            source: (!source.is_empty())
                .then(|| self.with("policy-source", &[("source", source.into())])),
        }
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
    fn an_unknown_error_is_still_an_error_in_words() {
        let words = Words::new(Language::En);
        assert_eq!(words.error("error-nonsense"), words.error("error-internal"));
        assert_eq!(words.error("error-no-network").title, "No network");
    }
}
