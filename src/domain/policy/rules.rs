//! The default policy: a `[policy]` table that leaves nothing open.
//!
//! It ships as data (`assets/lists/policy.toml`), because what is severe and what is cited
//! differs by province and year.

use std::collections::BTreeMap;

use super::{Rule, Severity};
use crate::profile::{ProfileError, ProfileProblem, policy_only};

/// The defaults under the agency's profile.
#[derive(Clone, Debug)]
pub struct RuleTable {
    pub(crate) severities: BTreeMap<Rule, Severity>,
    pub(crate) citations: BTreeMap<Rule, String>,
    pub(crate) free_account: bool,
    pub(crate) max_message_mb: u32,
    pub(crate) executable_extensions: Vec<String>,
}

impl RuleTable {
    /// Reads the default policy.
    ///
    /// # Errors
    /// Where it is broken, or a switch or a rule's severity is missing.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let switches = policy_only(text)?;
        let missing =
            |key: &str| ProfileError::at(text, &(0..0), ProfileProblem::MissingKey(key.to_owned()));
        if let Some(rule) = Rule::ALL
            .iter()
            .find(|rule| !switches.severities.contains_key(rule))
        {
            return Err(missing(&format!("policy.severity.{rule}")));
        }
        Ok(Self {
            severities: switches
                .severities
                .into_iter()
                .filter_map(|(rule, severity)| Some((rule, severity?)))
                .collect(),
            citations: switches.citations,
            free_account: switches
                .free_account
                .ok_or_else(|| missing("policy.free_account"))?,
            max_message_mb: switches
                .max_message_mb
                .ok_or_else(|| missing("policy.max_message_mb"))?,
            executable_extensions: switches
                .executable_extensions
                .ok_or_else(|| missing("policy.executable_extensions"))?,
        })
    }
}
