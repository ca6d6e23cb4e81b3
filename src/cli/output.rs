//! Printing: tables for people, JSON for programs.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use clap::ValueEnum;
use comfy_table::{Cell, Color, ContentArrangement, LineStyle, Table, TableStyle};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::Failure;
use crate::schedule::Status;

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// A report for spreadsheets (`report`).
    #[value(hide = true)]
    Csv,
    /// A message as text (`reminders preview`).
    #[value(hide = true)]
    Text,
    /// A message (`reminders preview`), or a report (`report`), as HTML.
    #[value(hide = true)]
    Html,
    /// A message as it leaves (`reminders preview`).
    #[value(hide = true)]
    Eml,
}

impl Format {
    /// The formats that every command has.
    pub const COMMON: [Self; 2] = [Self::Table, Self::Json];

    /// Its name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// Writes `text` to stdout. A reader who has seen enough (a closed pipe) is no error.
pub fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes())
}

/// Writes bytes to stdout, as [`print`] does.
pub fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(&format!("stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Says a line on stderr.
#[expect(clippy::print_stderr, reason = "this is where talk goes")]
pub fn talk(line: &str) {
    eprintln!("{line}");
}

/// Writes `value` to stdout as JSON.
pub fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::failed(&error))?;
    print(&format!("{text}\n"))
}

/// A line under the headings and nothing else: what is read is the words.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─'));

/// An empty table that fits the terminal; 140 columns where there is none.
pub fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
    if !io::stdout().is_terminal() {
        table.set_width(140);
    }
    table.set_header(headings.iter().copied());
    table
}

/// A status, coloured on a terminal.
pub fn status_cell(status: Status) -> Cell {
    let cell = Cell::new(status);
    if !io::stdout().is_terminal() || std::env::var_os("NO_COLOR").is_some() {
        return cell;
    }
    match status {
        Status::Overdue | Status::Missed => cell.fg(Color::Red),
        Status::DoneLate => cell.fg(Color::Yellow),
        Status::Done => cell.fg(Color::Green),
        Status::Open => cell.fg(Color::Cyan),
        Status::Scheduled | Status::Waived | Status::Cancelled => cell,
    }
}

/// A progress bar on stderr, on a terminal only, for work that takes longer than a blink.
pub fn progress(length: u64, message: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(length);
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:40} {human_pos}/{human_len} {eta}") {
        bar.set_style(style);
    }
    bar.set_message(message);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// The same for work of unknown length, by the bytes that have come.
pub fn spinner(message: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{msg} {bytes} {spinner}") {
        bar.set_style(style);
    }
    bar.set_message(message);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
