//! Who looked at one's record.

use doseline_shared::{audit::Way, id::PersonId};
use serde::{Deserialize, Serialize};

use super::Local;

/// What others have seen of one's record, or were not let see, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditView {
    /// What one person did in one way on one day, without anybody else in between.
    pub rows: Vec<AuditRow>,
    /// What to ask with for older ones; none at the end.
    pub before: Option<u64>,
}

/// Someone has looked, or was not let in, once or several times in a row on one date of the patient's home zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// Who; none where nobody was signed in.
    pub person: Option<PersonId>,
    /// The person's name.
    pub name: Option<String>,
    /// What had opened the record to them; none where nothing had.
    pub way: Option<Way>,
    /// The clinic's name, where they looked as its staff.
    pub clinic: Option<String>,
    /// Whether they were not let in.
    pub refused: bool,
    /// The first time.
    pub first: Local,
    /// The last time.
    pub last: Local,
    /// How many times.
    pub times: u32,
}
