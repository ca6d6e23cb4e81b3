//! Bar charts as the page draws them: places in an SVG of fixed width.

use serde::Serialize;

/// How wide the longest bar is, in pixels; what stands beside it has the rest of the 640.
const WIDTH: f64 = 440.0;
/// How high a bar is with its label above it.
const STEP: u32 = 48;

/// A chart of bars, each under its label.
#[derive(Debug, Serialize)]
pub(super) struct Chart {
    pub id: String,
    pub title: String,
    /// The same numbers in words, for who cannot see it.
    pub description: String,
    pub height: u32,
    pub legend: Vec<Key>,
    pub bars: Vec<Bar>,
}

/// What a colour means.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Key {
    pub class: &'static str,
    pub text: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Bar {
    pub label: String,
    pub label_y: u32,
    pub y: u32,
    pub note: String,
    pub note_x: f64,
    pub note_y: u32,
    pub parts: Vec<Part>,
}

#[derive(Debug, Serialize)]
pub(super) struct Part {
    pub class: &'static str,
    pub x: f64,
    pub width: f64,
    pub title: String,
}

/// A bar before it has a place: its label, what stands beside it, and how long each part of it is.
pub(super) struct Row {
    pub label: String,
    pub note: String,
    pub values: Vec<f64>,
}

impl Chart {
    /// The chart of `rows`, each part of a bar under its key; none where there is nothing to draw. `shares`: every bar is as long
    /// as another, and its parts are shares of it.
    pub fn new(id: &str, title: String, legend: Vec<Key>, rows: Vec<Row>, shares: bool) -> Option<Self> {
        let sum = |row: &Row| row.values.iter().sum::<f64>();
        let longest = rows.iter().map(sum).fold(0.0, f64::max);
        if longest <= 0.0 {
            return None;
        }
        let description = rows.iter().map(|row| format!("{}: {}", row.label, row.note)).collect::<Vec<_>>();
        let height = STEP * u32::try_from(rows.len()).unwrap_or(u32::MAX / STEP);
        let bars = (0..).zip(rows).map(|(n, row)| {
            let whole = if shares { sum(&row) } else { longest };
            bar(n, row, whole, &legend)
        });
        let bars = bars.collect();
        Some(Self { id: id.to_owned(), title, description: description.join("; "), height, legend, bars })
    }
}

fn bar(n: u32, row: Row, whole: f64, legend: &[Key]) -> Bar {
    let mut x = 0.0;
    let mut parts = Vec::new();
    for (key, value) in legend.iter().zip(&row.values).filter(|(_, value)| **value > 0.0) {
        let width = pixels(WIDTH * value / whole);
        parts.push(Part { class: key.class, x: pixels(x), width, title: format!("{}: {value}", key.text) });
        x += width;
    }
    let top = n * STEP;
    Bar {
        label: row.label,
        label_y: top + 14,
        y: top + 20,
        note: row.note,
        note_x: pixels(x) + if x > 0.0 { 8.0 } else { 0.0 },
        note_y: top + 34,
        parts,
    }
}

/// To a tenth of a pixel.
fn pixels(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
