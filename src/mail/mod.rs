//! A planned message becomes bytes, and the bytes are handed over stage by stage.
//!
//! Invariants: no subject, header or file name holds more than a case reference; a message counts as
//! accepted only when the server said 250 after the final dot, or the file is on the disk.

mod courier;
mod files;
mod ics;
mod jinja;
mod letter;
mod marks;
mod mask;
mod page;
mod probe;
mod proof;
mod reach;
mod render;
mod samples;
mod smtp;
mod templates;
mod voice;

pub use courier::{Courier, OffTheRecord, Outcome, Parcel, Recorder};
pub use files::FilesCourier;
pub use mask::without_addresses;
pub use probe::probe;
pub use proof::proof;
pub use reach::{Reached, Unreached, reach};
pub use render::{Post, RenderError, Rendered, clean};
pub use smtp::{SmtpCourier, SmtpSetupError};
pub use templates::{TemplateError, Templates};
