//! Numbers, texts and moments as bytes: a small number takes few.

use chrono::DateTime;
use thiserror::Error;

use crate::calendar::Instant;

/// Why bytes are no packed event, or no case file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PackError {
    /// They are of a later version of the form.
    #[error("is in form {0}, which is newer than this program; it reads form 1")]
    TooNew(u8),
    /// They end too early.
    #[error("breaks off")]
    BreaksOff,
    /// There are more of them than there should be.
    #[error("goes on after its end")]
    GoesOn,
    /// Something in them cannot be.
    #[error("has {0} that cannot be")]
    Malformed(&'static str),
}

/// Bytes that are read from the front.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'b>(pub(super) &'b [u8]);

impl<'b> Cursor<'b> {
    pub(super) fn byte(&mut self) -> Result<u8, PackError> {
        let (first, rest) = self.0.split_first().ok_or(PackError::BreaksOff)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'b [u8], PackError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(PackError::BreaksOff)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], PackError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(PackError::BreaksOff)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn number(&mut self) -> Result<u64, PackError> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                break;
            }
            number |= part << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(PackError::Malformed("a number"))
    }

    /// A number of things that follow, each of a byte at least: there cannot be more than bytes.
    pub(super) fn count(&mut self) -> Result<usize, PackError> {
        let count = usize::try_from(self.number()?).map_err(|_| PackError::BreaksOff)?;
        if count > self.0.len() { Err(PackError::BreaksOff) } else { Ok(count) }
    }

    pub(super) fn text(&mut self) -> Result<&'b str, PackError> {
        let length = self.count()?;
        self.text_of(length)
    }

    pub(super) fn text_of(&mut self, length: usize) -> Result<&'b str, PackError> {
        std::str::from_utf8(self.take(length)?).map_err(|_| PackError::Malformed("a text"))
    }

    pub(super) fn moment(&mut self, base: Base) -> Result<Instant, PackError> {
        let head = self.number()?;
        let distance = unzigzag(head >> 2);
        let (factor, nanos) = match head & 3 {
            MINUTES => (60, Some(base.nanos)),
            SECONDS => (1, Some(base.nanos)),
            MICROS => (1, self.number()?.checked_mul(1_000).and_then(|nanos| u32::try_from(nanos).ok())),
            _ => (1, u32::try_from(self.number()?).ok()),
        };
        let seconds = distance.checked_mul(factor).and_then(|distance| base.seconds.checked_add(distance));
        let moment = seconds.zip(nanos).and_then(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos));
        moment.ok_or(PackError::Malformed("a time"))
    }

    pub(super) const fn end(self) -> Result<(), PackError> {
        if self.0.is_empty() { Ok(()) } else { Err(PackError::GoesOn) }
    }
}

/// The moment that another is counted from. A leap second has more than 1,000,000,000 nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Base {
    seconds: i64,
    nanos: u32,
}

impl Base {
    /// The beginning of 2020.
    pub(super) const EPOCH: Self = Self { seconds: 1_577_836_800, nanos: 0 };
}

impl From<Instant> for Base {
    fn from(moment: Instant) -> Self {
        Self { seconds: moment.timestamp(), nanos: moment.timestamp_subsec_nanos() }
    }
}

const MINUTES: u64 = 0;
const SECONDS: u64 = 1;
const MICROS: u64 = 2;
const NANOS: u64 = 3;

pub(super) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            return out.push(low & 0x7f);
        }
        out.push(low | 0x80);
    }
}

pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// A moment by its distance from `base`, in the largest unit that holds it to the nanosecond.
pub(super) fn put_moment(out: &mut Vec<u8>, base: Base, moment: Instant) {
    let Base { seconds, nanos } = moment.into();
    let distance = seconds - base.seconds;
    let (distance, unit, rest) = match nanos {
        _ if nanos == base.nanos && distance % 60 == 0 => (distance / 60, MINUTES, None),
        _ if nanos == base.nanos => (distance, SECONDS, None),
        _ if nanos % 1_000 == 0 => (distance, MICROS, Some(nanos / 1_000)),
        _ => (distance, NANOS, Some(nanos)),
    };
    put_number(out, zigzag(distance) << 2 | unit);
    if let Some(rest) = rest {
        put_number(out, rest.into());
    }
}

const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

const fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}
