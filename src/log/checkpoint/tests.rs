//! Checkpoints as others write them, as they are written here, and what is refused.

use proptest::prelude::*;

use super::*;

const ORIGIN: &str = "stepdown.example.org/log";

fn seed() -> SigningSeed {
    SigningSeed::new(&[7; 32])
}

fn key() -> VerifierKey {
    seed().verifier(ORIGIN).expect("a key")
}

fn checkpoint() -> Checkpoint {
    let mut tree = Tree::new();
    for leaf in ["one", "two", "three"] {
        tree.push(leaf.as_bytes());
    }
    Checkpoint::of(&tree, ORIGIN)
}

fn refusal(note: &str) -> String {
    Checkpoint::verify(note, &key(), ORIGIN).expect_err("a refusal").to_string()
}

/// The signed note of a text that need not be a checkpoint.
fn signed(text: &str) -> String {
    note::sign(text, ORIGIN, &seed()).expect("a note")
}

#[test]
fn the_signed_note_is_pinned_and_verified() {
    let note = checkpoint().sign(ORIGIN, &seed()).expect("a note");
    insta::assert_snapshot!(note, @"
    stepdown.example.org/log
    3
    Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=

    — stepdown.example.org/log 2K1iaZ2v74oEz9neyAZMXYbbDyoCxH/ZwmUv1IHcUo0t1bVo+zcpX3Yk/40BggHRaJ4kxB3RlvLPyt7k7EP1/VTOSg8=
    ");
    insta::assert_snapshot!(key(), @"stepdown.example.org/log+d8ad6269+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs");
    assert_eq!(Checkpoint::verify(&note, &key(), ORIGIN), Ok(checkpoint()));
}

#[test]
fn a_checkpoint_of_the_go_checksum_database_is_verified() {
    // As https://sum.golang.org/latest served it; the key is the one built into the go command. Its name
    // is not its origin.
    let key = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8".parse().expect("a key");
    let note = "go.sum database tree\n6476701\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\n\n\u{2014} sum.golang.org Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPWL+o3GeoWwOoAw=\n";
    let checkpoint = Checkpoint::verify(note, &key, "go.sum database tree").expect("a checkpoint");
    assert_eq!(checkpoint.size, 6_476_701);
    assert_eq!(checkpoint.root.to_string(), "mb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=");
    let shorter = note.replace("6476701", "6476700");
    assert!(Checkpoint::verify(&shorter, &key, "go.sum database tree").is_err());
}

#[test]
fn the_text_of_the_specification_is_read_and_written_alike() {
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let checkpoint = Checkpoint::parse(text).expect("a checkpoint");
    assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(checkpoint.to_note_text().as_deref(), Ok(text));
}

#[test]
fn every_refusal_says_what_is_wrong() {
    let root = TreeHash::empty();
    insta::assert_snapshot!(refusal(&signed("a\n1\n")), @"this is not a checkpoint: it has fewer than three lines: origin, size and root");
    insta::assert_snapshot!(refusal(&signed(&format!("\n1\n{root}\n"))), @"this is not a checkpoint: a line of it is empty");
    insta::assert_snapshot!(refusal(&signed(&format!("a\n1\n{root}\n\nb\n"))), @"this is not a checkpoint: a line of it is empty");
    insta::assert_snapshot!(refusal(&signed("a\n1\nAAA=\n")), @"this is not a checkpoint: its root hash is not 32 bytes");
    insta::assert_snapshot!(refusal(&signed("a\n1\nAAAAA\n")), @"the root hash is not base64 (RFC 4648, section 4, with its padding)");
    for size in ["", "01", "+1", "-1", "1 ", "1e3", "18446744073709551616"] {
        let text = format!("{ORIGIN}\n{size}\n{root}\n");
        let expected = "this is not a checkpoint: its size is not a decimal number without leading zeros";
        assert_eq!(refusal(&signed(&text)), expected, "{size:?}");
    }
    insta::assert_snapshot!(refusal(&signed(&format!("other.example/log\n1\n{root}\n"))), @r#"the checkpoint is of the log "other.example/log", not of "stepdown.example.org/log""#);
}

#[test]
fn what_would_read_as_another_checkpoint_is_not_written() {
    for origin in ["", "two\nlines", "\n"] {
        let wrong = Checkpoint { origin: origin.to_owned(), ..checkpoint() };
        assert!(wrong.sign(ORIGIN, &seed()).is_err(), "{origin:?}");
    }
    for line in ["", "two\nlines", "\n", "a\ttab"] {
        let wrong = Checkpoint { extensions: vec![line.to_owned()], ..checkpoint() };
        assert!(wrong.sign(ORIGIN, &seed()).is_err(), "{line:?}");
    }
}

#[test]
fn no_changed_byte_is_believed() {
    let note = checkpoint().sign(ORIGIN, &seed()).expect("a note");
    for place in 0..note.len() {
        for bit in 0..8 {
            let mut bytes = note.clone().into_bytes();
            bytes[place] ^= 1 << bit;
            // What is no UTF-8 is no text at all.
            if let Ok(changed) = String::from_utf8(bytes) {
                assert!(Checkpoint::verify(&changed, &key(), ORIGIN).is_err(), "byte {place}, bit {bit}");
            }
        }
    }
}

proptest! {
    #[test]
    fn what_was_signed_is_what_is_verified(
        size: u64,
        root: [u8; 32],
        secret: [u8; 32],
        extensions in proptest::collection::vec("[ -~]{1,40}", 0..3),
    ) {
        let seed = SigningSeed::new(&secret);
        let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size, root: TreeHash(root), extensions };
        let note = checkpoint.sign(ORIGIN, &seed)?;
        let key = seed.verifier(ORIGIN)?.to_string().parse()?;
        prop_assert_eq!(Checkpoint::verify(&note, &key, ORIGIN)?, checkpoint);
    }

    #[test]
    fn no_text_makes_the_reader_fail_in_another_way(text in "[\u{2014}a+0-9= \n]{0,60}") {
        prop_assert!(Checkpoint::verify(&text, &key(), ORIGIN).is_err());
        let _ = Checkpoint::parse(&text);
        let _ = text.parse::<VerifierKey>();
    }
}
