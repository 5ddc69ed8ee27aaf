//! A clinic's list of interactions: its pairs, and which of them two medicines make.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::name::normal;

/// Two ingredients that should not meet unwatched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InteractionPair {
    /// One ingredient, in its normal form.
    pub a: String,
    /// The other, in its normal form.
    pub b: String,
    /// How grave it is.
    pub severity: Severity,
    /// What happens, and what to do.
    pub text: String,
    /// Where the clinic has it from.
    pub source: String,
}

/// How grave an interaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "InteractionSeverity")
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// To be known.
    Minor,
    /// To be watched.
    Moderate,
    /// To be avoided unless there is no other way.
    Major,
    /// Never together.
    Contraindicated,
}

/// The pairs of one list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interactions {
    /// By their two names in alphabetical order.
    pairs: BTreeMap<(String, String), InteractionPair>,
    /// Every name that is in a pair.
    names: BTreeSet<String>,
}

impl Interactions {
    /// The list of these pairs. Names are brought to the normal form that is known here, which a list of before may not
    /// have; of two pairs that become the same, the graver stays.
    pub fn new(pairs: impl IntoIterator<Item = InteractionPair>) -> Self {
        let mut list = Self::default();
        for pair in pairs {
            let (a, b) = (normal(&pair.a), normal(&pair.b));
            let known = list.pairs.get(&key(&a, &b));
            if known.is_none_or(|known| known.severity < pair.severity) {
                list.names.extend([a.clone(), b.clone()]);
                list.pairs.insert(key(&a, &b), InteractionPair { a, b, ..pair });
            }
        }
        list
    }

    /// All pairs, by their names.
    pub fn pairs(&self) -> impl Iterator<Item = &InteractionPair> {
        self.pairs.values()
    }

    /// The pairs of which one name is among `mine` and the other among `theirs`, all in their normal form.
    pub(super) fn between<'a>(
        &'a self,
        mine: &BTreeSet<String>,
        theirs: &BTreeSet<String>,
    ) -> impl Iterator<Item = &'a InteractionPair> {
        // By look-up, not by reading the list: it may have thousands of pairs, and a medicine has a few names.
        let known = |name: &&String| self.names.contains(*name);
        let theirs: Vec<_> = theirs.iter().filter(known).collect();
        let keys: BTreeSet<_> = mine
            .iter()
            .filter(known)
            .flat_map(|one| theirs.iter().map(|other| key(one, other)))
            .collect();
        keys.into_iter().filter_map(|key| self.pairs.get(&key))
    }
}

/// A pair has no direction.
pub(super) fn key(a: &str, b: &str) -> (String, String) {
    (a.min(b).to_owned(), a.max(b).to_owned())
}
