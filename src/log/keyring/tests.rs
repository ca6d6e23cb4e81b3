//! The keyring as a file: what is kept, what is destroyed, what is refused.

use std::os::unix::fs::PermissionsExt as _;

use proptest::prelude::*;
use tempfile::TempDir;

use super::durable::beside;
use super::*;
use crate::case::hex;

const NONCE: [u8; 12] = [5; 12];

/// A directory with room for a keyring, and a wrapping key.
struct Office {
    dir: TempDir,
    wrapping: WrappingKey,
}

impl Office {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        Self { dir, wrapping: WrappingKey::generate().expect("a key") }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("keys")
    }

    fn keyring(&self, slots: u32) -> Keyring {
        Keyring::create_with(&self.path(), &self.wrapping, slots).expect("a keyring")
    }

    fn reopened(&self) -> Keyring {
        Keyring::open(&self.path(), &self.wrapping).expect("a keyring")
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.path()).expect("the file")
    }

    fn refusal_of(&self, bytes: &[u8]) -> KeyringError {
        let bytes = Zeroizing::new(bytes.to_vec());
        sealed::open(bytes, &self.wrapping, Path::new("keys")).err().expect("a refusal")
    }
}

/// What the key in `slot` makes of a fixed text: the same for the same key only.
fn sealed_by(keyring: &Keyring, slot: u32) -> Option<Vec<u8>> {
    match keyring.key(Slot(slot)) {
        KeyState::Usable(key) => {
            let mut buffer = b"a child moved in".to_vec();
            key.seal(NONCE, b"case", &mut buffer, 0);
            Some(buffer)
        }
        KeyState::Destroyed | KeyState::Missing => None,
    }
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn a_new_keyring_has_slots_ahead_and_reopens_as_it_was() {
    let office = Office::new();
    let keyring = Keyring::create(&office.path(), &office.wrapping).expect("a keyring");
    assert_eq!(keyring.slots(), 1024);
    assert_eq!(office.bytes().len(), 36 + 32 + 1024 * 33 + 16);
    assert!(office.bytes().starts_with(b"stepdown keys 1\n"));
    assert_eq!(fs::metadata(office.path()).expect("the file").permissions().mode() & 0o777, 0o600);
    assert!(matches!(keyring.key(Slot(1024)), KeyState::Missing));
    assert!(matches!(keyring.key(Slot(u32::MAX)), KeyState::Missing));

    let again = office.reopened();
    let sealed: Vec<_> = (0..1024).map(|slot| sealed_by(&keyring, slot).expect("a key")).collect();
    assert!((0..1024).all(|slot| sealed_by(&again, slot).as_ref() == sealed.get(slot as usize)));
    let distinct: std::collections::BTreeSet<_> = sealed.iter().collect();
    assert_eq!(distinct.len(), 1024, "no two slots have one key");
    let verifier = |keyring: &Keyring| keyring.signing_seed().verifier("stepdown.example.org/log");
    assert_eq!(verifier(&again), verifier(&keyring));
    assert!(Keyring::create(&office.path(), &office.wrapping).is_err(), "a keyring is not replaced");
}

#[test]
fn the_stored_bytes_are_pinned() {
    // A seed, a key, a key, and a destroyed slot.
    let table = [vec![7; 32], vec![1], vec![8; 32], vec![1], vec![9; 32], vec![0; 33]].concat();
    let table = Table::from_bytes(&table).expect("a table");
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("wrapping-key");
    fs::write(&path, "42".repeat(32)).expect("a file");
    let wrapping = WrappingKey::read(&path).expect("a key");
    let file = sealed::seal_with([3; 12], &table, &wrapping);
    insta::assert_snapshot!(String::from_utf8_lossy(&file[..24]), @"
    stepdown keys 1
    16fb8228
    ");
    insta::assert_snapshot!(hex(&file[24..]), @"030303030303030303030303d66b3517db0d34bdac633e3279830c68c11302c5442554ab3f4df21dd895b51eb314049ab7b28223d8e411aeef1a6e30ceca1de00b8f827fe1f087a7ad81ea3dda5f59e1157ad90f0e9ef14750f7b6d857aab4ad9945d44797a929564896467c21449749d42d1aee7cb9cf7357664327d69a2b9e6a3cbe5e2f27945f23a28f3962464dc3ad7d7d253a5164ec046b55cf82f917");
    let again = sealed::open(Zeroizing::new(file), &wrapping, Path::new("keys")).expect("a keyring");
    assert_eq!(again.as_bytes(), table.as_bytes());
}

#[test]
fn what_is_sealed_but_no_table_is_refused() {
    let office = Office::new();
    let odd_state = [vec![7; 32], vec![2; 33]].concat();
    let key_in_destroyed_slot = [vec![7; 32], vec![0], vec![8; 32]].concat();
    let no_slot = vec![7; 32];
    for bytes in [odd_state, key_in_destroyed_slot, no_slot] {
        assert!(Table::from_bytes(&bytes).is_none());
    }
    // Sealed with the right key all the same, as a faulty program could.
    let sound = office.keyring(1);
    let header = office.bytes()[..36].to_vec();
    let mut file = header.clone();
    file.extend_from_slice(&[2; 32 + 33]);
    sound.wrapping.prepared().seal(*header.last_chunk().expect("a nonce"), &header, &mut file, 36);
    insta::assert_snapshot!(office.refusal_of(&file), @"the keyring keys is damaged: what is sealed in it is not a table of keys. Nothing was changed; restore the file from a backup");
}

#[test]
fn what_is_destroyed_stays_destroyed_and_its_key_is_nowhere() {
    let office = Office::new();
    let mut keyring = office.keyring(8);
    let Content::Key(key) = keyring.table.content(Slot(3)) else { panic!("a new slot has a key") };
    let key = *key;
    let others: Vec<_> = (0..8).map(|slot| sealed_by(&keyring, slot)).collect();
    // What a crash in the middle of an earlier writing left behind.
    fs::copy(office.path(), beside(&office.path())).expect("a copy");
    keyring.destroy(Slot(3)).expect("destroyed");
    keyring.destroy(Slot(3)).expect("nothing to do");
    for keyring in [&keyring, &office.reopened()] {
        assert!(matches!(keyring.key(Slot(3)), KeyState::Destroyed));
        assert!(!holds(keyring.table.as_bytes(), &key));
        for slot in [0, 1, 2, 4, 5, 6, 7] {
            assert_eq!(sealed_by(keyring, slot), others[slot as usize], "slot {slot}");
        }
    }
    assert!(!holds(&office.bytes(), &key));
    let files: Vec<_> = fs::read_dir(office.dir.path()).expect("a directory").collect();
    assert_eq!(files.len(), 1, "nothing is left beside the keyring");
}

#[test]
fn what_cannot_be_destroyed_is_said() {
    let office = Office::new();
    let mut keyring = office.keyring(2);
    let before = office.bytes();
    assert!(matches!(keyring.destroy(Slot::OFFICE), Err(KeyringError::Office)));
    let missing = keyring.destroy(Slot(2)).expect_err("a refusal").to_string();
    assert!(missing.ends_with("has no slot 2: it has 2 slots, from 0"), "{missing}");
    assert_eq!(office.bytes(), before);
}

#[test]
fn a_failed_writing_leaves_key_and_file_as_they_were() {
    let office = Office::new();
    let mut keyring = office.keyring(4);
    let before = office.bytes();
    // A directory in the way: nothing can be written beside the keyring.
    fs::create_dir(beside(&office.path())).expect("a directory");
    assert!(matches!(keyring.destroy(Slot(1)), Err(KeyringError::Io { .. })));
    assert!(matches!(keyring.ensure(5), Err(KeyringError::Io { .. })));
    assert!(matches!(keyring.rewrap(&WrappingKey::generate().expect("a key")), Err(KeyringError::Io { .. })));
    assert!(matches!(keyring.key(Slot(1)), KeyState::Usable(_)));
    assert_eq!((keyring.slots(), keyring.wrapped_with()), (4, office.wrapping.fingerprint()));
    assert_eq!(office.bytes(), before);
    fs::remove_dir(beside(&office.path())).expect("out of the way");
    keyring.destroy(Slot(1)).expect("destroyed");
}

#[test]
fn after_rewrapping_the_key_before_is_refused_by_name() {
    let office = Office::new();
    let mut keyring = office.keyring(4);
    keyring.destroy(Slot(2)).expect("destroyed");
    let before = sealed_by(&keyring, 1);
    let new = WrappingKey::generate().expect("a key");
    keyring.rewrap(&new).expect("rewrapped");
    let refusal = Keyring::open(&office.path(), &office.wrapping).expect_err("a refusal").to_string();
    let expected = format!(
        "the keyring {} cannot be opened with the wrapping key {}: this is not the key that the keyring was sealed with. It was sealed with the wrapping key {}; give that one",
        office.path().display(),
        office.wrapping.fingerprint(),
        new.fingerprint()
    );
    assert_eq!(refusal, expected);
    // What is written later is under the new key too.
    keyring.destroy(Slot(3)).expect("destroyed");
    let again = Keyring::open(&office.path(), &new).expect("a keyring");
    assert_eq!(sealed_by(&again, 1), before);
    assert!(matches!(again.key(Slot(2)), KeyState::Destroyed));
    assert!(matches!(again.key(Slot(3)), KeyState::Destroyed));
}

#[test]
fn each_writing_has_a_nonce_of_its_own() {
    let office = Office::new();
    let mut keyring = office.keyring(2);
    let first = office.bytes();
    keyring.rewrap(&office.wrapping).expect("rewrapped");
    assert_ne!(office.bytes()[24..36], first[24..36]);
}

#[test]
fn more_slots_keep_the_keys_there_are() {
    let office = Office::new();
    let mut keyring = office.keyring(4);
    let before: Vec<_> = (0..4).map(|slot| sealed_by(&keyring, slot)).collect();
    let seed = *keyring.table.seed();
    keyring.destroy(Slot(2)).expect("destroyed");
    keyring.ensure(4).expect("enough");
    assert_eq!(keyring.slots(), 4);
    keyring.ensure(5).expect("more");
    for keyring in [&keyring, &office.reopened()] {
        assert_eq!((keyring.slots(), *keyring.table.seed()), (10, seed));
        assert!([0, 1, 3].iter().all(|slot| sealed_by(keyring, *slot) == before[*slot as usize]));
        assert!(matches!(keyring.key(Slot(2)), KeyState::Destroyed));
        assert!((4..10).all(|slot| sealed_by(keyring, slot).is_some()));
    }
    assert!(matches!(keyring.ensure(MOST_SLOTS + 1), Err(KeyringError::TooManySlots { .. })));
}

#[test]
fn no_flipped_byte_and_no_other_length_is_opened() {
    let office = Office::new();
    drop(office.keyring(3));
    let bytes = office.bytes();
    for place in 0..bytes.len() {
        for mask in (0..8).map(|bit| 1_u8 << bit).chain([0xff]) {
            let mut changed = bytes.clone();
            changed[place] ^= mask;
            let refusal = office.refusal_of(&changed);
            if place >= 24 {
                assert!(matches!(refusal, KeyringError::Damaged { .. }), "byte {place}: {refusal}");
            }
        }
    }
    for length in 0..bytes.len() {
        let refusal = office.refusal_of(&bytes[..length]);
        // What ends where a slot ends could be a smaller keyring by its length.
        let whole_slots = length > 36 + 32 + 16 && (length - 36 - 32 - 16).is_multiple_of(33);
        assert_eq!(matches!(refusal, KeyringError::CutShort { .. }), !whole_slots, "{length}: {refusal}");
    }
    for more in 1..40 {
        office.refusal_of(&[bytes.as_slice(), &vec![0; more]].concat());
    }
}

#[test]
fn every_refusal_says_what_is_wrong() {
    let office = Office::new();
    drop(office.keyring(2));
    let bytes = office.bytes();
    let with = |place: usize, text: &[u8]| {
        let mut changed = bytes.clone();
        changed[place..place + text.len()].copy_from_slice(text);
        office.refusal_of(&changed)
    };
    insta::assert_snapshot!(office.refusal_of(b""), @"the keyring keys is cut short or has grown: 0 bytes do not make up a keyring. Nothing was changed; restore the file from a backup");
    insta::assert_snapshot!(office.refusal_of(&bytes[..50]), @"the keyring keys is cut short or has grown: 50 bytes do not make up a keyring. Nothing was changed; restore the file from a backup");
    insta::assert_snapshot!(office.refusal_of(&[0; 150]), @"the keyring keys is damaged: it does not begin as a keyring does. Nothing was changed; restore the file from a backup");
    insta::assert_snapshot!(with(14, b"2\n"), @"the keyring keys is in format 2, which is too new for this program: it reads and writes format 1. Use the version of stepdown that wrote it");
    insta::assert_snapshot!(with(14, b"10\n"), @"the keyring keys is in format 10, which is too new for this program: it reads and writes format 1. Use the version of stepdown that wrote it");
    insta::assert_snapshot!(with(14, b"0\n"), @"the keyring keys is in format 0, which is too old for this program: it reads and writes format 1. Use the version of stepdown that wrote it");
    insta::assert_snapshot!(with(14, b"x\n"), @"the keyring keys is damaged: its first line does not name a format. Nothing was changed; restore the file from a backup");
    insta::assert_snapshot!(with(16, b"+1234567"), @"the keyring keys is damaged: the fingerprint of its wrapping key is not 8 hex digits. Nothing was changed; restore the file from a backup");
    insta::assert_snapshot!(with(40, b"xxxx"), @"the keyring keys is damaged: its bytes are not those that were written. Nothing was changed; restore the file from a backup");
    let absent = Keyring::open(Path::new("nowhere/keys"), &office.wrapping).expect_err("a refusal");
    insta::assert_snapshot!(absent, @"there is no keyring nowhere/keys: without it nothing in the log can be read; restore the data directory from a backup");
    let there = Keyring::create(&office.path(), &office.wrapping).expect_err("a refusal");
    assert!(matches!(there, KeyringError::Exists(_)));
}

#[test]
fn nothing_secret_is_shown() {
    let office = Office::new();
    let keyring = office.keyring(2);
    let shown = format!("{keyring:?}");
    let fingerprint = office.wrapping.fingerprint();
    assert_eq!(
        shown,
        format!(
            "Keyring {{ path: {:?}, wrapping: WrappingKey({fingerprint}), slots: 2, .. }}",
            office.path()
        )
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_done_is_what_is_found_again(steps in prop::collection::vec((0_u8..4, 0_u32..20), 0..12)) {
        let office = Office::new();
        let mut wrapping = office.wrapping.clone();
        let mut keyring = office.keyring(3);
        let mut expected: Vec<_> = (0..3).map(|slot| sealed_by(&keyring, slot)).collect();
        for (what, number) in steps {
            match what {
                0 => {
                    let done = keyring.destroy(Slot(number)).is_ok();
                    prop_assert_eq!(done, number > 0 && (number as usize) < expected.len());
                    if done {
                        expected[number as usize] = None;
                    }
                }
                1 => {
                    keyring.ensure(number)?;
                    expected.extend((expected.len()..keyring.slots() as usize).map(|slot| {
                        sealed_by(&keyring, u32::try_from(slot).expect("few slots"))
                    }));
                }
                2 => {
                    wrapping = WrappingKey::generate()?;
                    keyring.rewrap(&wrapping)?;
                }
                _ => keyring = Keyring::open(&office.path(), &wrapping)?,
            }
        }
        let again = Keyring::open(&office.path(), &wrapping)?;
        for keyring in [&keyring, &again] {
            let found: Vec<_> = (0..keyring.slots()).map(|slot| sealed_by(keyring, slot)).collect();
            prop_assert_eq!(&found, &expected);
        }
    }

    #[test]
    fn no_bytes_make_the_reader_fail_in_another_way(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        headed: bool,
    ) {
        let office = Office::new();
        let head: &[u8] = if headed { b"stepdown keys 1\n" } else { b"" };
        office.refusal_of(&[head, &bytes].concat());
    }
}
