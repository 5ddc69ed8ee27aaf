//! A clinic's list of interactions, read from its CSV file. The format is in docs/interactions.md.

use std::collections::{BTreeMap, BTreeSet};

use csv::{ReaderBuilder, StringRecord, Trim};
use thiserror::Error;

use super::name::normal;

/// The columns, in their order.
const COLUMNS: [&str; 5] = ["a", "b", "severity", "text", "source"];
/// Longest cell, in characters.
const TEXT: usize = 2_000;

/// Two ingredients that should not meet unwatched.
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

/// Where a list is at fault. The text never repeats the cell.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {problem}")]
pub struct ListFault {
    /// The line of the file, from 1.
    pub line: u64,
    /// The column, by its name.
    pub column: &'static str,
    /// What is wrong, and what to do.
    pub problem: Problem,
}

/// What is wrong with a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// The first line does not name the columns.
    #[error("the first line must be a,b,severity,text,source; separate the columns with commas")]
    Header,
    /// The line has too few or too many columns.
    #[error("the line must have five columns; put a text that holds a comma in quotation marks")]
    Columns,
    /// The bytes are no text.
    #[error("the file is not in UTF-8; save it as CSV in UTF-8")]
    Encoding,
    /// The cell holds no word.
    #[error("the cell is empty; fill it in, or remove the line")]
    Empty,
    /// The cell is too long.
    #[error("the cell has more than {TEXT} characters; shorten it")]
    Long,
    /// The severity is none that is known.
    #[error("write minor, moderate, major or contraindicated")]
    Severity,
    /// Both names are of one ingredient.
    #[error("both names are of one ingredient; name two")]
    Same,
    /// The pair is on an earlier line already.
    #[error("the pair is on line {first} already; remove one of the two")]
    Twice {
        /// That line.
        first: u64,
    },
}

/// A list of interactions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interactions(BTreeMap<(String, String), InteractionPair>);

impl Interactions {
    /// Reads a list. Nothing of a list with a fault is kept.
    ///
    /// # Errors
    /// Every fault, by line.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<ListFault>> {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .from_reader(bytes);
        let mut lines: BTreeMap<(String, String), u64> = BTreeMap::new();
        let (mut list, mut faults, mut headed) = (Self::default(), Vec::new(), false);
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    faults.push(ListFault {
                        line: error.position().map_or(1, csv::Position::line),
                        column: COLUMNS[0],
                        problem: Problem::Encoding,
                    });
                    continue;
                }
            };
            let line = record.position().map_or(1, csv::Position::line);
            if !std::mem::replace(&mut headed, true) {
                if record != *COLUMNS.as_slice() {
                    return Err(vec![fault(line, 0, Problem::Header)]);
                }
                continue;
            }
            match pair(&record, line) {
                Ok(pair) => {
                    let key = key(&pair.a, &pair.b);
                    if let Some(first) = lines.get(&key) {
                        faults.push(fault(line, 1, Problem::Twice { first: *first }));
                        continue;
                    }
                    lines.insert(key.clone(), line);
                    list.0.insert(key, pair);
                }
                Err(fault) => faults.push(fault),
            }
        }
        if !headed && faults.is_empty() {
            faults.push(fault(1, 0, Problem::Header));
        }
        if faults.is_empty() { Ok(list) } else { Err(faults) }
    }

    /// All pairs, by their names.
    pub fn pairs(&self) -> impl Iterator<Item = &InteractionPair> {
        self.0.values()
    }

    /// The pairs of which one ingredient is among `mine` and the other among `theirs`, both in their normal form.
    pub(super) fn between(
        &self,
        mine: &BTreeSet<String>,
        theirs: &BTreeSet<String>,
    ) -> impl Iterator<Item = &InteractionPair> {
        self.pairs().filter(move |pair| {
            (mine.contains(&pair.a) && theirs.contains(&pair.b)) || (mine.contains(&pair.b) && theirs.contains(&pair.a))
        })
    }
}

/// A pair has no direction.
fn key(a: &str, b: &str) -> (String, String) {
    (a.min(b).to_owned(), a.max(b).to_owned())
}

const fn fault(line: u64, column: usize, problem: Problem) -> ListFault {
    ListFault {
        line,
        column: COLUMNS[column],
        problem,
    }
}

fn pair(record: &StringRecord, line: u64) -> Result<InteractionPair, ListFault> {
    if record.len() != COLUMNS.len() {
        let column = record.len().min(COLUMNS.len() - 1);
        return Err(fault(line, column, Problem::Columns));
    }
    let cell = |column: usize| {
        let text = record.get(column).unwrap_or_default();
        match text.chars().count() {
            0 => Err(fault(line, column, Problem::Empty)),
            1..=TEXT => Ok(text),
            _ => Err(fault(line, column, Problem::Long)),
        }
    };
    let name = |column: usize| {
        let name = normal(cell(column)?);
        if name.is_empty() {
            Err(fault(line, column, Problem::Empty))
        } else {
            Ok(name)
        }
    };
    let (a, b) = (name(0)?, name(1)?);
    if a == b {
        return Err(fault(line, 1, Problem::Same));
    }
    let severity = match cell(2)?.to_lowercase().as_str() {
        "minor" => Severity::Minor,
        "moderate" => Severity::Moderate,
        "major" => Severity::Major,
        "contraindicated" => Severity::Contraindicated,
        _ => return Err(fault(line, 2, Problem::Severity)),
    };
    Ok(InteractionPair {
        a,
        b,
        severity,
        text: cell(3)?.to_owned(),
        source: cell(4)?.to_owned(),
    })
}
