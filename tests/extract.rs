//! Extracts of a case system on the real binary: first, again, changed, broken; with a daemon and without.

#[path = "support/binary.rs"]
mod binary;

use binary::{Home, Ran, sample};
use serde_json::{Value, json};

const MAP: &str = r#"
source = "/cases"
case = "Case"
dates = ["%d/%m/%Y", "%d/%m/%Y %H:%M"]

[[event]]
type = "case-opened"
date = "Opened"
[event.data]
programme = { value = "lancashire-step-down" }

[[event]]
type = "visit-made"
date = "Visited"
key = ["Visit"]
[event.data]
by = { column = "By", values = { "Social Worker" = "child-social-worker", IRO = "independent-reviewing-officer" } }

[[event]]
type = "assessment-recorded"
date = "Assessed"
[event.data]
tool = { value = "sdq" }
score = { column = "Score", as = "number", required = true }
"#;

const HEADER: &str = "Case,Child,Opened,Visit,Visited,By,Assessed,Score\n";
const ROWS: &str = "SD-1,Poppy Vance,04/05/2026,V1,12/05/2026 15:30,Social Worker,13/05/2026,15\n\
    SD-1,Poppy Vance,04/05/2026,V2,19/05/2026,IRO,,\n\
    SD-2,Ellis Marsh,05/05/2026,V3,,Social Worker,,\n";

/// A home with the map and the rows as files.
fn home() -> Home {
    let home = Home::new();
    home.write("map.toml", MAP);
    home.write("rows.csv", &[HEADER, ROWS].concat());
    home
}

const IMPORT: [&str; 5] = ["import", "--csv", "rows.csv", "--map", "map.toml"];

/// Imports the rows with these words changed.
fn import(home: &Home, changes: &[(&str, &str)]) -> Ran {
    rewrite(home, changes);
    home.run(&IMPORT)
}

fn rewrite(home: &Home, changes: &[(&str, &str)]) {
    let mut rows = [HEADER, ROWS].concat();
    for (from, to) in changes {
        assert!(rows.contains(from), "{from}");
        rows = rows.replace(from, to);
    }
    home.write("rows.csv", &rows);
}

fn counts(receipt: &Value) -> [u64; 4] {
    ["appended", "corrected", "retracted", "unchanged"].map(|key| receipt[key].as_u64().expect("a number"))
}

/// The events of a type in the log.
fn exported(home: &Home, event_type: &str) -> Vec<Value> {
    let export = home.run(&["export"]).stdout;
    let events = export.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    events.filter(|event| event["type"] == event_type).collect()
}

#[test]
fn the_samples_import_and_a_second_time_adds_nothing() {
    let home = Home::new();
    let args = |name: &str| {
        let path = |end: &str| sample(&format!("{name}.{end}")).display().to_string();
        ["import".to_owned(), "--csv".to_owned(), path("csv"), "--map".to_owned(), path("toml")]
    };
    for (name, appended) in [("extract-cases", 5), ("extract-visits", 4)] {
        let args = args(name);
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        assert_eq!(counts(&home.json(&args)), [appended, 0, 0, 0]);
        let again = home.json(&args);
        assert_eq!((counts(&again), &again["dry_run"]), ([0, 0, 0, appended], &json!(false)));
    }
    let due = home.json(&["due", "--on", "2026-05-19", "--all", "--case", "SD-0201"]);
    let meeting = due
        .as_array()
        .expect("a list")
        .iter()
        .find(|row| row["obligation"] == "preparation-planning-meeting");
    let meeting = meeting.expect("the meeting");
    assert_eq!((&meeting["status"], &meeting["done_on"]), (&json!("done"), &json!("2026-05-18")));
}

#[test]
fn a_day_is_its_beginning_and_a_time_is_local() {
    let home = home();
    assert_eq!(import(&home, &[]).stdout, "5 appended, 0 corrected, 0 retracted, 0 unchanged\n");
    let times = |event_type| {
        exported(&home, event_type).iter().map(|event| event["time"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(times("visit-made"), ["2026-05-12T14:30:00Z", "2026-05-18T23:00:00Z"]);
    assert_eq!(times("case-opened"), ["2026-05-03T23:00:00Z", "2026-05-04T23:00:00Z"]);
}

#[test]
fn a_changed_row_is_a_correction_an_emptied_date_a_retraction() {
    let home = home();
    import(&home, &[]);
    let changed =
        import(&home, &[("12/05/2026 15:30,Social Worker", "12/05/2026,IRO"), ("2026,15", "2026,16")]);
    assert_eq!(changed.stdout, "0 appended, 2 corrected, 0 retracted, 3 unchanged\n", "{}", changed.stderr);
    let corrections: Vec<_> =
        exported(&home, "event-corrected").iter().map(|event| event["data"].clone()).collect();
    let visit = exported(&home, "visit-made")[0]["id"].clone();
    assert_eq!(
        corrections[0],
        json!({
            "event": visit, "time": "2026-05-11T23:00:00Z", "data": {"by": "independent-reviewing-officer"},
            "reason": "changed in the extract rows.csv"
        })
    );
    assert!(corrections[1].get("time").is_none() && corrections[1]["data"]["score"] == 16, "{corrections:?}");
    assert_eq!(home.run(&IMPORT).stdout, "0 appended, 0 corrected, 0 retracted, 5 unchanged\n");
    // Back to what it was at first: a second correction of the same event.
    assert_eq!(import(&home, &[]).stdout, "0 appended, 2 corrected, 0 retracted, 3 unchanged\n");
    assert_eq!(exported(&home, "event-corrected")[2]["id"], format!("{}/c2", visit.as_str().expect("an id")));
    let emptied = [("12/05/2026 15:30", "")];
    assert_eq!(import(&home, &emptied).stdout, "0 appended, 0 corrected, 1 retracted, 4 unchanged\n");
    assert_eq!(home.run(&IMPORT).stdout, "0 appended, 0 corrected, 0 retracted, 4 unchanged\n");
    assert_eq!(import(&home, &[]).stdout, "1 appended, 0 corrected, 0 retracted, 4 unchanged\n");
    assert_eq!(import(&home, &emptied).stdout, "0 appended, 0 corrected, 1 retracted, 4 unchanged\n");
    let ids: Vec<_> = exported(&home, "visit-made").iter().map(|event| event["id"].clone()).collect();
    assert_eq!(ids[2], format!("{}/2", visit.as_str().expect("an id")));
    assert_eq!(exported(&home, "event-retracted")[1]["data"]["event"], ids[2]);
}

#[test]
fn what_was_mended_by_hand_stays_so_until_its_row_says_something_new() {
    let home = home();
    import(&home, &[]);
    let visits = exported(&home, "visit-made");
    let id = |n: usize| visits[n]["id"].as_str().expect("an id").to_owned();
    let amend = |kind: &str, event: &str, more: &str| {
        let event = format!("event={event}");
        let args =
            ["append", "--case", "SD-1", "--on", "2026-06-01", "--type", kind, &event, "reason=a mistake"];
        let ran = home.run(&[&args[..], &[more][..usize::from(!more.is_empty())]].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    };
    amend("event-corrected", &id(0), "time=2026-05-11T10:00:00Z");
    amend("event-retracted", &id(1), "");
    let again = home.run(&IMPORT);
    assert_eq!(again.stdout, "0 appended, 0 corrected, 0 retracted, 3 unchanged\n");
    assert_eq!(
        again.stderr,
        "2 events were mended or retracted by hand since they were imported; they stay so\n"
    );
    // Who came is new; the time is as the row always had it, and stays mended.
    assert_eq!(
        import(&home, &[("15:30,Social Worker", "15:30,IRO")]).stdout,
        "0 appended, 1 corrected, 0 retracted, 3 unchanged\n"
    );
    let corrected = exported(&home, "event-corrected");
    assert!(corrected[1]["data"].get("time").is_none(), "{corrected:?}");
    assert_eq!(
        import(&home, &[("12/05/2026 15:30,Social Worker", "11/05/2026 11:00,IRO")]).stdout,
        "0 appended, 0 corrected, 0 retracted, 4 unchanged\n"
    );
}

#[test]
fn a_dry_run_of_either_import_says_what_would_come_and_writes_nothing() {
    let home = home();
    let dry = [&IMPORT[..], &["--dry-run"]].concat();
    let journey = sample("journey.jsonl").display().to_string();
    let ran = home.run(&dry);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (0, "5 to append, 0 to correct, 0 to retract, 0 unchanged; a dry run: nothing was written\n")
    );
    assert_eq!(
        home.json(&["import", &journey, "--dry-run"]),
        json!({"appended": 162, "duplicates": 0, "dry_run": true})
    );
    assert!(!home.data().exists(), "a dry run makes no log");
    import(&home, &[]);
    let before = home.run(&["export"]).stdout;
    rewrite(&home, &[("12/05/2026 15:30", "13/05/2026"), ("V2,19/05/2026", "V2,"), ("V3,", "V3,20/05/2026")]);
    insta::assert_snapshot!(home.run(&dry).stdout, @"
    line 2: visit-made of case SD-1 corrected, its time
    line 3: visit-made of case SD-1 retracted
    1 to append, 1 to correct, 1 to retract, 3 unchanged; a dry run: nothing was written
    ");
    let receipt = home.json(&dry);
    assert_eq!((counts(&receipt), &receipt["dry_run"]), ([1, 1, 1, 3], &json!(true)));
    assert_eq!(
        receipt["changes"][0],
        json!({"line": 2, "change": "corrected", "case": "SD-1", "type": "visit-made", "parts": ["time"]})
    );
    assert_eq!(home.json(&["import", &journey, "--dry-run"])["appended"], 162);
    assert_eq!(home.run_with_input(&["import", "-", "--dry-run"], "{}").code, 2);
    assert_eq!(home.run(&["export"]).stdout, before);
}

#[test]
fn the_daemon_gives_the_same_answers() {
    let (home, with_daemon) = (home(), home());
    let daemon = with_daemon.daemon(|_| {});
    let dry = [&IMPORT[..], &["--dry-run"]].concat();
    let journey = sample("journey.jsonl").display().to_string();
    let steps: [&[(&str, &str)]; 6] = [
        &[],
        &[],
        &[("12/05/2026 15:30", "13/05/2026"), ("V2,19/05/2026", "V2,"), ("V3,", "V3,20/05/2026")],
        &[("2026,15", "2026,41"), ("V3,", "V3,20/05/2999")],
        &[("19/05/2026,IRO", "19/05/2026,Iro"), ("V3,", "V3,tomorrow")],
        &[("Vance,04/05", "Vance,29/03")],
    ];
    for changes in steps {
        rewrite(&home, changes);
        rewrite(&with_daemon, changes);
        for args in [&dry[..], &IMPORT, &["import", &journey, "--dry-run"]] {
            let (one, other) = (home.run(args), with_daemon.run(args));
            assert_eq!((one.code, &one.stdout, &one.stderr), (other.code, &other.stdout, &other.stderr));
        }
    }
    let latin = [HEADER.as_bytes(), b"SD-1,Zo\xe9,,,,,,\n"].concat();
    std::fs::write(with_daemon.path("rows.csv"), latin).expect("writable");
    let ran = with_daemon.run(&IMPORT);
    assert!(ran.code == 2 && ran.stderr.contains("line 2: holds a byte that is no UTF-8"), "{}", ran.stderr);
    assert_eq!(daemon.stop("-TERM"), Some(0));
}

#[test]
fn imports_at_one_time_append_each_event_once() {
    let home = home();
    let daemon = home.daemon(|_| {});
    std::thread::scope(|scope| {
        for n in 0..4 {
            let home = &home;
            scope.spawn(move || {
                let ran = home.run(&IMPORT);
                assert_eq!(ran.code, 0, "{}", ran.stderr);
                let case = format!("SD-9{n}");
                let opened =
                    ["--on", "2026-05-04", "--type", "case-opened", "programme=lancashire-step-down"];
                assert_eq!(home.run(&[&["append", "--case", &case][..], &opened].concat()).code, 0);
            });
        }
    });
    assert_eq!(home.run(&IMPORT).stdout, "0 appended, 0 corrected, 0 retracted, 5 unchanged\n");
    assert_eq!((exported(&home, "visit-made").len(), exported(&home, "case-opened").len()), (2, 6));
    assert!(exported(&home, "event-corrected").is_empty());
    drop(daemon);
}

#[test]
fn what_spreadsheets_write_is_read() {
    let plain = [HEADER, ROWS].concat();
    let quoted = plain.replace("Poppy Vance", "\"Vance,\nPoppy \"\"Pop\"\"\"");
    let variants = [
        plain.replace('\n', "\r\n"),
        format!("\u{feff}{plain}\r\n\r\n,,,,,,,\r\n"),
        quoted,
        plain.replace(',', " , "),
    ];
    for text in variants {
        let home = home();
        let args = ["import", "--csv", "-", "--map", "map.toml", "--format", "json"];
        let ran = home.run_with_input(&args, &text);
        let receipt: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
        assert_eq!(counts(&receipt), [5, 0, 0, 0], "{text}");
        assert_eq!(counts(&home.json(&IMPORT)), [0, 0, 0, 5], "{text}");
    }
}

#[test]
fn a_row_that_moved_and_rows_that_gainsay_each_other_are_faults() {
    let home = Home::new();
    let map =
        MAP.replace("case = \"Case\"", "case = \"Case\"\nrow = \"Visit\"").replace("key = [\"Visit\"]\n", "");
    home.write("map.toml", &map);
    assert_eq!(import(&home, &[]).stdout, "6 appended, 0 corrected, 0 retracted, 0 unchanged\n");
    let moved = import(&home, &[("SD-1,Poppy Vance,04/05/2026,V2", "SD-2,Poppy Vance,04/05/2026,V2")]);
    insta::assert_snapshot!(moved.stderr, @r#"
    × refused, 1 fault found; nothing was appended
    │   line 3: Case: row "V2" was imported as event "SD-1/case-opened/efc5447a52f04f16d25fc8d7f44a4dd0" of case SD-1; if it is of case SD-2, append an event-retracted of that event first
    help: nothing was appended; mend what is listed and try again
    "#);
    let twice = import(&home, &[("V2,", "V1,")]);
    insta::assert_snapshot!(twice.stderr, @r#"
    × refused, 1 fault found; nothing was appended
    │   line 3: Visit: "V1" stands on line 2 too, with other content; a row's name stands once in an extract
    help: nothing was appended; mend what is listed and try again
    "#);
    // A row that becomes another kind of event takes back the one it was.
    let other = import(&home, &[("V2,19/05/2026,IRO,,", "V2,,,19/05/2026,12")]);
    assert_eq!(other.stdout, "1 appended, 0 corrected, 1 retracted, 5 unchanged\n", "{}", other.stderr);
    home.write("map.toml", MAP);
    let twice = import(&home, &[("V2,", "V1,")]);
    insta::assert_snapshot!(twice.stderr, @"
    × refused, 1 fault found; nothing was appended
    │   line 3: says otherwise than line 2 of the same event, visit-made of case SD-1; let the map's key name the columns that tell one from the other, or mend the extract
    help: nothing was appended; mend what is listed and try again
    ");
}

#[test]
fn rows_that_are_gone_and_rows_of_no_event_are_told() {
    let home = home();
    import(&home, &[]);
    home.write("rows.csv", &[HEADER, "SD-2,Ellis Marsh,05/05/2026,V3,,,,\n"].concat());
    let ran = home.run(&IMPORT);
    assert_eq!(ran.stdout, "0 appended, 0 corrected, 0 retracted, 1 unchanged\n");
    assert_eq!(ran.stderr, "4 events of earlier extracts have no row in this one; they stay as they are\n");
    assert_eq!(home.json(&IMPORT)["absent"], 4);
    let map = MAP.replace("key = [\"Visit\"]", "key = [\"Visit\"]\nwhen = { By = \"Virtual School\" }");
    home.write("map.toml", &map);
    let ran = home.run(&IMPORT);
    assert!(
        ran.stderr.contains("no row is of the map's visit-made; is its \"when\" right?"),
        "{}",
        ran.stderr
    );
}

#[test]
fn options_that_do_not_go_together_are_refused() {
    let home = home();
    let wrong: [&[&str]; 5] = [
        &["import"],
        &["import", "--csv", "rows.csv"],
        &["import", "--map", "map.toml"],
        &["import", "rows.jsonl", "--csv", "rows.csv", "--map", "map.toml"],
        &["import", "--csv", "rows.csv", "--map", "map.toml", "--keep-recorded-time"],
    ];
    for args in wrong {
        assert_eq!(home.run(args).code, 2, "{args:?}");
    }
    assert_eq!(home.run(&["import", "--csv", "none.csv", "--map", "map.toml"]).code, 1);
    assert_eq!(home.run(&["import", "--csv", "rows.csv", "--map", "none.toml"]).code, 1);
}

/// The lines of a report that are about a fault, without the picture of the place.
fn told(ran: &Ran) -> String {
    let lines = ran.stderr.lines().map(str::trim_start);
    let faults = lines.filter(|line| {
        line.starts_with("× map.toml") || line.starts_with("help:") || line.starts_with("│   line")
    });
    let faults = faults.filter(|line| !line.contains("mend what is"));
    faults.map(|line| line.trim_start_matches(['×', '│', ' ']).to_owned() + "\n").collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of maps with what is said of each")]
fn a_broken_map_is_shown_where_it_is_broken() {
    let broken = [
        ("case = \"Case\"", "case = \"Case\"\ncolour = \"red\""),
        ("source = \"/cases\"", ""),
        ("case = \"Case\"", "case = \"\""),
        ("case = \"Case\"", "case = \"Case\"\ndelimiter = \"::\""),
        ("[\"%d/%m/%Y\", \"%d/%m/%Y %H:%M\"]", "\"dd/mm/yyyy\""),
        ("[\"%d/%m/%Y\", \"%d/%m/%Y %H:%M\"]", "\"%d/%Q/%Y\""),
        ("[\"%d/%m/%Y\", \"%d/%m/%Y %H:%M\"]", "31"),
        ("type = \"visit-made\"", "type = \"visit-maid\""),
        ("type = \"visit-made\"", "type = \"event-corrected\""),
        ("type = \"visit-made\"", "type = \"visit made\""),
        ("key = [\"Visit\"]", "key = []"),
        ("key = [\"Visit\"]", "key = [\"Visit\"]\nwhen = { By = 7 }"),
        ("type = \"assessment-recorded\"", "type = \"case-opened\""),
        ("score = {", "scores = {"),
        (", as = \"number\"", ""),
        ("as = \"number\"", "as = \"numbr\""),
        ("as = \"number\"", "as = \"number\", separator = \";\""),
        ("as = \"number\"", "as = \"number\", values = { few = 3 }"),
        ("tool = { value = \"sdq\" }", ""),
        ("{ value = \"sdq\" }", "{ value = \"sdq\", column = \"Score\" }"),
        ("{ value = \"sdq\" }", "{ value = { a = 1 } }"),
        ("case = \"Case\"", "case = \"Case\"\nrow = \"Visit\""),
        ("[[event]]", "[[events]]"),
    ];
    let mut report = String::new();
    for (from, to) in broken {
        let home = home();
        assert!(MAP.contains(from), "{from}");
        home.write("map.toml", &MAP.replacen(from, to, 1));
        let ran = home.run(&IMPORT);
        assert_eq!(ran.code, 2, "{to}: {}{}", ran.stdout, ran.stderr);
        assert!(!home.data().exists(), "{to}");
        report.push_str(to.lines().last().unwrap_or("(left out)"));
        report.push_str(&("\n".to_owned() + &told(&ran)));
    }
    insta::assert_snapshot!(report, @r#"
    colour = "red"
    map.toml:4:1: unknown key "colour"
    help: known: source, case, case_prefix, row, delimiter, dates, event
    (left out)
    map.toml:1:1: this file has no "source"
    help: add source = …
    case = ""
    map.toml:3:8: the name of the column is empty
    delimiter = "::"
    map.toml:4:13: "::" is not a delimiter
    help: write one character: ",", ";" or "\t"
    "dd/mm/yyyy"
    map.toml:4:9: "dd/mm/yyyy" does not give a whole date; it needs day, month and year (%d, %m, %Y), and %M where it has %H
    "%d/%Q/%Y"
    map.toml:4:9: "%d/%Q/%Y" is not a date format; write for example "%d/%m/%Y" or "%d/%m/%Y %H:%M"
    31
    map.toml:4:9: is neither a text nor a list of texts
    type = "visit-maid"
    map.toml:13:8: "visit-maid" is not an event type
    help: did you mean "visit-made"?
    type = "event-corrected"
    map.toml:13:8: event-corrected is not read from an extract
    help: a row that changed becomes a correction by itself, one whose date was emptied a retraction
    type = "visit made"
    map.toml:13:8: "visit made" is not a name
    help: use up to 64 letters, digits, "-", "." and "_", starting with a letter or digit
    key = []
    map.toml:15:7: a key has columns
    help: leave it out where a case has one such event
    when = { By = 7 }
    map.toml:16:15: is neither a text nor a list of texts
    type = "case-opened"
    map.toml:20:8: a case would have one case-opened of two entries
    help: give each a name of its own, such as name = "first", or a key
    scores = {
    map.toml:24:1: "scores" is not a field of assessment-recorded
    help: did you mean "score"?
    (left out)
    map.toml:24:1: data.score of assessment-recorded is a number
    help: say as = "number"
    as = "numbr"
    map.toml:24:34: "numbr" is not a form of a cell
    help: did you mean "number"?
    as = "number", separator = ";"
    map.toml:24:56: a separator stands between the words of a list
    help: say as = "list" too, or leave it out
    as = "number", values = { few = 3 }
    map.toml:24:53: values say what a cell means, as = "number" says so too
    help: leave out one of them
    (left out)
    map.toml:20:8: assessment-recorded needs data.tool
    help: say where it comes from: tool = { column = "…" } under [event.data]
    { value = "sdq", column = "Score" }
    map.toml:23:8: a field has a column or a value, one of them
    help: write { column = "…" } or { value = … }
    { value = { a = 1 } }
    map.toml:23:18: is no value of an event's data
    help: write a text, a number, true, false, or a list of texts
    row = "Visit"
    map.toml:16:7: the row already says which event it is
    help: leave out the key, or the map's row
    [[events]]
    map.toml:1:1: there is no [[event]]
    help: say which events a row makes
    map.toml:6:3: unknown key "events"
    help: known: source, case, case_prefix, row, delimiter, dates, event
    map.toml:9:2: "event" takes a list in [ ], not a table
    map.toml:12:3: "event" is given twice
    help: keep one of them
    map.toml:16:8: "data" is given twice
    help: keep one of them
    map.toml:19:3: "event" is given twice
    help: keep one of them
    map.toml:22:8: "data" is given twice
    help: keep one of them
    "#);
}

#[test]
fn broken_rows_are_named_by_line_column_and_what_would_be_right() {
    let broken: [&[(&str, &str)]; 17] = [
        &[("12/05/2026 15:30", "31/02/2026")],
        &[("12/05/2026 15:30", "29/03/2026 01:30")],
        &[("12/05/2026 15:30", "12/05/2999")],
        &[("12/05/2026 15:30", "12/05/1826")],
        &[("12/05/2026 15:30,Social Worker", "12/05/2026 15:30,Socail Worker")],
        &[("12/05/2026 15:30,Social Worker", "12/05/2026 15:30,")],
        &[("2026,15", "2026,many")],
        &[("2026,15", "2026,")],
        &[("2026,15", "2026,41")],
        &[("SD-2", "SD/2")],
        &[("SD-2", "")],
        &[("V1,", ",")],
        &[("Poppy Vance,04", "Poppy, Vance,04")],
        &[("Poppy Vance", "\"Poppy Vance")],
        &[("Visited", "Visit date")],
        &[("Child", "By")],
        &[("Ellis Marsh,05/05/2026,V3,", "Ellis Marsh,,V3,20/05/2026")],
    ];
    let mut report = String::new();
    for changes in broken {
        let home = home();
        let ran = import(&home, changes);
        assert_eq!(ran.code, 2, "{changes:?}: {}{}", ran.stdout, ran.stderr);
        for name in ["Poppy", "Vance", "Ellis", "Marsh"] {
            assert!(!ran.stderr.contains(name), "{}", ran.stderr);
        }
        report += &told(&ran);
    }
    insta::assert_snapshot!(report, @r#"
    line 2: Visited: "31/02/2026" is not a date; write it as %d/%m/%Y, such as 25/12/2026
    line 2: Visited: 2026-03-29 01:30:00 does not exist in Europe/London: the clocks went forward over it; give the time an hour later or earlier
    line 2: time: 2999-05-12T00:00:00+00:00 is in the future (column "Visited")
    line 2: time: 1826-05-12T00:01:15+00:00 is before 1900; is the year mistyped? (column "Visited")
    line 2: By: "Socail Worker" is not among the values of the map; did you mean "Social Worker"?
    line 2: data.by: is missing; visit-made needs it (column "By")
    line 2: Score: "many" is not a number; write digits, such as 14 or 2.5
    line 2: Score: is empty; the map says it is required
    line 2: data.score: 41 is greater than the maximum of 40 (column "Score")
    line 4: Case: "SD/2" is not a case reference: use up to 64 letters, digits, "-", "." and "_", starting with a letter or digit
    line 4: Case: is empty; every row names its case
    line 2: Visit: is empty; it is part of the key, which tells one event from another
    line 2: has 9 cells, the header has 8; a cell with a delimiter in it stands in quotation marks
    line 3: has 9 cells, the header has 8; a cell with a delimiter in it stands in quotation marks
    line 2: the quotation mark that is opened here is closed within a cell; one that is part of a cell is written twice
    line 1: Visited: is no column of the extract; is the first line the header?
    line 1: By: two columns have this name; rename one of them in the extract
    line 4: subject: "SD-2" is an unknown case: append its case-opened first (column "Case")
    "#);
    let home = home();
    for text in ["", "\n\n", "\u{feff}\r\n"] {
        let ran = home.run_with_input(&["import", "--csv", "-", "--map", "map.toml"], text);
        assert!(ran.stderr.contains("line 1: the extract is empty"), "{}", ran.stderr);
    }
    let headless = home.run_with_input(&["import", "--csv", "-", "--map", "map.toml"], ROWS);
    assert!(headless.stderr.contains("is the first line the header?"), "{}", headless.stderr);
    assert!(!headless.stderr.contains("Vance"), "{}", headless.stderr);
}
