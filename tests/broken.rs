//! Broken ladders, people, settings and templates: each is answered with what is wrong and the way out.

#[path = "support/binary.rs"]
mod binary;

use binary::Home;

#[test]
fn a_broken_ladder_or_absence_is_named_with_the_way_out() {
    let rules = "programmes/lancashire-step-down.toml";
    let step = r#"{ at = "-5 working days", to = ["owner"] }"#;
    let broken = [
        (rules, step, r#"{ at = "5 working days", to = ["owner"] }"#, "write \"-10 working days\" before"),
        (
            rules,
            step,
            r#"{ at = "-2 working days", to = ["owner"] }"#,
            "another step of this ladder falls at the same time",
        ),
        (
            rules,
            step,
            r#"{ at = "-5 working days", to = ["child-social-wroker"] }"#,
            "did you mean \"child-social-worker\"?",
        ),
        (rules, step, r#"{ at = "-5 working days", to = ["a@@b"] }"#, "\"a@@b\" is not a mail address"),
        (rules, step, r#"{ at = "-5 working days", to = [] }"#, "this step tells nobody"),
        (
            rules,
            step,
            r#"{ at = "-5 working days", to = ["owner"], every = "1 week", times = 2 }"#,
            "only a step after the deadline repeats",
        ),
        (rules, "times = 5, to", "times = 1, to", "1 is not a number of times from 2 to 50"),
        (
            rules,
            "every = \"2 working days\", times = 5, to",
            "times = 5, to",
            "\"every\" and \"times\" go together",
        ),
        (rules, "ladder = \"long\"", "ladder = \"lnog\"", "did you mean \"long\"?"),
        (rules, "late = \"send\"", "late = \"never\"", "expected one of `send`, `digest`, `skip`"),
        (rules, "manager = \"team-manager\"", "manager = \"team-manger\"", "did you mean \"team-manager\"?"),
        ("people.toml", "cover = \"nadia-rahman\"", "cover = \"nadia\"", "nobody is listed as \"nadia\""),
        (
            "people.toml",
            "manager = \"grace-adeyemi\"",
            "manager = \"grace-adeyem\"",
            "did you mean \"grace-adeyemi\"?",
        ),
        ("people.toml", "to = 2025-08-15", "to = 2025-08-01", "ends before it begins"),
        ("people.toml", "from = 2025-08-04", "from = 12:00:00", "is not a date"),
        ("stepdown.toml", "weekly_on = \"monday\"", "weekly_on = \"mnday\"", "\"mnday\""),
        ("stepdown.toml", "breaker = 500", "breaker = 0", "0 is not between 1 and 1000000"),
        ("stepdown.toml", "stepdown-admins@example.org", "stepdown-admins", "is not a mail address"),
        (
            "templates/digest.txt.jinja",
            "{{ summary }}",
            "{{ sumary }}",
            "templates/digest.txt.jinja:3: undefined value",
        ),
        (
            "templates/item.html.jinja",
            "{{ item.title }}",
            "{{ item.titel }}",
            "`item.titel` is undefined (in item.html.jinja:1)",
        ),
    ];
    for (file, from, to, what) in broken {
        let home = Home::new();
        home.init();
        home.edit(file, from, to);
        let ran = home.run(&["mail", "test", "somebody@example.org"]);
        let said = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(ran.code, 2, "{to}: {said}");
        assert!(said.contains(what), "{to}: {said}");
    }
}
