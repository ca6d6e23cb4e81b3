//! How long the disk takes, for whoever watches the log.

use prometheus_client::metrics::histogram::Histogram;

/// The upper bounds of the classes that waits for the disk are counted in, in seconds: from a sync that a battery
/// vouches for to a disk that is about to be given up.
pub const CLASSES: [f64; 16] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// What is measured of the log. Cheap to clone; each clone counts into the same.
#[derive(Debug, Clone)]
pub struct Timings {
    /// How long each write of the witness took with its sync (fdatasync), in seconds.
    pub sync: Histogram,
}

impl Default for Timings {
    fn default() -> Self {
        Self { sync: Histogram::new(CLASSES) }
    }
}
