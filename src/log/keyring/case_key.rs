//! One key, ready to seal and open event data.

use std::fmt;
use std::hint::black_box;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce, UnboundKey};
use thiserror::Error;

/// How much longer what is sealed is than what was to be: the authentication tag.
pub const TAG_LENGTH: usize = MAX_TAG_LEN;

/// A key for AES-256-GCM (NIST SP 800-38D) with its round keys worked out. Never shown.
///
/// When it is dropped its memory is overwritten; copies that the processor or the compiler made meanwhile
/// are beyond reach.
pub struct CaseKey(LessSafeKey);

/// What was to be opened is not what was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "this does not open: the key, the nonce, what it is bound to, or a byte of it is another than when it was sealed"
)]
pub struct Unsealed;

impl CaseKey {
    /// Prepares the key with these bytes.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(prepared(key))
    }

    /// Encrypts `buffer[from..]` in place, bound to `aad`, and appends the tag of [`TAG_LENGTH`] bytes.
    ///
    /// A nonce must never be used twice with one key: two texts under one nonce give each other away, and
    /// let tags be forged.
    ///
    /// # Panics
    /// When `from` is beyond the end of `buffer`, or 64 GiB or more are to be sealed.
    pub fn seal(&self, nonce: [u8; NONCE_LEN], aad: &[u8], buffer: &mut Vec<u8>, from: usize) {
        let tag = self
            .0
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(aad),
                &mut buffer[from..],
            )
            .unwrap_or_else(|_| unreachable!("no event is of 64 GiB"));
        buffer.extend_from_slice(tag.as_ref());
    }

    /// Decrypts `sealed`, which ends with the tag, in place; gives the plain text at its start.
    ///
    /// # Errors
    /// [`Unsealed`] when the key, the nonce, `aad` or any bit of `sealed` is not as it was when sealed.
    /// What `sealed` holds then is of no use.
    pub fn open<'b>(
        &self,
        nonce: [u8; NONCE_LEN],
        aad: &[u8],
        sealed: &'b mut [u8],
    ) -> Result<&'b mut [u8], Unsealed> {
        self.0
            .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(aad), sealed)
            .map_err(|_| Unsealed)
    }
}

fn prepared(key: &[u8; 32]) -> LessSafeKey {
    let key = UnboundKey::new(&AES_256_GCM, key).unwrap_or_else(|_| unreachable!("32 bytes are a key"));
    LessSafeKey::new(key)
}

impl Drop for CaseKey {
    fn drop(&mut self) {
        // The library does not wipe its keys; to put a known one in its place does.
        self.0 = prepared(&[0; 32]);
        black_box(&mut self.0);
    }
}

impl fmt::Debug for CaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CaseKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::case::hex;

    #[test]
    fn the_cipher_is_the_published_one() {
        // Test case 14 of the GCM specification (McGrew, Viega): a zero key, nonce and block.
        let mut buffer = b"before".to_vec();
        buffer.extend([0; 16]);
        CaseKey::new(&[0; 32]).seal([0; 12], &[], &mut buffer, 6);
        assert_eq!(&buffer[..6], b"before");
        assert_eq!(hex(&buffer[6..22]), "cea7403d4d606b6e074ec5d3baf39d18");
        assert_eq!(hex(&buffer[22..]), "d0d1c8a799996bf0265b98b5d48ab919");
    }

    #[test]
    fn what_is_too_short_for_a_tag_does_not_open() {
        for length in 0..TAG_LENGTH {
            assert_eq!(CaseKey::new(&[1; 32]).open([0; 12], &[], &mut vec![0; length]), Err(Unsealed));
        }
    }

    #[test]
    fn nothing_of_the_key_is_shown() {
        assert_eq!(format!("{:?}", CaseKey::new(&[7; 32])), "CaseKey(..)");
    }

    proptest! {
        #[test]
        fn only_what_was_sealed_opens(
            key: [u8; 32],
            nonce: [u8; 12],
            aad in vec(any::<u8>(), 0..40),
            plain in vec(any::<u8>(), 0..300),
            flip: prop::sample::Index,
        ) {
            let case_key = CaseKey::new(&key);
            let mut sealed = plain.clone();
            case_key.seal(nonce, &aad, &mut sealed, 0);
            prop_assert_eq!(sealed.len(), plain.len() + TAG_LENGTH);
            let opens = |key: &CaseKey, nonce, aad: &[u8], sealed: &[u8]| {
                key.open(nonce, aad, &mut sealed.to_vec()).map(|plain| plain.to_vec())
            };
            prop_assert_eq!(opens(&case_key, nonce, &aad, &sealed), Ok(plain));

            let mask = 1 << flip.index(8);
            let mut wrong = sealed.clone();
            wrong[flip.index(sealed.len())] ^= mask;
            prop_assert_eq!(opens(&case_key, nonce, &aad, &wrong), Err(Unsealed));
            let mut other = nonce;
            other[flip.index(12)] ^= mask;
            prop_assert_eq!(opens(&case_key, other, &aad, &sealed), Err(Unsealed));
            let longer = [aad.as_slice(), &[0]].concat();
            prop_assert_eq!(opens(&case_key, nonce, &longer, &sealed), Err(Unsealed));
            let mut other = key;
            other[flip.index(32)] ^= mask;
            prop_assert_eq!(opens(&CaseKey::new(&other), nonce, &aad, &sealed), Err(Unsealed));
        }
    }
}
