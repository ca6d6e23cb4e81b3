//! The rows of a CSV text, by the names of their columns.

use std::collections::HashMap;

use csv::{ByteRecord, ReaderBuilder};

use super::RowFault;
use super::map::ExtractMap;
use crate::case::nearest;

/// What an extract holds.
#[derive(Debug)]
pub(super) struct Table {
    columns: HashMap<String, usize>,
    /// Its rows, empty ones left out.
    pub rows: Vec<Row>,
}

/// A row, with the line it starts on.
#[derive(Debug)]
pub(super) struct Row {
    pub line: usize,
    cells: Vec<String>,
}

impl Table {
    /// The cell of a column, without the blanks around it.
    pub(super) fn cell<'a>(&self, row: &'a Row, column: &str) -> &'a str {
        self.columns.get(column).and_then(|index| row.cells.get(*index)).map_or("", String::as_str)
    }
}

/// Reads a CSV text: quoted as RFC 4180 says, with a header, in UTF-8.
///
/// # Errors
/// A fault of the text as a whole, or one for each row that is not as long as the header.
pub(super) fn read(text: &[u8], map: &ExtractMap) -> Result<Table, Vec<RowFault>> {
    let text = as_text(text).map_err(|fault| vec![fault])?.as_bytes();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut records = records(text, map.delimiter).map_err(|fault| vec![fault])?;
    if records.is_empty() {
        let reason = "the extract is empty; its first line names the columns";
        return Err(vec![RowFault::of_row(1, reason)]);
    }
    let (line, header) = records.remove(0);
    let columns = columns(line, &header, map)?;
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for (line, cells) in records {
        if cells.len() == header.len() {
            rows.push(Row { line, cells });
        } else {
            faults.push(ragged(line, cells.len(), header.len()));
        }
    }
    if faults.is_empty() { Ok(Table { columns, rows }) } else { Err(faults) }
}

/// The records that are not empty, with their lines.
fn records(text: &[u8], delimiter: u8) -> Result<Vec<(usize, Vec<String>)>, RowFault> {
    let mut lines = Lines { text, at: 0, line: 1 };
    if let Some((place, reason)) = misquoted(text, delimiter) {
        return Err(RowFault::of_row(lines.of(place), reason));
    }
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text);
    let (mut records, mut record) = (Vec::new(), ByteRecord::new());
    // Reading from memory as bytes, into rows of any length, has no way to fail.
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        let start = record.position().map_or(0, csv::Position::byte);
        let cells = cells(&record);
        if cells.iter().any(|cell| !cell.is_empty()) {
            records.push((lines.of(usize::try_from(start).unwrap_or(usize::MAX)), cells));
        }
    }
    Ok(records)
}

/// Where a quotation mark is wrong, and why. The reader takes any; but one that is not closed where its cell
/// ends swallows rows, and none may be lost in silence.
fn misquoted(text: &[u8], delimiter: u8) -> Option<(usize, &'static str)> {
    let ends = |byte: u8| byte == delimiter || byte == b'\n' || byte == b'\r';
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let starts = at == 0 || text.get(at - 1).is_some_and(|before| ends(*before));
        if *byte != b'"' || !starts {
            at += 1;
            continue;
        }
        let opened = at;
        at += 1;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            let Some(close) = rest.iter().position(|byte| *byte == b'"') else {
                return Some((opened, "a quotation mark is opened here and never closed"));
            };
            at += close + 1;
            if text.get(at) != Some(&b'"') {
                break;
            }
            at += 1;
        }
        let after = text.get(at..).unwrap_or_default();
        let after = after.iter().find(|byte| **byte != b' ');
        if after.is_some_and(|byte| !ends(*byte)) {
            let reason = "the quotation mark that is opened here is closed within a cell; one that is part of a cell is written twice";
            return Some((opened, reason));
        }
    }
    None
}

/// The extract as text.
///
/// # Errors
/// A fault with the line of the first byte that is no text.
pub fn as_text(csv: &[u8]) -> Result<&str, RowFault> {
    const ADVICE: &str = "save the extract as \"CSV UTF-8\"";
    if csv.starts_with(b"\xff\xfe") || csv.starts_with(b"\xfe\xff") {
        return Err(RowFault::of_row(1, format!("the extract is UTF-16; {ADVICE}")));
    }
    let place = match std::str::from_utf8(csv) {
        Ok(text) => match text.find('\0') {
            None => return Ok(text),
            Some(place) => place,
        },
        Err(error) => error.valid_up_to(),
    };
    let line = Lines { text: csv, at: 0, line: 1 }.of(place);
    Err(RowFault::of_row(line, format!("holds a byte that is no UTF-8 text; {ADVICE}")))
}

fn cells(record: &ByteRecord) -> Vec<String> {
    record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect()
}

/// Where the columns of the map stand. Names are shown only where they are near to what was looked for: the
/// first line of a file without a header is somebody's record.
fn columns(
    line: usize,
    header: &[String],
    map: &ExtractMap,
) -> Result<HashMap<String, usize>, Vec<RowFault>> {
    if let Some(reason) = undelimited(header, map.delimiter) {
        return Err(vec![RowFault::of_row(line, reason)]);
    }
    let mut columns = HashMap::new();
    let mut faults = Vec::new();
    for wanted in map.columns() {
        let mut places =
            header.iter().enumerate().filter(|(_, name)| *name == wanted).map(|(index, _)| index);
        match (places.next(), places.next()) {
            (Some(index), None) => {
                columns.insert(wanted.to_owned(), index);
            }
            (Some(_), Some(_)) => {
                let reason = "two columns have this name; rename one of them in the extract";
                faults.push(RowFault::of_cell(line, wanted, reason));
            }
            (None, _) => {
                let reason = format!("is no column of the extract{}", advice(wanted, header, map));
                faults.push(RowFault::of_cell(line, wanted, reason));
            }
        }
    }
    if faults.is_empty() { Ok(columns) } else { Err(faults) }
}

fn advice(wanted: &str, header: &[String], map: &ExtractMap) -> String {
    let taken = map.columns();
    let free = header.iter().map(String::as_str).filter(|name| !taken.contains(name));
    if let Some(near) = nearest(wanted, free) {
        return format!("; did you mean \"{near}\"?");
    }
    "; is the first line the header?".to_owned()
}

/// Whether the header is one long column, because something else stands between the names.
fn undelimited(header: &[String], delimiter: u8) -> Option<String> {
    let [name] = header else { return None };
    let known = [(b';', "\";\""), (b',', "\",\""), (b'\t', "\"\\t\""), (b'|', "\"|\"")];
    let (_, other) =
        known.into_iter().find(|(byte, _)| *byte != delimiter && name.as_bytes().contains(byte))?;
    Some(format!("is one column; say delimiter = {other} in the map, if that stands between the names"))
}

fn ragged(line: usize, found: usize, expected: usize) -> RowFault {
    let unit = if found == 1 { "cell" } else { "cells" };
    let hint = "a cell with a delimiter in it stands in quotation marks";
    RowFault::of_row(line, format!("has {found} {unit}, the header has {expected}; {hint}"))
}

/// Counts lines up to a place in the text; places are asked for in order.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of the first byte from `place` on that ends none: a row starts after the empty lines before it.
    fn of(&mut self, place: usize) -> usize {
        while let Some(byte) = self.text.get(self.at) {
            let ends = matches!(byte, b'\n' | b'\r');
            if self.at >= place && !ends {
                break;
            }
            self.at += 1;
            // CR LF is one end, and so is a CR by itself.
            if ends && !(*byte == b'\r' && self.text.get(self.at) == Some(&b'\n')) {
                self.line += 1;
            }
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::read_map;

    fn table(text: &[u8], delimiter: &str) -> Result<Vec<String>, Vec<String>> {
        let map = format!(
            "source = \"/s\"\ncase = \"Case\"\ndelimiter = \"{delimiter}\"\n[[event]]\ntype = \"t\"\ndate = \"Date\"\n"
        );
        let map = read_map(map.as_bytes()).expect("a map");
        let shown = |table: &Table, row: &Row| {
            format!("{}: {:?} {:?}", row.line, table.cell(row, "Case"), table.cell(row, "Date"))
        };
        read(text, &map)
            .map(|table| table.rows.iter().map(|row| shown(&table, row)).collect())
            .map_err(|faults| faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn what_spreadsheets_write_is_read_with_the_lines_of_the_file() {
        let plain = ["2: \"1\" \"d\"", "3: \"2\" \"e\""];
        for text in [
            "Case,Date\n1,d\n2,e\n",
            "Case,Date\r\n1,d\r\n2,e\r\n\r\n\r\n",
            "Case,Date\r1,d\r2,e",
            "\u{feff}Date,Name,Case\nd,,1\ne,x,2\n,,\n , ,\n",
            "\"Case\", Date \n\"1\",\" d \"\n2 ,e\n",
        ] {
            assert_eq!(table(text.as_bytes(), ","), Ok(plain.map(str::to_owned).to_vec()), "{text:?}");
        }
        assert_eq!(
            table("Case;Date;Note\r\n1;d;\"two\r\nlines; \"\"quoted\"\"\"\r\n\r\n2;e;\r\n".as_bytes(), ";"),
            Ok(vec!["2: \"1\" \"d\"".to_owned(), "5: \"2\" \"e\"".to_owned()])
        );
        assert_eq!(table(b"Case\tDate\n1\td\n", "\\t"), Ok(vec!["2: \"1\" \"d\"".to_owned()]));
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_line_with_the_way_out() {
        let table_of_faults: [(&[u8], &str); 11] = [
            (b"", "line 1: the extract is empty; its first line names the columns"),
            (b"\r\n,,\r\n", "line 1: the extract is empty; its first line names the columns"),
            (
                b"Case,Date\n1,d\n\n2\n",
                "line 4: has 1 cell, the header has 2; a cell with a delimiter in it stands in quotation marks",
            ),
            (b"Case,Date\n1,\"d\n2,e\n", "line 2: a quotation mark is opened here and never closed"),
            (b"Case,Date\n1,d,\"x\n2,e\n", "line 2: a quotation mark is opened here and never closed"),
            (
                b"Case,Date\n\"1,d\n\"2,e\n",
                "line 2: the quotation mark that is opened here is closed within a cell; one that is part of a cell is written twice",
            ),
            (b"Case,Datum\n1,d\n", "line 1: Date: is no column of the extract; did you mean \"Datum\"?"),
            (
                b"Case;Date\n1;d\n",
                "line 1: is one column; say delimiter = \";\" in the map, if that stands between the names",
            ),
            (
                b"SD-1,Poppy Vance\nSD-2,e\n",
                "line 1: Case: is no column of the extract; is the first line the header?",
            ),
            (
                b"Case,Date,Date\n1,d,e\n",
                "line 1: Date: two columns have this name; rename one of them in the extract",
            ),
            (
                b"Case,Date\n1,d\n2,\xe9\n",
                "line 3: holds a byte that is no UTF-8 text; save the extract as \"CSV UTF-8\"",
            ),
        ];
        for (text, expected) in table_of_faults {
            let found = table(text, ",").expect_err("a fault");
            assert_eq!(found.first().map(String::as_str), Some(expected), "{text:?}");
        }
        assert_eq!(
            table(b"\xff\xfeC\0", ",").map_err(|faults| faults.concat()),
            Err("line 1: the extract is UTF-16; save the extract as \"CSV UTF-8\"".to_owned())
        );
    }
}
