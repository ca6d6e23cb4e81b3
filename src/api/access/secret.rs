//! New tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use crate::access::TokenHash;
use crate::log::LogError;

/// What every token begins with, so that whoever finds one knows what it is.
const MARK: &str = "sdt_";

/// A token that nobody has seen yet. It is shown once and kept nowhere; it has no `Debug`.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The token.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.0)
    }
}

/// Makes a token of 32 random bytes.
///
/// # Errors
/// When the system gives no random bytes.
pub fn new_secret() -> Result<Secret, LogError> {
    let mut bytes = Zeroizing::new([0; 32]);
    SystemRandom::new().fill(&mut *bytes).map_err(|_| LogError::Randomness)?;
    let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes));
    Ok(Secret(Zeroizing::new(format!("{MARK}{}", *text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_new_and_long_enough() {
        let (one, other) = (new_secret().expect("random bytes"), new_secret().expect("random bytes"));
        assert!(one.shown() != other.shown() && one.hash() != other.hash());
        // 256 bits in base64url, without padding.
        assert_eq!((one.shown().len(), one.shown().starts_with("sdt_")), (4 + 43, true));
        assert_eq!(one.hash(), TokenHash::of(one.shown()));
    }
}
