//! A report as CSV (RFC 4180): one line a figure.

use super::lines::lines;
use super::model::Report;

/// The report as CSV with the columns `section`, `programme`, `item`, `role`, `measure` and `value`. A withheld figure
/// is `[c]`; one that there is nothing to reckon from is empty.
///
/// # Errors
/// When there is no memory to write to.
pub fn csv(report: &Report) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["section", "programme", "item", "role", "measure", "value"])?;
    for line in lines(report) {
        let value = line.value.to_string();
        writer.write_record([line.section, &line.programme, &line.item, &line.role, line.measure, &value])?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}
