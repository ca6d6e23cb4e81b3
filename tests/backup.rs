//! Backups with the real binary: what is restored is what was there, and what is damaged is refused.

#[path = "support/binary.rs"]
mod binary;
#[path = "support/post.rs"]
mod post;
#[path = "support/relay.rs"]
mod relay;

use std::fs;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use binary::{Home, Ran, event, needs, wait_for};
use post::{append, daemon_at, free_port, open_case, status};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use stepdown::api::Client;
use stepdown::config::{Config, Source};
use stepdown::daemon::{Clock, bring_back};
use stepdown::log::{BackupError, Target, open};
use tar::{Archive, Builder, Header};

/// So many events do not fit into one member.
const MANY: usize = 32_000;

const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

fn lines(first: usize, count: usize) -> String {
    let line = |n: usize| match n {
        0..100 => event(
            &format!("o{n}"),
            &format!("SD-{n}"),
            "case-opened",
            "2026-01-01T10:00:00Z",
            &json!({"programme": "lancashire-step-down"}),
        ),
        n => event(
            &format!("e{n}"),
            &format!("SD-{}", n % 100),
            "visit-made",
            "2026-02-01T10:00:00Z",
            &json!({"by": "child-social-worker"}),
        ),
    };
    (first..first + count).map(line).collect::<Vec<_>>().join("\n")
}

/// A home in which no mail goes, with so many events.
fn quiet(count: usize) -> Home {
    let home = Home::new();
    home.init();
    home.edit("stepdown.toml", "# go_live = 2026-04-01", "go_live = 2099-01-01");
    let ran = home.run_with_input(&["import", "-"], &lines(0, count));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    home
}

/// Another home with the same configuration, and nothing else yet.
fn elsewhere(home: &Home) -> Home {
    let other = Home::new();
    let copied = Command::new("cp").arg("-a").args([home.config(), other.config()]).status();
    assert!(copied.expect("cp is there").success());
    other
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

fn key(home: &Home) -> PathBuf {
    home.data().join("wrapping-key")
}

fn backup(home: &Home, name: &str) -> (PathBuf, Value) {
    let file = home.path(name);
    let said = home.json(&["backup", text(&file)]);
    (file, said)
}

fn restore(home: &Home, file: &Path, key: &Path, more: &[&str]) -> Ran {
    home.run(&[&["restore", text(file), "--wrapping-key", text(key)], more].concat())
}

fn restored(from: &Home, file: &Path) -> Home {
    let home = elsewhere(from);
    let ran = restore(&home, file, &key(from), &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    home
}

fn words(ran: &Ran) -> String {
    ran.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

/// What a refusal leaves: nothing.
fn is_untouched(home: &Home) -> bool {
    !home.data().exists()
}

/// The same numbers in every run.
struct Luck(u64);

impl Luck {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).expect("53 bits") % limit
    }
}

#[test]
fn the_due_list_and_the_sent_ledger_come_back_and_nothing_is_mailed_before_somebody_says_so() {
    let home = Home::new();
    home.init();
    home.edit("stepdown.toml", "# retry_after_seconds = 60", "retry_after_seconds = 3600");
    // Given mail that was taken over on one day …
    let daemon = daemon_at(&home, "2026-06-02 08:30:00");
    open_case(&home);
    append(&home, "child-moved-in", "2026-06-01", &["changes_school=false"]);
    wait_for("mail", || status(&home)["mail"]["accepted"].as_u64() > Some(0));
    wait_for("all of it", || status(&home)["mail"]["waiting"] == 0);
    assert_eq!(daemon.stop("-TERM"), Some(0));
    // … and mail that waits on the next, as the relay does not answer,
    let settings = fs::read_to_string(home.config().join("stepdown.toml")).expect("readable");
    home.edit("stepdown.toml", "transport = \"files\"", "transport = \"smtp\"");
    let relay =
        format!("# [mail.smtp]\n[mail.smtp]\nhost = \"127.0.0.1\"\ntls = \"none\"\nport = {}\n", free_port());
    home.edit("stepdown.toml", "# [mail.smtp]", &relay);
    let daemon = daemon_at(&home, "2026-06-04 08:30:00");
    wait_for("mail that waits", || {
        let mail = status(&home);
        mail["mail"]["waiting"].as_u64() > Some(0) && !mail["mail_paused_until"].is_null()
    });
    let note = home.run(&["checkpoint"]).stdout;
    let note = home.write("note", &note);
    // when it is backed up and restored elsewhere,
    let due = ["due", "--all", "--on", "2026-06-04"];
    let (owed, sent) = (home.json(&due), home.json(&["reminders", "sent"]));
    let (file, said) = backup(&home, "a.tar");
    assert_eq!(home.json(&["reminders", "sent"]), sent, "the ledger stood still meanwhile");
    assert!(said["manifest"]["messages"].as_u64() > Some(0), "{said}");
    let other = elsewhere(&home);
    let mut command = other.command(&["restore", text(&file), "--wrapping-key", text(&key(&home))]);
    let library = needs("libfaketime.so.1");
    let ran =
        command.env("LD_PRELOAD", library).env("FAKETIME", "@2026-06-04 09:00:00").env("TZ", "UTC").output();
    let ran: Ran = ran.expect("the binary runs").into();
    assert!(ran.code == 0 && ran.stdout.contains("Mail is held"), "{}", ran.stderr);
    drop(daemon);
    // then both lists are the same, down to the chain,
    assert!(
        owed.as_array().is_some_and(|rows| rows.len() > 10)
            && sent.as_array().is_some_and(|rows| rows.len() > 1)
    );
    assert_eq!((other.json(&due), other.json(&["reminders", "sent"])), (owed, sent));
    let verified = other.run(&["verify", "--checkpoint", text(&note)]);
    assert!(
        verified.code == 0 && verified.stdout.contains("are those that the checkpoint"),
        "{}",
        verified.stdout
    );
    assert_eq!(
        other.json(&["verify"])["entries"].as_u64(),
        said["manifest"]["entries"].as_u64().map(|n| n + 1)
    );
    // and although mail is due and the way is free, none goes until it is released.
    fs::write(other.config().join("stepdown.toml"), settings).expect("written");
    let daemon = daemon_at(&other, "2026-06-04 10:00:00");
    std::thread::sleep(Duration::from_secs(3));
    let held = status(&other);
    assert!(held["mail_held"].as_str().is_some_and(|why| why.contains("stepdown restore")), "{held}");
    assert!(!other.data().join("mail").exists() && held["mail"]["waiting"].as_u64() > Some(0));
    assert_eq!(other.run(&["mail", "release", "--author", "priya"]).code, 0);
    wait_for("the mail that waited, with its text", || status(&other)["mail"]["waiting"] == 0);
    drop(daemon);
}

#[test]
fn a_backup_amid_appends_is_whole_and_of_one_moment() {
    let home = quiet(MANY);
    let daemon = home.daemon(|_| {});
    let socket = home.data().join("stepdown.sock");
    let enough = AtomicBool::new(false);
    let files = std::thread::scope(|scope| {
        for client in 0..4 {
            let (socket, enough) = (&socket, &enough);
            scope.spawn(move || {
                let daemon = Client::find(socket).expect("a daemon");
                for n in 0..100_000 {
                    if enough.load(Ordering::Relaxed) {
                        return;
                    }
                    // New cases come, too, beyond the keys that there are.
                    let case = format!("NEW-{client}-{}", n / 2);
                    let (id, data) = (format!("{case}-{n}"), json!({"programme": "lancashire-step-down"}));
                    let line = match n % 2 {
                        0 => event(&id, &case, "case-opened", "2026-01-01T10:00:00Z", &data),
                        _ => event(
                            &id,
                            &case,
                            "visit-made",
                            "2026-01-02T10:00:00Z",
                            &json!({"by": "child-social-worker"}),
                        ),
                    };
                    daemon.append(&serde_json::from_str(&line).expect("JSON"), None).expect("taken");
                }
            });
        }
        let files: Vec<_> = (0..3).map(|n| backup(&home, &format!("{n}.tar"))).collect();
        enough.store(true, Ordering::Relaxed);
        files
    });
    assert_eq!(daemon.stop("-TERM"), Some(0));
    let mut before = 0;
    for (file, said) in files {
        let other = restored(&home, &file);
        let entries = said["manifest"]["entries"].as_u64().expect("a number");
        assert!(entries > before, "{entries} after {before}");
        before = entries;
        let verified = other.json(&["verify"]);
        assert_eq!((&verified["whole"], verified["entries"].as_u64()), (&json!(true), Some(entries + 1)));
    }
}

/// Restores in this process, as the command does; gives the entries and the chain that came back.
fn restore_here(
    file: &Path,
    key: &Path,
    identity: Option<&Path>,
    config: &Arc<Config>,
) -> Result<(u64, String), BackupError> {
    let dir = tempfile::tempdir().expect("a directory");
    let data = dir.path().join("data");
    let result = open(file, identity).and_then(|source| {
        let target = Target::take(&data, &data.join("wrapping-key"), "a test")?;
        let built = target.build(source, key, |_, _| {})?;
        bring_back(target, built, key, Arc::clone(config), false, Clock::System.now())
    });
    assert_eq!(result.is_ok(), data.exists(), "a refusal leaves nothing");
    result.map(|restored| (restored.manifest.entries, restored.manifest.chain))
}

/// How many of these changed backups are refused; the others must come to the same.
fn refused(
    home: &Home,
    whole: &[u8],
    changed: impl Iterator<Item = (String, Vec<u8>)>,
    identity: Option<&Path>,
) -> usize {
    let config = Arc::new(Config::load(&Source::Directory(home.config())).expect("a configuration"));
    let file = home.path("changed");
    fs::write(&file, whole).expect("written");
    let expected = restore_here(&file, &key(home), identity, &config).expect("it is whole");
    let mut refused = 0;
    for (what, bytes) in changed {
        fs::write(&file, bytes).expect("written");
        match restore_here(&file, &key(home), identity, &config) {
            Ok(found) => assert_eq!(found, expected, "{what}"),
            Err(BackupError::Io { path, error }) => panic!("{what}: {}: {error}", path.display()),
            Err(BackupError::Log(error)) => panic!("{what}: {error}"),
            Err(_) => refused += 1,
        }
    }
    refused
}

fn flipped(bytes: &[u8], at: usize) -> (String, Vec<u8>) {
    let mut changed = bytes.to_vec();
    changed[at] ^= 1 << (at % 8);
    (format!("byte {at} of {}", bytes.len()), changed)
}

fn cut(bytes: &[u8], at: usize) -> (String, Vec<u8>) {
    (format!("cut at {at} of {}", bytes.len()), bytes[..at].to_vec())
}

/// The name, the place of the header and the content of a member.
type Member = (String, usize, Vec<u8>);

fn members(bytes: &[u8]) -> Vec<Member> {
    let mut archive = Archive::new(Cursor::new(bytes));
    let read = |entry: std::io::Result<tar::Entry<'_, Cursor<&[u8]>>>| {
        let mut entry = entry.expect("a member");
        let name = entry.path().expect("a name").display().to_string();
        let place = usize::try_from(entry.raw_header_position()).expect("small");
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("whole");
        (name, place, content)
    };
    archive.entries().expect("an archive").map(read).collect()
}

#[test]
fn a_backup_damaged_anywhere_is_refused_or_comes_to_the_same() {
    let home = quiet(MANY);
    assert_eq!(home.run(&["checkpoint"]).code, 0);
    let (file, _) = backup(&home, "a.tar");
    let whole = fs::read(file).expect("readable");
    let members = members(&whole);
    assert!(
        members.iter().filter(|(name, ..)| name.starts_with("groups/")).count() > 1,
        "one member holds all"
    );
    let mut luck = Luck(0x5eed_0001);
    let mut places: Vec<usize> = (0..200).map(|_| luck.below(whole.len())).collect();
    for (_, header, content) in &members {
        // The name, the size and the kind; the first, a middle and the last byte.
        places.extend([0, 124, 156].map(|at| header + at));
        places.extend([0, content.len() / 2, content.len() - 1].map(|at| header + 512 + at));
    }
    let cuts: Vec<usize> = (0..40).map(|_| luck.below(whole.len())).chain([0, 1, 511, 512, 513]).collect();
    let count = places.len() + cuts.len();
    let changed = places.iter().map(|at| flipped(&whole, *at)).chain(cuts.iter().map(|at| cut(&whole, *at)));
    let refused = refused(&home, &whole, changed, None);
    // The two blocks of nothing at the end may be cut off.
    assert!(refused + 3 >= count, "{refused} of {count}");
}

/// An archive of these members, with an end that fits them but for its seal.
fn forged(members: &[Member]) -> Vec<u8> {
    let mut tar = Builder::new(Vec::new());
    let put = |name: &str, content: &[u8], tar: &mut Builder<Vec<u8>>| {
        let mut header = Header::new_ustar();
        header.set_mode(0o600);
        header.set_size(content.len() as u64);
        tar.append_data(&mut header, name, content).expect("appended");
    };
    for (number, (name, _, content)) in members.iter().enumerate() {
        if name == "end.json" {
            let mut end: Value = serde_json::from_slice(content).expect("JSON");
            let before = tar.get_ref();
            end["sha256"] = Sha256::digest(before)
                .iter()
                .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
                .into();
            end["bytes"] = before.len().into();
            end["members"] = number.into();
            put(name, end.to_string().as_bytes(), &mut tar);
        } else {
            put(name, content, &mut tar);
        }
    }
    tar.into_inner().expect("finished")
}

#[test]
fn a_backup_put_together_by_somebody_else_is_refused() {
    let home = quiet(MANY);
    let (file, _) = backup(&home, "a.tar");
    let whole = fs::read(&file).expect("readable");
    let other = quiet(200);
    let (of_another_log, _) = backup(&other, "a.tar");
    let strange = members(&fs::read(of_another_log).expect("readable"));
    let members = members(&whole);
    let place =
        |prefix: &str| members.iter().position(|(name, ..)| name.starts_with(prefix)).expect("a member");
    let mut changed = Vec::new();
    let mut change = |what: &str, by: &dyn Fn(&mut Vec<Member>)| {
        let mut changed_members = members.clone();
        by(&mut changed_members);
        changed.push((what.to_owned(), forged(&changed_members)));
    };
    let groups = place("groups/");
    change("rebuilt", &|_| {});
    change("another day", &|members| {
        let manifest = String::from_utf8(members[0].2.clone()).expect("text");
        members[0].2 = manifest.replacen("\"made\": \"20", "\"made\": \"19", 1).into_bytes();
    });
    change("reordered", &|members| members.swap(groups, groups + 1));
    change("keys last", &|members| members.swap(1, 2));
    change("a member gone", &|members| drop(members.remove(groups + 1)));
    change("no keys", &|members| drop(members.remove(1)));
    change("a member twice", &|members| members.insert(groups, members[groups].clone()));
    change("one more", &|members| members.insert(2, ("etc/passwd".to_owned(), 0, b"root".to_vec())));
    change("an unknown checkpoint", &|members| {
        let end = members.len() - 1;
        members.insert(end, ("checkpoints/2026-01-01.txt".to_owned(), 0, b"a note".to_vec()));
    });
    change("keys of another log", &|members| members[1] = strange[1].clone());
    change("no end", &|members| drop(members.pop()));
    change("something after it", &|members| members.push(members[1].clone()));
    let count = changed.len();
    assert_eq!(refused(&home, &whole, changed.into_iter(), None), count);
    // What is no backup at all is said to be none.
    for (name, bytes) in
        [("empty", b"".to_vec()), ("words", b"not an archive".to_vec()), ("zeros", vec![0; 4096])]
    {
        let file = home.path(name);
        fs::write(&file, bytes).expect("written");
        let target = elsewhere(&home);
        let ran = restore(&target, &file, &key(&home), &[]);
        assert!(
            ran.code == 2 && words(&ran).contains("this is no backup of stepdown"),
            "{name}: {}",
            ran.stderr
        );
        assert!(is_untouched(&target), "{name}");
    }
}

#[test]
fn a_wrong_key_or_a_place_that_is_taken_is_refused_and_nothing_is_touched() {
    let home = quiet(150);
    let (file, _) = backup(&home, "a.tar");
    // Without the key, and with another one,
    let other = elsewhere(&home);
    let ran = other.run(&["restore", text(&file)]);
    assert!(ran.code == 2 && words(&ran).contains("--wrapping-key FILE"), "{}", ran.stderr);
    let wrong = home.write("wrong", &format!("{}\n", "5a".repeat(32)));
    let ran = restore(&other, &file, &wrong, &[]);
    assert!(ran.code == 2 && words(&ran).contains("this backup needs the wrapping key"), "{}", ran.stderr);
    assert!(is_untouched(&other));
    // onto a log, one that is served, or a directory with something else in it,
    let ran = restore(&home, &file, &key(&home), &[]);
    assert!(ran.code == 2 && words(&ran).contains("is not empty"), "{}", ran.stderr);
    let daemon = home.daemon(|_| {});
    let ran = restore(&home, &file, &key(&home), &[]);
    assert!(ran.code == 2 && words(&ran).contains("a daemon serves"), "{}", ran.stderr);
    drop(daemon);
    fs::create_dir(other.data()).expect("made");
    fs::write(other.data().join("letter"), "words").expect("written");
    let ran = restore(&other, &file, &key(&home), &[]);
    assert!(ran.code == 2 && words(&ran).contains("letter is there"), "{}", ran.stderr);
    assert_eq!(fs::read_dir(other.data()).expect("listed").count(), 1);
    // but the key itself may be there already: then it need not be named.
    fs::remove_file(other.data().join("letter")).expect("removed");
    fs::copy(key(&home), key(&other)).expect("copied");
    let restored = other.json(&["restore", text(&file)]);
    assert_eq!((&restored["events"], &restored["held"]), (&json!(150), &json!(true)));
    // A backup never overwrites a file.
    let ran = home.run(&["backup", text(&file)]);
    assert!(ran.code == 2 && words(&ran).contains("never overwrites"), "{}", ran.stderr);
}

#[test]
fn what_was_erased_stays_erased() {
    const CANARY: &str = "canary-4b1d";
    let home = quiet(150);
    let told = event("c1", "SD-1", "case-closed", "2026-03-01T10:00:00Z", &json!({"reason": CANARY}));
    assert_eq!(home.run_with_input(&["import", "-"], &told).code, 0);
    let daemon = home.daemon(|_| {});
    let (before, _) = backup(&home, "before.tar");
    let erase = ["erase", "SD-1", "--reason", "request", "--author", "priya", "--before-retention", "--yes"];
    assert_eq!(home.run(&erase).code, 0);
    let (after, _) = backup(&home, "after.tar");
    drop(daemon);
    let other = restored(&home, &after);
    let verified = other.json(&["verify"]);
    assert_eq!((&verified["whole"], &verified["erased"]), (&json!(true), &json!(3)));
    assert!(!other.run(&["export"]).stdout.contains(CANARY));
    let asked = other.run(&["due", "--case", "SD-1"]);
    assert!(asked.code == 2 && words(&asked).contains("was erased on"), "{}", asked.stderr);
    // One made before still holds the key, which is why backups lapse.
    assert!(restored(&home, &before).run(&["export"]).stdout.contains(CANARY));
}

#[test]
fn an_encrypted_backup_is_for_its_recipients_and_is_one_of_age() {
    let (age, keygen) = (needs("age"), needs("age-keygen"));
    let home = quiet(1_000);
    let ran = home.run(&["backup", "x.age", "--encrypt"]);
    assert!(ran.code == 2 && words(&ran).contains("there is nobody to encrypt to"), "{}", ran.stderr);
    let identity = |name: &str| {
        let path = home.path(name);
        let made = Command::new(&keygen).arg("-o").arg(&path).stderr(Stdio::null()).status();
        assert!(made.expect("age-keygen runs").success());
        let said = Command::new(&keygen).arg("-y").arg(&path).output().expect("age-keygen runs");
        (path, String::from_utf8(said.stdout).expect("text").trim().to_owned())
    };
    let ((ours, public), (theirs, _)) = (identity("ours"), identity("theirs"));
    home.edit(
        "stepdown.toml",
        "# [backup]",
        &format!("[backup]\nrecipients = [\"{RECIPIENT}\", \"{public}\"]\n"),
    );
    let (plain, file) = (home.path("plain.tar"), home.path("sealed.age"));
    let alone = home.json(&["backup", text(&file), "--encrypt"]);
    let daemon = home.daemon(|_| {});
    let asked = home.json(&["backup", text(&home.path("asked.age")), "--encrypt"]);
    drop(daemon);
    assert_eq!((&alone["encrypted"], &asked["encrypted"]), (&json!(true), &json!(true)));
    // The program age opens it, and tar lists it.
    for name in ["sealed.age", "asked.age"] {
        let _ = fs::remove_file(&plain);
        let opened = Command::new(&age)
            .args(["-d", "-i", text(&ours), "-o", text(&plain), text(&home.path(name))])
            .status();
        assert!(opened.expect("age runs").success());
        let listed = Command::new("tar").args(["tf", text(&plain)]).output().expect("tar is there");
        let listed = String::from_utf8(listed.stdout).expect("text");
        let expected = ["manifest.json", "keys", "groups/000000000001", "end.json"];
        assert_eq!(
            listed.lines().filter(|line| !line.starts_with("checkpoints/")).collect::<Vec<_>>(),
            expected
        );
    }
    // So does a restore, with the right identity only.
    let other = elsewhere(&home);
    let ran = restore(&other, &file, &key(&home), &[]);
    assert!(ran.code == 2 && words(&ran).contains("--identity FILE"), "{}", ran.stderr);
    let ran = restore(&other, &file, &key(&home), &["--identity", text(&theirs)]);
    assert!(ran.code == 2 && words(&ran).contains("it is encrypted to others"), "{}", ran.stderr);
    let ran = restore(&other, &file, &key(&home), &["--identity", text(&key(&home))]);
    assert!(ran.code == 2 && words(&ran).contains("holds no identity of age"), "{}", ran.stderr);
    assert!(is_untouched(&other));
    let ran = restore(&other, &file, &key(&home), &["--identity", text(&ours), "--release"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(other.json(&["status"])["mail_held"], Value::Null);
    // Damaged anywhere it is refused.
    let whole = fs::read(&file).expect("readable");
    let mut luck = Luck(0x5eed_0002);
    let flips: Vec<usize> = (0..200).chain((0..200).map(|_| luck.below(whole.len()))).collect();
    let cuts: Vec<usize> = (0..40).map(|_| luck.below(whole.len())).chain([0, 10, whole.len() - 1]).collect();
    let count = flips.len() + cuts.len();
    let changed = flips.iter().map(|at| flipped(&whole, *at)).chain(cuts.iter().map(|at| cut(&whole, *at)));
    assert_eq!(refused(&home, &whole, changed, Some(&ours)), count);
}

#[test]
fn the_daemon_makes_a_backup_a_day_and_old_ones_go() {
    let home = quiet(150);
    home.edit(
        "stepdown.toml",
        "# [backup]",
        "[backup]\ndirectory = \"../shelf\"\nkeep_days = 2\nkeep_weeks = 0\n",
    );
    let shelf = home.path("shelf");
    fs::create_dir(&shelf).expect("made");
    let old = [
        "stepdown-20200101T020000Z.tar",
        "stepdown-20260601T010000Z.tar.age",
        "stepdown-20260603T010000Z.tar.new",
    ];
    let others = ["stepdown-20200101T020000Z.tar.bak", "notes.txt", "stepdown-2020.tar"];
    for name in old.iter().chain(&others) {
        fs::write(shelf.join(name), "bytes").expect("written");
    }
    let names = || {
        let mut names: Vec<_> = fs::read_dir(&shelf)
            .expect("listed")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
            .filter(|name| !others.contains(&&**name))
            .collect();
        names.sort();
        names
    };
    let made = |home: &Home| status(home)["backup"]["at"].as_str().map(str::to_owned);
    assert_eq!(status(&home)["backup"], json!({"at": null, "file": null, "bytes": null, "entries": null}));
    // The machine was down at two in the morning of 3 June: the backup is made soon after the start.
    let daemon = daemon_at(&home, "2026-06-03 17:00:00");
    wait_for("the first backup", || made(&home).is_some_and(|at| at.starts_with("2026-06-03T17:00")));
    let first = names();
    // The one before it stays until there are two of these: a clock that is far ahead makes nothing old at once.
    assert!(first.len() == 2 && first[1].starts_with("stepdown-20260603T1700"), "{first:?}");
    assert_eq!(first[0], "stepdown-20260601T010000Z.tar.age");
    drop(daemon);
    // Another start on that day makes none, …
    let daemon = daemon_at(&home, "2026-06-03 23:00:00");
    std::thread::sleep(Duration::from_secs(8));
    assert_eq!(names(), first);
    drop(daemon);
    // … the next day does, and on the day after the first one goes; what is not ours stays.
    for (utc, count) in [("2026-06-04 01:30:00", 2), ("2026-06-05 12:00:00", 2)] {
        let daemon = daemon_at(&home, utc);
        wait_for("the next backup", || made(&home).is_some_and(|at| at.starts_with(&utc[..10])));
        wait_for("retention", || names().len() == count);
        drop(daemon);
    }
    assert!(
        first.iter().all(|name| !names().contains(name))
            && others.iter().all(|name| shelf.join(name).exists())
    );
    // The newest one restores.
    let newest = shelf.join(names().pop().expect("a backup"));
    assert_eq!(
        status(&home)["backup"]["file"],
        home.data().join("../shelf").join(newest.file_name().expect("a name")).display().to_string()
    );
    let told = home.run(&["status"]).stdout;
    assert!(told.contains("Last backup    2026-06-05 13:00"), "{told}");
    restored(&home, &newest);
    // One that fails is told, in the journal and in the status, and the one before stays.
    let before = names();
    fs::rename(&shelf, home.path("moved")).expect("renamed");
    fs::write(&shelf, "a file in the way").expect("written");
    let daemon = daemon_at(&home, "2026-06-06 12:00:00");
    wait_for("the failure", || daemon.journal().contains("no backup was made"));
    let told = |home: &Home| status(home)["backup"]["failed_at"].as_str().map(str::to_owned);
    wait_for("the status", || told(&home).is_some_and(|at| at.starts_with("2026-06-06T12:00")));
    drop(daemon);
    assert!(status(&home)["backup"]["error"].as_str().is_some_and(|why| why.contains("File exists")));
    fs::remove_file(&shelf).expect("removed");
    fs::rename(home.path("moved"), &shelf).expect("renamed");
    assert_eq!(names(), before);
    // The disk is there again, and so is what lies on it.
    assert!(made(&home).is_some_and(|at| at.starts_with("2026-06-05T12:00")));
}

/// Runs a command and kills it after a while.
fn killed_after(home: &Home, args: &[&str], after: Duration) {
    let child = home.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = child.expect("the binary runs");
    std::thread::sleep(after);
    let _ = child.kill();
    child.wait().expect("it ends");
}

#[test]
fn killed_in_the_midst_nothing_half_is_left() {
    let home = quiet(MANY);
    let daemon = home.daemon(|_| {});
    let file = home.path("killed.tar");
    let began = Instant::now();
    let (whole, said) = backup(&home, "whole.tar");
    let usual = began.elapsed();
    for part in 1..8 {
        killed_after(&home, &["backup", text(&file)], usual * part / 7);
        if file.exists() {
            restored(&home, &file);
            fs::remove_file(&file).expect("removed");
        }
    }
    backup(&home, "killed.tar");
    drop(daemon);
    // A daemon that is killed while it sends leaves no file either.
    for part in 1..4 {
        let daemon = home.daemon(|_| {});
        let file = home.path(&format!("cut-{part}.tar"));
        std::thread::scope(|scope| {
            let asking = scope.spawn(|| home.run(&["backup", text(&file)]));
            std::thread::sleep(usual * part / 5);
            daemon.kill();
            let ran = asking.join().expect("no panic");
            assert_eq!(ran.code == 0, file.exists(), "{}", ran.stderr);
        });
    }
    // A restore that is killed is done again, and nothing is taken for a log before it is one.
    let began = Instant::now();
    drop(restored(&home, &whole));
    let usual = began.elapsed();
    let other = elsewhere(&home);
    let key = key(&home);
    for part in 1..10 {
        killed_after(&other, &["restore", text(&whole), "--wrapping-key", text(&key)], usual * part / 9);
        if other.data().join("log").exists() {
            break;
        }
        if other.data().join(".restoring").exists() {
            let ran = other.run_with_input(&["import", "-"], &lines(0, 1));
            assert!(ran.code != 0 && words(&ran).contains("a restore into"), "{}", ran.stderr);
        }
    }
    if !other.data().join("log").exists() {
        let ran = restore(&other, &whole, &key, &[]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    let verified = other.json(&["verify"]);
    let entries = said["manifest"]["entries"].as_u64().expect("a number");
    assert_eq!((&verified["whole"], verified["entries"].as_u64()), (&json!(true), Some(entries + 1)));
    assert!(!other.data().join(".restoring").exists());
}
