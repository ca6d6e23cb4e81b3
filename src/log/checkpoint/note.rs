//! Signed notes (<https://c2sp.org/signed-note>): a text, a blank line, signature lines.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{CheckpointError, SigningSeed, VerifierKey};

/// How many signature lines a note may have: as many as golang.org/x/mod/sumdb/note takes; sixteen is the
/// least that the specification asks for.
const MAX_SIGNATURES: usize = 100;

/// The note with the signature of `text` by `seed` under `name`.
pub(super) fn sign(text: &str, name: &str, seed: &SigningSeed) -> Result<String, CheckpointError> {
    check_characters(text)?;
    if !text.ends_with('\n') {
        return Err(CheckpointError::NotANote("its text does not end with a newline"));
    }
    let key = seed.verifier(name)?;
    let mut signature = key.id().to_be_bytes().to_vec();
    signature.extend(seed.sign(text.as_bytes()));
    Ok(format!("{text}\n\u{2014} {name} {}\n", STANDARD.encode(signature)))
}

/// The text of `note`, once a signature by `key` has been found good.
///
/// Signatures by other keys are left alone, as the specification asks; of those by `key` all must be good.
pub(super) fn open<'note>(note: &'note str, key: &VerifierKey) -> Result<&'note str, CheckpointError> {
    let (text, signatures) = split(note)?;
    let (ours, others): (Vec<_>, Vec<_>) =
        signatures.into_iter().partition(|line| line.name == key.name() && line.id == key.id());
    if ours.is_empty() {
        return Err(stranger(&others, key));
    }
    if ours.iter().all(|line| key.signed(text.as_bytes(), &line.signature)) {
        Ok(text)
    } else {
        Err(CheckpointError::Signature { name: key.name().to_owned() })
    }
}

/// Why none of these lines is one by `key`.
fn stranger(lines: &[Line<'_>], key: &VerifierKey) -> CheckpointError {
    if let Some(line) = lines.iter().find(|line| line.name == key.name()) {
        return CheckpointError::KeyId { name: key.name().to_owned(), expected: key.id(), found: line.id };
    }
    CheckpointError::UnknownName {
        expected: key.name().to_owned(),
        found: lines.iter().map(|line| line.name).collect::<Vec<_>>().join(", "),
    }
}

/// A signature line.
struct Line<'note> {
    name: &'note str,
    id: u32,
    signature: Vec<u8>,
}

/// The text with its last newline, and the signature lines.
fn split(note: &str) -> Result<(&str, Vec<Line<'_>>), CheckpointError> {
    check_characters(note)?;
    let body = note.strip_suffix('\n').ok_or(CheckpointError::NotANote("it does not end with a newline"))?;
    // A text may have blank lines of its own, so it is the last one that ends it.
    let blank = body
        .rfind("\n\n")
        .ok_or(CheckpointError::NotANote("no blank line stands between a text and signatures"))?;
    let lines: Vec<_> = body[blank + 2..].split('\n').map(line).collect::<Result<_, _>>()?;
    if lines.len() > MAX_SIGNATURES {
        return Err(CheckpointError::NotANote("it has more than 100 signatures"));
    }
    Ok((&note[..=blank], lines))
}

fn line(text: &str) -> Result<Line<'_>, CheckpointError> {
    let (name, signature) = text.strip_prefix("\u{2014} ").and_then(|rest| rest.split_once(' ')).ok_or(
        CheckpointError::NotANote("a line after its last blank line is not \"\u{2014} name base64\""),
    )?;
    VerifierKey::new(name, [0; 32])?;
    let bytes = STANDARD.decode(signature).map_err(|_| CheckpointError::Base64 { what: "a signature" })?;
    match bytes.split_first_chunk() {
        Some((id, signature)) if !signature.is_empty() => {
            Ok(Line { name, id: u32::from_be_bytes(*id), signature: signature.to_vec() })
        }
        _ => Err(CheckpointError::NotANote("a signature is too short to hold a key id and a signature")),
    }
}

fn check_characters(text: &str) -> Result<(), CheckpointError> {
    if text.bytes().any(|byte| byte < b' ' && byte != b'\n') {
        return Err(CheckpointError::NotANote("it has a control character other than a newline"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example in the documentation of golang.org/x/mod/sumdb/note, whose signing key is published with it.
    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const TYPED_SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const TEXT: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    fn key() -> VerifierKey {
        KEY.parse().expect("a key")
    }

    fn seed() -> SigningSeed {
        let typed = STANDARD.decode(TYPED_SEED).expect("base64");
        SigningSeed::new(typed[1..].try_into().expect("32 bytes"))
    }

    fn refusal(note: &str) -> String {
        open(note, &key()).expect_err("a refusal").to_string()
    }

    #[test]
    fn the_note_of_another_implementation_is_verified_and_written_alike() {
        assert_eq!(open(NOTE, &key()), Ok(TEXT));
        assert_eq!(seed().verifier("PeterNeumann"), Ok(key()));
        assert_eq!(sign(TEXT, "PeterNeumann", &seed()), Ok(NOTE.to_owned()));
    }

    #[test]
    fn signatures_of_others_are_left_alone_and_blank_lines_belong_to_the_text() {
        let other = SigningSeed::new(&[1; 32]);
        let text = "one\n\ntwo\n";
        let by_other = sign(text, "other.example", &other).expect("a note");
        let line = sign(text, "PeterNeumann", &seed()).expect("a note");
        let both = format!("{by_other}{}", line.lines().last().expect("a line")) + "\n";
        assert_eq!(open(&both, &key()), Ok(text));
        assert_eq!(open(&both, &other.verifier("other.example").expect("a key")), Ok(text));
    }

    #[test]
    fn one_bad_signature_by_the_key_condemns_the_note() {
        let wrong = sign("another text\n", "PeterNeumann", &seed()).expect("a note");
        let both = format!("{NOTE}{}\n", wrong.lines().last().expect("a line"));
        insta::assert_snapshot!(refusal(&both), @"the signature of PeterNeumann is wrong: the text was changed after it was signed, or the signature was");
    }

    #[test]
    fn every_refusal_says_what_is_wrong() {
        insta::assert_snapshot!(refusal(""), @"this is not a signed note: it does not end with a newline");
        insta::assert_snapshot!(refusal(TEXT), @"this is not a signed note: no blank line stands between a text and signatures");
        insta::assert_snapshot!(refusal(&NOTE.replace('\n', "\r\n")), @"this is not a signed note: it has a control character other than a newline");
        insta::assert_snapshot!(refusal(&NOTE.replace('\u{2014}', "--")), @r#"this is not a signed note: a line after its last blank line is not "— name base64""#);
        insta::assert_snapshot!(refusal("text\n\n\u{2014} PeterNeumann x08goA==\n"), @"this is not a signed note: a signature is too short to hold a key id and a signature");
        insta::assert_snapshot!(refusal(&NOTE.replace("x08", "x*8")), @"a signature is not base64 (RFC 4648, section 4, with its padding)");
        insta::assert_snapshot!(refusal(&NOTE.replace("Peter", "Paul")), @"the note is not signed by PeterNeumann, only by PaulNeumann");
        insta::assert_snapshot!(refusal(&NOTE.replace("x08g", "x08h")), @"the note is signed by another key of PeterNeumann: the signature has the key id c74f21a3, the key given has c74f20a3");
        insta::assert_snapshot!(refusal(&NOTE.replace("answer", "Answer")), @"the signature of PeterNeumann is wrong: the text was changed after it was signed, or the signature was");
        let crowd = format!("text\n\n{}", "\u{2014} P x08goAAA\n".repeat(101));
        insta::assert_snapshot!(refusal(&crowd), @"this is not a signed note: it has more than 100 signatures");
    }

    #[test]
    fn what_would_not_be_a_note_is_not_signed() {
        assert!(sign("no newline", "name", &seed()).is_err());
        assert!(sign("a\ttab\n", "name", &seed()).is_err());
        assert!(sign("text\n", "two words", &seed()).is_err());
        assert!(sign("text\n", "", &seed()).is_err());
    }
}
