//! Medians and quartiles.

/// A quarter, the half and three quarters of the way through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quartiles {
    pub lower: f64,
    pub median: f64,
    pub upper: f64,
}

/// The quartiles of the values; none where there is none. Between two values it is the mean of them, weighed by how near each is (as
/// spreadsheets do: `QUARTILE.INC`).
pub(super) fn quartiles(values: &[f64]) -> Option<Quartiles> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Some(Quartiles { lower: at(&sorted, 1)?, median: at(&sorted, 2)?, upper: at(&sorted, 3)? })
}

/// The median of the values; none where there is none.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    quartiles(values).map(|found| found.median)
}

/// The value so many quarters of the way through.
fn at(sorted: &[f64], quarters: usize) -> Option<f64> {
    let way = sorted.len().checked_sub(1)? * quarters;
    let (place, rest) = (way / 4, way % 4);
    let below = sorted.get(place)?;
    let above = sorted.get(place + 1).unwrap_or(below);
    let rest = f64::from(u8::try_from(rest).unwrap_or_default()) / 4.0;
    Some(tenth(below + (above - below) * rest))
}

/// To one decimal, as it is shown.
pub(super) fn tenth(value: f64) -> f64 {
    let rounded = (value * 10.0).round() / 10.0;
    // There is no −0.0 in a report.
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// So many of a whole, as a number.
#[expect(clippy::cast_precision_loss, reason = "counts of obligations are far below 2^52")]
pub(super) const fn number(count: u64) -> f64 {
    count as f64
}

/// So many of a whole in per cent; none of nothing.
pub(super) fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| tenth(100.0 * number(part) / number(whole)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_are_those_of_a_spreadsheet() {
        let found = quartiles(&[7.0, 1.0, 3.0, 2.0]).expect("four values");
        assert_eq!((found.lower, found.median, found.upper), (1.8, 2.5, 4.0));
        assert_eq!(median(&[-3.0, 4.0, -1.0]), Some(-1.0));
        assert_eq!(
            (median(&[]), median(&[2.0]), percent(1, 3), percent(0, 0)),
            (None, Some(2.0), Some(33.3), None)
        );
    }
}
