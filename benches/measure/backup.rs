//! How long 1,000,000 events take into a backup, from the running daemon, and back out of it.

use std::fs;
use std::path::Path;
use std::time::Instant;

use stepdown::config::{Config, Source};

use crate::daemon::{Daemon, binary, run};
use crate::million::Million;
use crate::rounds::{Rounds, median, milliseconds};
use crate::table;

const BAR: f64 = 60.0;

pub fn measure(million: &Million, rounds: Rounds) {
    let identity = age::x25519::Identity::generate();
    let secret = million.dir.path().join("identity");
    fs::write(&secret, age::secrecy::ExposeSecret::expose_secret(&identity.to_string())).expect("written");
    let settings = million.config.join("stepdown.toml");
    let plain = fs::read_to_string(&settings).expect("readable");
    fs::write(&settings, format!("{plain}\n[backup]\nrecipients = [\"{}\"]\n", identity.to_public()))
        .expect("written");
    Config::load(&Source::Directory(million.config.clone())).expect("a configuration");
    for encrypt in [false, true] {
        let file = million.dir.path().join("backup");
        let (mut out, mut back, mut size) = (Vec::new(), Vec::new(), 0);
        for _ in 0..rounds.count.min(3) {
            let (daemon, _) = Daemon::start(&million.config, &million.data);
            let began = Instant::now();
            let mut command = binary(&million.config, &million.data);
            command.arg("backup").arg(&file);
            run(if encrypt { command.arg("--encrypt") } else { &mut command });
            out.push(milliseconds(began.elapsed()) / 1000.0);
            daemon.stop();
            size = fs::metadata(&file).expect("a file").len() >> 20;
            back.push(restore(million, &file, encrypt.then_some(&*secret)));
            fs::remove_file(&file).expect("removed");
        }
        let (out, back) = (median(out), median(back));
        let sealed = if encrypt { ", encrypted with age" } else { "" };
        let what = format!("backup of 1,000,000 events from the daemon{sealed}, synced and read back");
        table::at_most(&what, &format!("{out:.1} s, {size} MB"), out, BAR, " s");
        let what = format!("… restored{sealed}, proven and in its place");
        table::at_most(&what, &format!("{back:.1} s"), back, BAR, " s");
    }
    fs::write(settings, plain).expect("written");
}

fn restore(million: &Million, file: &Path, identity: Option<&Path>) -> f64 {
    let data = million.dir.path().join("restored");
    let began = Instant::now();
    let mut command = binary(&million.config, &data);
    command.arg("restore").arg(file).arg("--wrapping-key").arg(million.data.join("wrapping-key"));
    if let Some(identity) = identity {
        command.arg("--identity").arg(identity);
    }
    run(&mut command);
    let took = milliseconds(began.elapsed()) / 1000.0;
    fs::remove_dir_all(data).expect("removed");
    took
}
