//! SHA-256 over what passes.

use std::cell::RefCell;
use std::io::{self, Read, Write};

use sha2::{Digest as _, Sha256};

use crate::case::hex;

/// A writer that keeps the hash and the number of all bytes written.
pub(super) struct HashingWriter<W> {
    inner: W,
    hasher: Sha256,
    bytes: u64,
}

impl<W> HashingWriter<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, hasher: Sha256::new(), bytes: 0 }
    }

    /// The hash of all so far, and how many bytes that are.
    pub(super) fn so_far(&self) -> ([u8; 32], u64) {
        (self.hasher.clone().finalize().into(), self.bytes)
    }

    pub(super) fn into_inner(self) -> W {
        self.inner
    }
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The block that a member's header is.
const BLOCK: usize = 512;

/// The hash of all bytes but the last block: once a header was read, of all that stands before it.
#[derive(Default)]
pub(super) struct Trailing {
    hasher: Sha256,
    bytes: u64,
    last: Vec<u8>,
}

impl Trailing {
    fn pass(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.last.extend_from_slice(bytes);
        let beyond = self.last.len().saturating_sub(BLOCK);
        self.hasher.update(self.last.get(..beyond).unwrap_or_default());
        self.last.drain(..beyond);
    }

    /// The hash in hexadecimal, and how many bytes it is of.
    pub(super) fn before_the_last_block(&self) -> (String, u64) {
        (hex(&self.hasher.clone().finalize()), self.bytes - self.last.len() as u64)
    }
}

/// A reader that lets what it reads pass by a hash.
pub(super) struct TrailingReader<'a, R> {
    pub inner: R,
    pub passed: &'a RefCell<Trailing>,
}

impl<R: Read> Read for TrailingReader<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.passed.borrow_mut().pass(into.get(..read).unwrap_or_default());
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_block_is_left_out_however_it_is_read() {
        let bytes: Vec<u8> = (0..3000_u32).map(|n| n.to_le_bytes()[0]).collect();
        for step in [1, 7, 511, 512, 513, 3000] {
            let passed = RefCell::new(Trailing::default());
            let mut reader = TrailingReader { inner: &*bytes, passed: &passed };
            let mut chunk = vec![0; step];
            while reader.read(&mut chunk).expect("memory") > 0 {}
            let expected = hex(&Sha256::digest(&bytes[..3000 - BLOCK]));
            assert_eq!(passed.borrow().before_the_last_block(), (expected, 2488), "by {step}");
        }
    }
}
