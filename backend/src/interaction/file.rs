//! The file: CSV with commas, as RFC 4180 has it, in UTF-8 with or without a byte order mark.

use csv::{ReaderBuilder, StringRecord, Trim};
use doseline_shared::safety::{InteractionPair, ListFaults, ListProblem, list_text, read_list};

/// The pairs of a file.
///
/// # Errors
/// Every fault, by line.
pub fn pairs(bytes: Vec<u8>) -> Result<Vec<InteractionPair>, ListFaults> {
    let text = list_text(bytes)?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes());
    let records: Vec<StringRecord> = reader
        .records()
        .collect::<Result<_, _>>()
        // Of a text in memory whose rows may be of any length, nothing else can fail.
        .map_err(|_| ListFaults::one(1, ListProblem::Encoding {}))?;
    let mut lines = Lines::of(&text);
    read_list(records.iter().map(|record| {
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        (line, record.iter().collect())
    }))
}

/// Counts the lines of a file from its beginning on. The reader's own count stops before the blank lines that a row may
/// have before it, and at half of the two characters that end a line elsewhere.
struct Lines<'a> {
    rest: &'a [u8],
    /// Where `rest` begins.
    byte: u64,
    line: u64,
}

impl<'a> Lines<'a> {
    const fn of(text: &'a str) -> Self {
        Self {
            rest: text.as_bytes(),
            byte: 0,
            line: 1,
        }
    }

    /// The line on which the row begins that is read from `byte` on. Each call goes on from the one before.
    fn at(&mut self, byte: u64) -> u64 {
        while let Some((first, rest)) = self.rest.split_first() {
            let ends = *first == b'\n' || *first == b'\r' && rest.first() != Some(&b'\n');
            if self.byte >= byte && !matches!(first, b'\n' | b'\r') {
                break;
            }
            self.rest = rest;
            self.byte += 1;
            self.line += u64::from(ends);
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use doseline_shared::safety::{Column, Severity};

    use super::*;

    fn faults(file: &str) -> Vec<(u64, Option<Column>)> {
        let found = pairs(file.into()).unwrap_err();
        found.first.iter().map(|fault| (fault.line, fault.column)).collect()
    }

    #[test]
    fn a_file_as_an_office_program_writes_it_is_read() {
        let file = "\u{feff}a,b,severity,text,source\r\n\
            Warfarin sodium,ibuprofen,Major,\"Bleeding, watch it.\r\nSay \"\"why\"\".\",Formulary\r\n\
            \r\n\
            lisinopril , potassium chloride,moderate,Watch potassium,Formulary\r\n";
        let pairs = pairs(file.into()).unwrap();
        assert_eq!(pairs.len(), 2);
        assert_eq!((pairs[0].a.as_str(), pairs[0].severity), ("warfarin", Severity::Major));
        assert_eq!(pairs[0].text, "Bleeding, watch it.\r\nSay \"why\".");
        assert_eq!(pairs[1].a, "lisinopril");
    }

    #[test]
    fn a_fault_is_named_by_the_line_of_the_file_that_its_row_begins_on() {
        let head = "a,b,severity,text,source\n";
        let good = "warfarin,ibuprofen,major,\"one\ntwo\",s\n";
        let later = format!("{head}{good}\nx,y,grave,t,s\nx,z,grave,t,s\n");
        for file in [later.clone(), later.replace('\n', "\r\n"), later.replace('\n', "\r")] {
            let severity = Some(Column::Severity);
            assert_eq!(faults(&file), [(5, severity), (6, severity)], "{file:?}");
        }
        assert_eq!(faults(&format!("{head}x,y,major,bleeding, watch it,s\n")), [(2, None)]);
        assert_eq!(faults("a;b;severity;text;source\n"), [(1, None)]);
        assert_eq!(faults(""), [(1, None)]);
        let latin = [head.as_bytes(), b"caf\xe9,y,major,t,s\n"].concat();
        assert_eq!(pairs(latin).unwrap_err(), ListFaults::one(2, ListProblem::Encoding {}));
    }

    #[test]
    fn no_bytes_at_all_bring_it_down() {
        for file in [
            "\"",
            "\"\n\n\"x",
            ",,,,\n,,,,",
            "\0",
            "a,b,severity,text,source\n\"x,y,major,t,s\n",
        ] {
            assert!(pairs(file.into()).is_err(), "{file:?}");
        }
    }
}
