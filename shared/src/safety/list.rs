//! Reading a clinic's list row by row: the rules that its cells keep, and its faults by line and column. How a file is cut
//! into rows and cells is the caller's matter. The format is in docs/interactions.md.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    interaction::{InteractionPair, Severity, key},
    name::normal,
};

/// Most pairs in one list.
pub const MAX_PAIRS: usize = 20_000;
/// Most bytes in one file.
pub const MAX_BYTES: usize = 5 * 1024 * 1024;
/// Most faults that are named one by one: nobody reads more of them at once.
pub const MAX_FAULTS: usize = 50;
/// Longest cell, in characters.
const TEXT: usize = 2_000;

/// The columns, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ListColumn"))]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// One ingredient.
    A,
    /// The other.
    B,
    /// How grave it is.
    Severity,
    /// What happens, and what to do.
    Text,
    /// Where the clinic has it from.
    Source,
}

impl Column {
    /// All of them, in their order.
    pub const ALL: [Self; 5] = [Self::A, Self::B, Self::Severity, Self::Text, Self::Source];

    /// Its name in the first line of a file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
            Self::Severity => "severity",
            Self::Text => "text",
            Self::Source => "source",
        }
    }
}

/// Where a list is at fault. The text never repeats the cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[error("line {line}{}: {problem}", .column.map(|column| format!(", column {}", column.name())).unwrap_or_default())]
pub struct ListFault {
    /// The line of the file, from 1.
    pub line: u64,
    /// The column; none where it is the whole line, or the whole file.
    pub column: Option<Column>,
    /// What is wrong, and what to do.
    pub problem: ListProblem,
}

/// What is wrong with a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ListProblem {
    /// The file has more than [`MAX_BYTES`].
    #[error("the file has more than 5 MB; shorten its texts, or leave out pairs")]
    Large {},
    /// The list has more than [`MAX_PAIRS`].
    #[error("the list has more than {MAX_PAIRS} pairs; leave out those that matter least")]
    Many {},
    /// The first line does not name the columns.
    #[error("the first line must be a,b,severity,text,source; separate the columns with commas")]
    Header {},
    /// There is a first line and nothing else.
    #[error("the file has no pairs; write one on each line after the first")]
    NoPairs {},
    /// The line has too few or too many columns.
    #[error("the line must have five columns; put a text that holds a comma in quotation marks")]
    Columns {},
    /// The bytes are no text.
    #[error("the file is not in UTF-8; save it as CSV in UTF-8")]
    Encoding {},
    /// The cell holds no word.
    #[error("the cell is empty; fill it in, or remove the line")]
    Empty {},
    /// The cell is too long.
    #[error("the cell has more than {TEXT} characters; shorten it")]
    Long {},
    /// The severity is none that is known.
    #[error("write minor, moderate, major or contraindicated")]
    Severity {},
    /// Both names are of one ingredient.
    #[error("both names are of one ingredient; name two")]
    Same {},
    /// The pair is on an earlier line already.
    #[error("the pair is on line {first} already; remove one of the two")]
    Twice {
        /// That line.
        first: u64,
    },
}

crate::tagged!(ListProblem by "kind", lenient {
    "large" => Large {},
    "many" => Many {},
    "header" => Header {},
    "no_pairs" => NoPairs {},
    "columns" => Columns {},
    "encoding" => Encoding {},
    "empty" => Empty {},
    "long" => Long {},
    "severity" => Severity {},
    "same" => Same {},
    "twice" => Twice { first },
});

/// Every fault of a list: the first of them one by one, the others by their number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListFaults {
    /// The first, at most [`MAX_FAULTS`], by line.
    pub first: Vec<ListFault>,
    /// How many more there are.
    pub more: u32,
}

impl ListFaults {
    /// A list with this one fault.
    pub fn one(line: u64, problem: ListProblem) -> Self {
        Self {
            first: vec![ListFault {
                line,
                column: None,
                problem,
            }],
            more: 0,
        }
    }

    fn add(&mut self, fault: ListFault) {
        if self.first.len() < MAX_FAULTS {
            self.first.push(fault);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }
}

/// The text of a file.
///
/// # Errors
/// It is too large, or the first line that is not in UTF-8.
pub fn list_text(bytes: Vec<u8>) -> Result<String, ListFaults> {
    if bytes.len() > MAX_BYTES {
        return Err(ListFaults::one(1, ListProblem::Large {}));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let ends = error.as_bytes().iter().take(good).filter(|byte| **byte == b'\n');
        ListFaults::one(1 + ends.count() as u64, ListProblem::Encoding {})
    })
}

/// The pairs of a list, from its rows, each with its line and its cells without the blanks around them; the first row
/// names the columns. Nothing of a list with a fault is kept.
///
/// # Errors
/// Every fault, by line.
pub fn read_list<'a>(rows: impl IntoIterator<Item = (u64, Vec<&'a str>)>) -> Result<Vec<InteractionPair>, ListFaults> {
    let mut rows = rows.into_iter();
    let named = Column::ALL.map(Column::name);
    match rows.next() {
        Some((_, first)) if first == named => {}
        Some((line, _)) => return Err(ListFaults::one(line, ListProblem::Header {})),
        None => return Err(ListFaults::one(1, ListProblem::Header {})),
    }
    let mut lines = BTreeMap::new();
    let (mut pairs, mut faults) = (Vec::new(), ListFaults::default());
    for (line, cells) in rows {
        if pairs.len() == MAX_PAIRS {
            faults.add(fault(line, None, ListProblem::Many {}));
            break;
        }
        let read = pair(line, &cells).and_then(|pair| match lines.get(&key(&pair.a, &pair.b)) {
            Some(first) => Err(fault(line, Some(Column::B), ListProblem::Twice { first: *first })),
            None => Ok(pair),
        });
        match read {
            Ok(pair) => {
                lines.insert(key(&pair.a, &pair.b), line);
                pairs.push(pair);
            }
            Err(fault) => faults.add(fault),
        }
    }
    if pairs.is_empty() && faults.first.is_empty() {
        faults = ListFaults::one(1, ListProblem::NoPairs {});
    }
    if faults.first.is_empty() {
        Ok(pairs)
    } else {
        Err(faults)
    }
}

const fn fault(line: u64, column: Option<Column>, problem: ListProblem) -> ListFault {
    ListFault { line, column, problem }
}

fn pair(line: u64, cells: &[&str]) -> Result<InteractionPair, ListFault> {
    let &[a, b, severity, text, source] = cells else {
        return Err(fault(line, None, ListProblem::Columns {}));
    };
    let checked = |column, cell: &str| match cell.chars().count() {
        0 => Err(fault(line, Some(column), ListProblem::Empty {})),
        1..=TEXT => Ok(cell.to_owned()),
        _ => Err(fault(line, Some(column), ListProblem::Long {})),
    };
    let name = |column, cell| match normal(&checked(column, cell)?) {
        name if name.is_empty() => Err(fault(line, Some(column), ListProblem::Empty {})),
        name => Ok(name),
    };
    let (a, b) = (name(Column::A, a)?, name(Column::B, b)?);
    if a == b {
        return Err(fault(line, Some(Column::B), ListProblem::Same {}));
    }
    let severity = match checked(Column::Severity, severity)?.to_lowercase().as_str() {
        "minor" => Severity::Minor,
        "moderate" => Severity::Moderate,
        "major" => Severity::Major,
        "contraindicated" => Severity::Contraindicated,
        _ => return Err(fault(line, Some(Column::Severity), ListProblem::Severity {})),
    };
    Ok(InteractionPair {
        a,
        b,
        severity,
        text: checked(Column::Text, text)?,
        source: checked(Column::Source, source)?,
    })
}
