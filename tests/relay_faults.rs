//! The SMTP fault matrix, on the real binary: kinds of fault × before, during and after the message ×
//! the daemon killed or not. Nothing is lost; what may have arrived is sent once more at the most, the same
//! bytes under the same `Message-ID`. And every fault of the way to the relay: nothing is refused.

#[path = "support/binary.rs"]
mod binary;
#[path = "support/post.rs"]
mod post;
#[path = "support/relay.rs"]
mod relay;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use binary::Home;
use post::{append, evening, home_with_login, home_with_relay, later, open_case, settled, status};
use relay::{Crypt, Kind, Place, Received, Relay, Script};

/// One cell of the matrix.
#[derive(Debug, Clone, Copy)]
struct Cell {
    kind: Kind,
    place: Place,
    killed: bool,
}

/// What is wrong in a cell, if anything is.
type Verdict = Result<(), String>;

/// Runs every cell, many at a time: they wait more than they work.
fn matrix(cells: &[Cell], run: impl Fn(Cell) -> Verdict + Sync) {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                while let Some(cell) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(what) = run(*cell) {
                        wrong.lock().expect("unpoisoned").push(format!("{cell:?}: {what}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("unpoisoned");
    assert!(wrong.is_empty(), "{} of {} cells:\n{}", wrong.len(), cells.len(), wrong.join("\n"));
}

fn until(what: &str, mut ready: impl FnMut() -> bool) -> Verdict {
    let limit = Instant::now() + Duration::from_mins(1);
    while !ready() {
        if Instant::now() > limit {
            return Err(format!("waited in vain for {what}"));
        }
        std::thread::sleep(Duration::from_millis(40));
    }
    Ok(())
}

/// Two people are told of the end of therapy support, over a relay with one fault in the first conversation.
fn through(cell: Cell, relay: &Relay, home: &Home) -> Result<Vec<Received>, String> {
    let daemon = evening(home);
    open_case(home);
    append(home, "referral-closed", "2026-06-02", &["service=scayt"]);
    until("the fault", || relay.struck() > 0)?;
    let daemon = if cell.killed {
        daemon.kill();
        later(home)
    } else {
        daemon
    };
    until("the rest", || settled(home))?;
    drop(daemon);
    Ok(relay.received())
}

fn judged(cell: Cell, home: &Home, received: &[Received]) -> Verdict {
    let mail = status(home)["mail"].clone();
    let refused = usize::from(mail["refused"] == 1);
    if mail["lapsed"] != 0 || (mail["refused"] != 0 && cell.kind != Kind::Permanent) {
        return Err(format!("the ledger says {mail}"));
    }
    let mut by_recipient: BTreeMap<&str, Vec<&Received>> = BTreeMap::new();
    for mail in received {
        by_recipient.entry(&mail.to).or_default().push(mail);
    }
    if by_recipient.len() + refused != 2 {
        return Err(format!("{} of two got it, {refused} was refused", by_recipient.len()));
    }
    let repeats: usize = by_recipient.values().map(|copies| copies.len() - 1).sum();
    let exported = home.run(&["export"]).stdout;
    let ambiguous = exported.matches("\"type\":\"mail-ambiguous\"").count();
    if repeats > ambiguous {
        return Err(format!("{repeats} repeats of {ambiguous} ambiguous attempts"));
    }
    // Before the body was on its way, nothing can have arrived.
    if ambiguous > 0 && cell.place == Place::Rcpt && !cell.killed {
        return Err("an attempt that went nowhere is called ambiguous".to_owned());
    }
    match by_recipient.values().find(|copies| copies.iter().any(|copy| copy.bytes != copies[0].bytes)) {
        Some(copies) => Err(format!("{} got two that differ", copies[0].to)),
        None => Ok(()),
    }
}

#[test]
fn nothing_is_lost_and_nothing_comes_twice_but_the_same_bytes() {
    let places = [Place::Rcpt, Place::Data, Place::Body, Place::Dot];
    let cells: Vec<_> = Kind::ALL
        .into_iter()
        .flat_map(|kind| places.map(|place| (kind, place)))
        .flat_map(|(kind, place)| [false, true].map(|killed| Cell { kind, place, killed }))
        .collect();
    assert_eq!(cells.len(), 136);
    matrix(&cells, |cell| {
        let relay = Relay::start(Script::fault(cell.place, cell.kind).once());
        let home = home_with_relay(relay.port);
        let received = through(cell, &relay, &home)?;
        judged(cell, &home, &received)
    });
}

#[test]
fn no_fault_of_the_way_to_the_relay_fails_a_reminder() {
    let places = [Place::Greeting, Place::Ehlo, Place::Starttls, Place::Auth, Place::Mail];
    // One kind of each family, and whatever may be said to a login.
    let kinds = [
        Kind::HangUp,
        Kind::Reset,
        Kind::Silence,
        Kind::Temporary,
        Kind::Permanent,
        Kind::Closing,
        Kind::Garbage,
        Kind::HalfLine,
        Kind::WrongCode,
        Kind::Binary,
        Kind::Dribble,
    ];
    let cells: Vec<_> = kinds
        .into_iter()
        .flat_map(|kind| places.map(|place| Cell { kind, place, killed: kind == Kind::Silence }))
        .collect();
    matrix(&cells, |cell| {
        let login = Some(("stepdown".to_owned(), "open sesame".to_owned()));
        let script = Script { crypt: Crypt::Starttls, login, ..Script::fault(cell.place, cell.kind).once() };
        let relay = Relay::start(script.clone());
        let home = home_with_login(&relay, &script);
        let received = through(cell, &relay, &home)?;
        let mail = status(&home)["mail"].clone();
        if mail["accepted"] != 2 || received.len() != 2 {
            return Err(format!("{} received, the ledger says {mail}", received.len()));
        }
        Ok(())
    });
}

#[test]
fn a_wrong_password_a_strange_certificate_and_a_relay_without_tls_pause_the_mail() {
    let login = |password: &str| Some(("stepdown".to_owned(), password.to_owned()));
    let good = Script { crypt: Crypt::Starttls, login: login("open sesame"), ..Script::friendly() };
    let wrong = [
        ("a password", Script { login: login("another"), ..good.clone() }, true),
        ("no TLS", Script { crypt: Crypt::Plain, ..good.clone() }, true),
        ("a certificate", good.clone(), false),
    ];
    for (what, script, trusted) in wrong {
        let relay = Relay::start(script);
        let home = home_with_login(&relay, &good);
        if !trusted {
            home.write("ca.pem", &relay::STRANGER.pem);
        }
        let daemon = evening(&home);
        open_case(&home);
        append(&home, "referral-closed", "2026-06-02", &["service=scayt"]);
        until(what, || !status(&home)["mail_paused_until"].is_null()).expect("a pause");
        let found = status(&home);
        assert_eq!((&found["mail"]["waiting"], &found["mail"]["refused"]), (&2.into(), &0.into()), "{what}");
        assert!(relay.received().is_empty(), "{what}: nothing goes in the clear");
        let journal = daemon.journal();
        assert!(!journal.contains("open sesame") && !journal.contains("SD-7"), "{what}: {journal}");
        // Mended, it goes; the certificate needs a restart, as any change of the configuration does.
        relay.set(good.clone());
        let daemon = if trusted {
            daemon
        } else {
            daemon.kill();
            home.write("ca.pem", &relay::AUTHORITY.pem);
            later(&home)
        };
        until("both", || relay.received().len() == 2 && settled(&home)).expect(what);
        drop(daemon);
    }
}

#[test]
fn implicit_tls_and_a_password_from_systemd_work_too() {
    let login = Some(("stepdown".to_owned(), "open sesame".to_owned()));
    let script = Script { crypt: Crypt::Implicit, login, ..Script::friendly() };
    let relay = Relay::start(script.clone());
    let home = home_with_login(&relay, &script);
    home.edit("stepdown.toml", "password_file = \"password\"", "password_credential = \"smtp\"");
    let without = home.run(&["mail", "test", "somebody@example.org"]);
    assert!(without.code == 2 && without.stderr.contains("LoadCredential=smtp"), "{}", without.stderr);
    home.write("smtp", "open sesame");
    let mut test = home.command(&["mail", "test", "somebody@example.org"]);
    let ran = test.env("CREDENTIALS_DIRECTORY", home.dir.path()).output().expect("it runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(relay.received()[0].to, "somebody@example.org");
}

#[test]
fn a_test_message_tells_how_far_it_came() {
    let relay = Relay::start(Script::fault(Place::Rcpt, Kind::Permanent));
    let home = home_with_relay(relay.port);
    for daemon in [false, true] {
        let running = daemon.then(|| evening(&home));
        let ran = home.run(&["mail", "test", "nobody@example.org"]);
        assert!(
            ran.code == 1 && ran.stderr.contains("at rcpt-to:") && ran.stderr.contains("550"),
            "{}",
            ran.stderr
        );
        let ran = home.run(&["mail", "test", "no address"]);
        assert!(ran.code == 2 || daemon, "{}", ran.stderr);
        drop(running);
    }
    relay.set(Script::friendly());
    let ran = home.run(&["mail", "test", "nobody@example.org"]);
    assert!(ran.code == 0 && ran.stdout.contains("250 2.0.0 taken"), "{}{}", ran.stdout, ran.stderr);
}
