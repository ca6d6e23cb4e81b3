//! The event catalogue as an admin reads it; it needs no log.

#[path = "support/binary.rs"]
mod binary;

use binary::Home;
use serde_json::{Value, json};

const PROGRAMME: &str = "lancashire-step-down";

fn trimmed(text: &str) -> String {
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// The example has the day on which the test runs, or the moment.
fn dateless(text: &str) -> String {
    let words = text.split_inclusive([' ', '\n']).map(|word| {
        let end = word.trim_end();
        let is_date = end.len() == 10 && end.starts_with("20") && end.matches('-').count() == 2;
        match end.split_once("time=") {
            Some(_) => word.replace(end, "time=NOW"),
            None if is_date => word.replace(end, "TODAY"),
            None => word.to_owned(),
        }
    });
    words.collect()
}

#[test]
fn types_lists_each_with_what_follows() {
    let home = Home::new();
    let ran = home.run(&["events", "types", "--programme", PROGRAMME]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!home.data().exists(), "a question makes no log");
    let all = trimmed(&ran.stdout);
    let wanted = [
        "  Type",
        "───",
        "  case-opened",
        "  child-moved-in",
        "  event-retracted",
        "  referral-made",
        "  visit-made",
    ];
    let lines: Vec<_> = all.lines().collect();
    let mut shown = String::new();
    let mut on = false;
    for line in lines {
        if !line.starts_with("                   ") {
            on = wanted.iter().any(|start| line.starts_with(start));
        }
        if on {
            shown += line;
            shown.push('\n');
        }
    }
    insta::assert_snapshot!(shown, @"
      Type                                What it means                      Data                              What follows
    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
      case-opened                         A case comes under a programme.    programme, born_on?               starts needs-assessment,
                                                                                                               care-planning-meeting; → Stage
                                                                                                               1: Identification
      child-moved-in                      The child moves to the fostering   changes_school, constellation?,   starts 20 rules; ends 20 rules;
                                          family.                            family?                           sets off child-moved,
                                                                                                               residential-link-ended; counts
                                                                                                               towards
                                                                                                               arrangements-per-constellation;
                                                                                                               → Stage 5: Ongoing support and
                                                                                                               review
      event-retracted                     The named event is treated as      event, reason
                                          never having happened.
      referral-made                       A service is asked to help.        service, purpose?                 starts
                                                                                                               scayt-initial-consultation,
                                                                                                               scayt-formulation-meeting;
                                                                                                               completes 4 rules
      visit-made                          A professional visits.             by                                completes 13 rules
    ");
    let rows = home.json(&["events", "types", "--programme", "lancashire-step-down"]);
    let rows = rows.as_array().expect("a list");
    assert_eq!(rows.len(), 49);
    let visit = rows.iter().find(|row| row["type"] == "visit-requested").expect("it is there");
    insta::assert_json_snapshot!(visit, @r#"
    {
      "calls_off": [],
      "completes": [],
      "counts_from": [],
      "description": "The child or the carers ask for a visit.",
      "ends": [],
      "ends_case": false,
      "fields": [
        {
          "description": "Who asks.",
          "format": null,
          "list": false,
          "maximum": null,
          "minimum": null,
          "name": "by",
          "required": true,
          "type": "string",
          "values": [
            "child",
            "carer"
          ]
        },
        {
          "description": "The role that is asked.",
          "format": "role",
          "list": false,
          "maximum": null,
          "minimum": null,
          "name": "of",
          "required": true,
          "type": "string",
          "values": []
        }
      ],
      "holds_back": [],
      "lets_start": [],
      "notices": [],
      "programme": "lancashire-step-down",
      "stages": [],
      "starts": [
        {
          "id": "iro-visit-requested",
          "title": "IRO visits as the child or carers asked",
          "where": "of=independent-reviewing-officer"
        }
      ],
      "type": "visit-requested"
    }
    "#);
}

#[test]
fn schema_is_the_file() {
    let home = Home::new();
    for (event_type, file) in [
        ("child-moved-in", include_str!("../events/lancashire-step-down/child-moved-in.json")),
        ("case-opened", include_str!("../events/common/case-opened.json")),
    ] {
        for format in ["table", "json"] {
            let ran =
                home.run(&["events", "schema", event_type, "--programme", PROGRAMME, "--format", format]);
            assert_eq!((ran.code, ran.stdout.as_str()), (0, file), "{}", ran.stderr);
        }
    }
}

#[test]
fn describe_tells_an_admin_what_a_type_means() {
    let home = Home::new();
    let describe = |event_type: &str| {
        dateless(&home.run(&["events", "describe", event_type, "--programme", PROGRAMME]).stdout)
    };
    insta::assert_snapshot!(describe("referral-made"), @"
    referral-made
    A service is asked to help.

    Data
      service  text; required. The service: scayt, advocacy, stability, outreach, virtual-school or another.
      purpose  one of: preparation, matching; may be left out. What SCAYT is asked for.

    What follows from it in Step Down (lancashire-step-down)
      Starts
        scayt-initial-consultation: SCAYT initial consultation, if purpose=matching service=scayt
        scayt-formulation-meeting: SCAYT professionals' (formulation) meeting, if purpose=matching service=scayt
      Completes
        advocacy-referral: Referral to advocacy, if service=advocacy
        scayt-preparation-referral: SCAYT asked to the Preparation Planning Meeting, if service=scayt
        scayt-matching-referral: New referral to SCAYT for matching, if purpose=matching service=scayt
        stability-referral: Referral to the stability worker, if service=stability
      After it, these do not start
        scayt-matching-referral: New referral to SCAYT for matching, if service=scayt

    To record one
      stepdown append --case CASE --type referral-made --on TODAY service=advocacy
    ");
    insta::assert_snapshot!(describe("assessment-recorded"), @"
    assessment-recorded
    An assessment is recorded.

    Data
      tool   one of: needs-assessment, sdq, ramp; required. The assessment tool.
      level  one of: 2.1, 2.2, 2.3, 2.4; may be left out. The level of need found by the Needs Assessment Tool.
      score  a whole number from 0 to 40; may be left out. The total difficulties score of the SDQ.

    What follows from it in Step Down (lancashire-step-down)
      Starts
        suitability-discussion-sdq: Discuss suitability after the SDQ score, if score at least 14 tool=sdq
        suitability-discussion-needs: Discuss suitability after the Needs Assessment, if level=2.3 or 2.4 tool=needs-assessment
      Completes
        needs-assessment: Needs Assessment Tool completed, if tool=needs-assessment
        ramp: RAMP completed before introductions start, if tool=ramp

    To record one
      stepdown append --case CASE --type assessment-recorded --on TODAY tool=needs-assessment
    ");
    insta::assert_snapshot!(describe("case-closed"), @"
    case-closed
    The case is closed: every series of it ends.

    Data
      reason  text; may be left out. Why.

    What follows from it in Step Down (lancashire-step-down)
      Ends every obligation of the case.
      Brings the case into
        Closed

    To record one
      stepdown append --case CASE --type case-closed --on TODAY
    ");
    insta::assert_snapshot!(describe("event-corrected"), @"
    event-corrected
    The named event is read with another time, other data, or both. The data given replaces all of the event's data.

    Data
      event   an event's id, as case show --format json has it; required. The id of the event.
      reason  text; required. Why.
      data    a JSON object; may be left out. What really happened, by the schema of the event's type.
      time    a time, such as 2026-06-01T14:30:00+01:00; may be left out. When it really happened.

    What follows from it in Step Down (lancashire-step-down)
      No rule, notice, limit or stage names it; what it does is the same in every programme.

    To record one
      stepdown append --case CASE --type event-corrected --on TODAY event=EVENT-ID reason=REASON time=NOW
    ");
    let json = home.json(&["events", "describe", "visit-frequency-agreed"]);
    assert_eq!(json["meaning"]["fields"][1]["format"], json!("period"));
    assert!(json["example"].as_str().is_some_and(|line| line.ends_with("every='2 weeks'")), "{json}");
}

/// The example of every type of every programme is taken by the command line as it stands, but for the names in capitals.
#[test]
fn every_example_can_be_appended() {
    let home = Home::new();
    let rows = home.json(&["events", "types"]);
    let rows: Vec<_> =
        rows.as_array().expect("a list").iter().map(|row| (&row["programme"], &row["type"])).collect();
    let mut programmes: Vec<_> =
        rows.iter().map(|(programme, _)| programme.as_str().expect("a text")).collect();
    programmes.dedup();
    assert_eq!(programmes.len(), 4);
    for (number, programme) in programmes.into_iter().enumerate() {
        let (case, id) = (format!("CASE-{number}"), format!("EVENT-ID-{number}"));
        let opened = ["append", "--case", &case, "--type", "case-opened", "--on", "2026-01-05", "--id", &id];
        let opened = home.run(&[&opened[..], &[&format!("programme={programme}")]].concat());
        assert_eq!(opened.code, 0, "{}", opened.stderr);
        for (_, event_type) in rows.iter().filter(|(of, _)| *of == programme) {
            let event_type = event_type.as_str().expect("a text");
            let told = home.json(&["events", "describe", event_type, "--programme", programme]);
            let line = told["example"].as_str().expect("a line").to_owned();
            let line = line.strip_prefix("stepdown ").expect("a command");
            let line = line.replace("EVENT-ID", &id).replace("--case CASE", &format!("--case {case}"));
            let ran = shell(&home, &line.replace("=CASE/", &format!("={case}/")));
            assert!(ran.0, "{line}: {}", ran.1);
        }
    }
}

#[test]
fn a_type_of_several_programmes_is_asked_for_by_programme() {
    let home = Home::new();
    let ran = home.run(&["events", "describe", "child-moved-in"]);
    assert_eq!(ran.code, 2);
    insta::assert_snapshot!(ran.stderr, @r#"
    × 3 programmes have the event type "child-moved-in"
    help: say which with --programme: bridge-to-foster, lancashire-step-down, stepdown-agency
    "#);
    let describe = home.run(&["events", "describe", "crisis-raised"]);
    assert!(describe.code == 0 && describe.stdout.contains("(step-up-step-down)"), "{}", describe.stderr);
}

/// Runs a line as a shell would.
fn shell(home: &Home, line: &str) -> (bool, String) {
    let binary = env!("CARGO_BIN_EXE_stepdown");
    let script = format!("exec {binary} --data {} {line}", home.data().display());
    let ran = std::process::Command::new("sh").arg("-c").arg(script).env_clear().output().expect("a shell");
    (ran.status.success(), String::from_utf8_lossy(&ran.stderr).into_owned())
}

#[test]
fn a_type_that_there_is_not_is_named_with_one_that_is() {
    let home = Home::new();
    for command in ["schema", "describe"] {
        let ran = home.run(&["events", command, "visit-maed"]);
        assert_eq!(ran.code, 2);
        insta::allow_duplicates! {
            insta::assert_snapshot!(ran.stderr, @r#"
            × there is no event type "visit-maed"
            help: did you mean "visit-made"?
            "#);
        }
    }
    let programme = home.run(&["events", "types", "--programme", "lancashire-step-dwon"]);
    assert_eq!(programme.code, 2);
    insta::assert_snapshot!(programme.stderr, @r#"
    × there is no programme "lancashire-step-dwon"
    help: did you mean "lancashire-step-down"?
    "#);
}

/// A new event type and a new programme are files: no Rust.
#[test]
fn a_new_type_of_a_new_programme_is_described_like_any() {
    let home = Home::new();
    home.init();
    let text = std::fs::read_to_string(home.config().join("programmes/lancashire-step-down.toml"))
        .expect("readable");
    let head = text.split("# ──── Stage 1").next().expect("a head");
    let rule = "[[rule]]\nid = \"first-letter\"\ntitle = \"First letter\"\nkind = \"once\"\nanchor = \"letter-asked\"\ndue = \"1 week\"\ndone_by = [\"case-closed\"]\nowner = \"advocate\"\nbasis = \"local\"\nsource = \"us\"\n";
    let programme = format!("{}\n{rule}", head.replace("id = \"lancashire-step-down\"", "id = \"letters\""));
    std::fs::write(home.config().join("programmes/letters.toml"), programme).expect("writable");
    std::fs::create_dir_all(home.config().join("events/letters")).expect("writable");
    let schema = json!({
        "description": "Somebody asks for a letter.", "type": "object", "additionalProperties": false,
        "required": ["to", "pages"],
        "properties": {"to": {"type": "string", "description": "Whom."}, "pages": {"type": "integer", "minimum": 1}},
    });
    std::fs::write(home.config().join("events/letters/letter-asked.json"), schema.to_string())
        .expect("writable");
    let told = home.run(&["events", "describe", "letter-asked"]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    insta::assert_snapshot!(dateless(&told.stdout), @"
    letter-asked
    Somebody asks for a letter.

    Data
      pages  a whole number from 1; required
      to     text; required. Whom.

    What follows from it in Step Down (letters)
      Starts
        first-letter: First letter

    To record one
      stepdown append --case CASE --type letter-asked --on TODAY pages=1 to=TO
    ");
    let both = home.json(&["events", "types"]);
    let programmes: Vec<_> =
        both.as_array().expect("a list").iter().map(|row| &row["programme"]).collect::<Vec<_>>();
    assert!(
        programmes.contains(&&Value::from("letters"))
            && programmes.contains(&&Value::from("lancashire-step-down"))
    );
}
