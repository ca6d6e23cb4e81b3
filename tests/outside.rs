//! What others think of our mails: Python's email and icalendar packages, `SpamAssassin`, and axe in Chromium.

#[path = "support/binary.rs"]
mod binary;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use binary::{Home, needs};
use serde_json::Value;

/// All mails of the sample journey, with calendar entries for one person and a marking.
fn journey() -> (Home, PathBuf) {
    let home = Home::new();
    home.init();
    home.edit(
        "people.toml",
        "manager = \"grace-adeyemi\"\n",
        "manager = \"grace-adeyemi\"\ncalendar = true\n",
    );
    home.edit("stepdown.toml", "# marking = \"OFFICIAL-SENSITIVE\"", "marking = \"OFFICIAL-SENSITIVE\"");
    let demo = home.path("demo");
    let ran = home.run(&["demo", "--into", demo.to_str().expect("a path"), "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    (home, demo.join("mail"))
}

fn mails(dir: &Path) -> Vec<PathBuf> {
    let mut mails: Vec<_> =
        std::fs::read_dir(dir).expect("mails").map(|entry| entry.expect("an entry").path()).collect();
    mails.sort();
    mails
}

/// The first mails of each kind, by the kind in the file's name.
fn some_of_each(dir: &Path, count: usize) -> Vec<PathBuf> {
    let mut kinds: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for mail in mails(dir) {
        let name = mail.file_name().expect("a name").to_string_lossy().into_owned();
        let kind = name.split('-').next().expect("a kind").to_owned();
        kinds.entry(kind).or_default().push(mail);
    }
    assert_eq!(
        kinds.keys().map(String::as_str).collect::<Vec<_>>(),
        ["admin", "correction", "digest", "escalation", "notice"]
    );
    kinds.into_values().flat_map(|mails| mails.into_iter().take(count)).collect()
}

#[test]
fn python_reads_every_mail_and_every_calendar_entry_without_a_defect() {
    let (_home, dir) = journey();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/read_mails.py");
    let ran = Command::new("/usr/bin/python3").arg(script).arg(&dir).output().expect("python3 is there");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let found: Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    assert_eq!(found["defects"], Value::Array(Vec::new()), "{found}");
    assert_eq!(found["mails"], mails(&dir).len());
    assert!(found["mails"].as_u64() > Some(250) && found["entries"].as_u64() > Some(50), "{found}");
    assert!(
        found["methods"]["REQUEST"].as_u64() > Some(20) && found["methods"]["CANCEL"].as_u64() > Some(20),
        "{found}"
    );
}

/// What `SpamAssassin` says of any mail that comes straight from a test, through no relay; and that there is
/// HTML in it, which it remarks on without a complaint (score 0.0).
const OF_A_TEST: [&str; 4] = ["ALL_TRUSTED", "NO_RELAYS", "NO_RECEIVED", "HTML_MESSAGE"];

#[test]
fn spamassassin_finds_nothing_but_what_a_test_relay_causes() {
    let spamassassin = needs("spamassassin");
    let (_home, dir) = journey();
    for mail in some_of_each(&dir, 2) {
        let file = std::fs::File::open(&mail).expect("a mail");
        let ran = Command::new(&spamassassin)
            .args(["--local", "--test-mode"])
            .stdin(file)
            .stderr(Stdio::null())
            .output()
            .expect("spamassassin runs");
        let text = String::from_utf8_lossy(&ran.stdout).replace("\n\t", " ");
        let status = text.lines().find(|line| line.starts_with("X-Spam-Status:")).expect("a status");
        let tests =
            status.split("tests=").nth(1).and_then(|rest| rest.split(" autolearn").next()).expect("tests");
        let tests = tests.split(',').map(str::trim);
        let found: Vec<_> = tests.filter(|test| !OF_A_TEST.contains(test) && *test != "none").collect();
        assert!(found.is_empty(), "{}: {status}", mail.display());
    }
}

/// The HTML part of a mail, decoded by Python, who has shown to read them all.
fn html_of(mail: &Path) -> String {
    let script = "import email,email.policy,sys\n\
        m=email.message_from_binary_file(open(sys.argv[1],'rb'),policy=email.policy.default)\n\
        sys.stdout.write(m.get_body(('html',)).get_content())";
    let ran =
        Command::new("/usr/bin/python3").args(["-c", script]).arg(mail).output().expect("python3 is there");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).expect("UTF-8")
}

#[test]
fn axe_finds_no_barrier_in_any_kind_of_mail() {
    let chromium = needs("chromium");
    let axe = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/package/axe.min.js");
    let axe = std::fs::read_to_string(&axe).unwrap_or_else(|_| {
        panic!("axe-core is not in target/tools: run the tests with tests/run, which fetches it")
    });
    let (home, dir) = journey();
    for (n, mail) in some_of_each(&dir, 1).into_iter().enumerate() {
        // The page reports on itself: Chromium prints the document after axe has written into it.
        let report = "axe.run(document,{runOnly:{type:'tag',values:['wcag2a','wcag2aa','wcag21a','wcag21aa',\
            'wcag22aa','best-practice']}}).then(r=>{const p=document.createElement('pre');p.id='axe';\
            p.textContent='AXE'+JSON.stringify({passes:r.passes.length,violations:r.violations.map(v=>v.id+': '+\
            v.nodes.map(n=>n.html).join(' | '))})+'EXA';document.body.appendChild(p)})";
        let html = html_of(&mail);
        assert!(!html.contains("<img") && !html.contains("http://") && !html.contains("https://"), "{html}");
        let page =
            html.replace("</body>", &format!("<script>{axe}</script><script>{report}</script></body>"));
        let file = home.write(&format!("{n}.html"), &page);
        let ran = Command::new(&chromium)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .arg(format!("--user-data-dir={}", home.path("chromium").display()))
            .args(["--virtual-time-budget=20000", "--dump-dom"])
            .arg(format!("file://{}", file.display()))
            .stderr(Stdio::null())
            .output()
            .expect("chromium runs");
        let dom = String::from_utf8_lossy(&ran.stdout);
        let report = dom.rsplit("AXE").next().and_then(|rest| rest.split("EXA").next()).expect("a report");
        let report: Value =
            serde_json::from_str(&report.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
                .unwrap_or_else(|error| panic!("{error}: {report}"));
        assert!(report["passes"].as_u64() > Some(10), "{report}");
        assert_eq!(report["violations"], Value::Array(Vec::new()), "{}: {report}", mail.display());
    }
}
