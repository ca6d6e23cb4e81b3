//! The two halves of the key that signs checkpoints, as the signed-note specification writes them.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::CheckpointError;

/// The signature type "Ed25519" (<https://c2sp.org/signed-note>, "Signature types").
const ED25519_TYPE: u8 = 1;

/// The secret half: the seed of an Ed25519 key (RFC 8032, section 5.1.5). Never shown, wiped when dropped.
#[derive(Clone)]
pub struct SigningSeed(Zeroizing<[u8; 32]>);

impl SigningSeed {
    /// The seed with these bytes, which should be random.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// A secret for `purpose` that follows from this one.
    pub(in crate::log) fn derive(&self, purpose: &[u8]) -> [u8; 32] {
        Sha256::new().chain_update(purpose).chain_update(self.0.as_slice()).finalize().into()
    }

    /// The public half, under the name that signature lines will bear.
    ///
    /// # Errors
    /// [`CheckpointError::KeyName`] when no key can have that name.
    pub fn verifier(&self, name: &str) -> Result<VerifierKey, CheckpointError> {
        let mut public = [0; 32];
        public.copy_from_slice(self.pair().public_key().as_ref());
        VerifierKey::new(name, public)
    }

    /// The 64 bytes of the signature of `text`.
    pub(super) fn sign(&self, text: &[u8]) -> Vec<u8> {
        self.pair().sign(text).as_ref().to_vec()
    }

    fn pair(&self) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(self.0.as_slice())
            .unwrap_or_else(|_| unreachable!("any 32 bytes are a seed"))
    }
}

impl fmt::Debug for SigningSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSeed(..)")
    }
}

/// The public half, with its name: what a third party needs to verify checkpoints.
///
/// Its text form is the "vkey" of signed notes: `<name>+<key id, 8 hex digits>+<base64>`, where the base64
/// is of the type byte 0x01 and the 32 bytes of the public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    public: [u8; 32],
}

impl VerifierKey {
    /// The Ed25519 key with these bytes (RFC 8032, section 5.1.2) under `name`.
    ///
    /// # Errors
    /// [`CheckpointError::KeyName`] when no key can have that name.
    pub fn new(name: &str, public: [u8; 32]) -> Result<Self, CheckpointError> {
        // Control characters are no matter of names, but no note may have any.
        let barred = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if name.is_empty() || name.contains(barred) {
            return Err(CheckpointError::KeyName(name.to_owned()));
        }
        Ok(Self { name: name.to_owned(), public })
    }

    /// The name on signature lines, such as `stepdown.example.org/log`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key id: the first four bytes of SHA-256(name || 0x0A || 0x01 || public key), big-endian.
    ///
    /// It tells keys apart that have one name; it is no proof of anything.
    #[must_use]
    pub fn id(&self) -> u32 {
        let digest = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ED25519_TYPE])
            .chain_update(self.public)
            .finalize();
        u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
    }

    /// Whether `signature` is one of `text` by this key.
    pub(super) fn signed(&self, text: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.public).verify(text, signature).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut typed = vec![ED25519_TYPE];
        typed.extend(self.public);
        write!(f, "{}+{:08x}+{}", self.name, self.id(), STANDARD.encode(typed))
    }
}

impl FromStr for VerifierKey {
    type Err = CheckpointError;

    /// Reads the text form. Whitespace around it is no part of it.
    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let malformed = CheckpointError::NotAVerifierKey;
        // Base64 has a "+" too, so only the first two separate.
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed("it has not three parts"));
        };
        if id.len() != 8 || !id.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(malformed("its second part is not 8 hex digits"));
        }
        let stated =
            u32::from_str_radix(id, 16).map_err(|_| malformed("its second part is not 8 hex digits"))?;
        let typed = STANDARD
            .decode(key)
            .map_err(|_| CheckpointError::Base64 { what: "the verifier key's last part" })?;
        let Some((&ED25519_TYPE, public)) = typed.split_first() else {
            return Err(malformed("it is not of type 1, Ed25519"));
        };
        let public = public
            .try_into()
            .map_err(|_| malformed("its last part is not a type byte and 32 bytes of key"))?;
        let key = Self::new(name, public)?;
        if key.id() != stated {
            return Err(CheckpointError::VerifierKeyId { actual: key.id(), stated, name: key.name });
        }
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example key in the documentation of golang.org/x/mod/sumdb/note.
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    fn refusal(text: &str) -> String {
        text.parse::<VerifierKey>().expect_err("a refusal").to_string()
    }

    #[test]
    fn the_text_form_is_that_of_signed_notes() {
        let key: VerifierKey = PETER.parse().expect("a key");
        assert_eq!((key.name(), key.id()), ("PeterNeumann", 0xc74f_20a3));
        assert_eq!(key.to_string(), PETER);
    }

    #[test]
    fn a_malformed_key_is_refused_with_the_reason() {
        insta::assert_snapshot!(refusal("PeterNeumann"), @r#"this is not a verifier key ("name+8 hex digits+base64"): it has not three parts"#);
        insta::assert_snapshot!(refusal("P+c74f20+ARpc"), @r#"this is not a verifier key ("name+8 hex digits+base64"): its second part is not 8 hex digits"#);
        insta::assert_snapshot!(refusal("P+c74f20a3+A*pc"), @"the verifier key's last part is not base64 (RFC 4648, section 4, with its padding)");
        insta::assert_snapshot!(refusal("P+c74f20a3+Ahpc"), @r#"this is not a verifier key ("name+8 hex digits+base64"): it is not of type 1, Ed25519"#);
        insta::assert_snapshot!(refusal("P+c74f20a3+ARpc"), @r#"this is not a verifier key ("name+8 hex digits+base64"): its last part is not a type byte and 32 bytes of key"#);
        insta::assert_snapshot!(refusal(&PETER.replace("Peter", "Paul")), @"the verifier key of PaulNeumann does not hold together: it says that its id is c74f20a3, but its name and public key give 55e343b6; copy it again from where it was published");
        insta::assert_snapshot!(refusal(&PETER.replace("Peter", "Peter ")), @r#""Peter Neumann" cannot be the name of a key: a name is not empty and has no space, no control character and no "+""#);
    }

    #[test]
    fn the_seed_is_not_shown() {
        assert_eq!(format!("{:?}", SigningSeed::new(&[7; 32])), "SigningSeed(..)");
    }
}
