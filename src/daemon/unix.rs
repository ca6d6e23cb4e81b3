//! Moments as the meters show them: seconds since 1970.

use crate::calendar::Instant;

/// Seconds since 1970.
pub(super) fn unix(at: Instant) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "microseconds since 1970 are exact in an f64 until 2255")]
    let micros = at.timestamp_micros() as f64;
    micros / 1e6
}

/// The moment that these seconds since 1970 are; none at 0, which stands for never.
pub(super) fn instant(seconds: f64) -> Option<Instant> {
    #[expect(clippy::cast_possible_truncation, reason = "microseconds since 1970 fit into an i64")]
    let micros = (seconds * 1e6).round() as i64;
    (micros > 0).then(|| Instant::from_timestamp_micros(micros)).flatten()
}
