//! The broken configurations, by what is broken in them.

use std::fmt;

pub const RULES: &str = "programmes/lancashire-step-down.toml";
const WITH_AREAS: &str = "programmes/step-up-step-down.toml";
const PEOPLE: &str = "people.toml";
const SETTINGS: &str = "stepdown.toml";
const HOLIDAYS: &str = "bank-holidays.json";

/// A change to the starter.
#[derive(Clone, Copy)]
pub enum Edit {
    /// In this file, the first of these words become others.
    Replace(&'static str, &'static str, &'static str),
    /// This file goes.
    Remove(&'static str),
    /// This file comes.
    Add(&'static str, &'static str),
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replace(file, from, to) => write!(f, "{file}: {from:?} becomes {to:?}"),
            Self::Remove(file) => write!(f, "{file} is removed"),
            Self::Add(file, _) => write!(f, "{file} is added"),
        }
    }
}

pub struct Case {
    pub name: &'static str,
    pub edits: Vec<Edit>,
}

/// The starter with one replacement in `file`, for each of the list.
fn replaced(file: &'static str, list: &[(&'static str, &'static str, &'static str)]) -> Vec<Case> {
    list.iter().map(|(name, from, to)| Case { name, edits: vec![Edit::Replace(file, from, to)] }).collect()
}

pub fn all() -> Vec<Case> {
    [
        settings(),
        people(),
        bank_holidays(),
        syntax_and_keys(),
        rules(),
        conditions(),
        ladders_and_roles(),
        outcomes(),
        limits(),
        areas(),
        event_types_and_files(),
        templates(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub fn settings() -> Vec<Case> {
    replaced(
        SETTINGS,
        &[
            ("settings_unknown_key", "digest_at =", "digest_time ="),
            ("settings_unknown_section", "[mail]", "[mial]"),
            ("settings_no_time_of_day", "digest_at = \"08:00\"", "digest_at = \"8 o'clock\""),
            ("settings_until_before_at", "digest_until = \"18:00\"", "digest_until = \"07:00\""),
            ("settings_no_weekday", "weekly_on = \"monday\"", "weekly_on = \"mnday\""),
            ("settings_breaker_of_nothing", "breaker = 500", "breaker = 0"),
            ("settings_breaker_in_quotes", "breaker = 500", "breaker = \"500\""),
            ("settings_admin_without_address", "stepdown-admins@example.org", "stepdown-admins"),
            ("settings_no_time_zone", "time_zone = \"Europe/London\"", "time_zone = \"Europe/Lodnon\""),
            ("settings_no_division", "bank_holidays = \"england-and-wales\"", "bank_holidays = \"england\""),
            ("settings_transport_unknown", "transport = \"files\"", "transport = \"smpt\""),
            ("settings_smtp_without_relay", "transport = \"files\"", "transport = \"smtp\""),
            ("settings_reply_to_missing", "reply_to = \"Step Down team <stepdown-team@example.org>\"\n", ""),
            ("settings_date_in_quotes", "# go_live = 2026-04-01", "go_live = \"2026-04-01\""),
            (
                "settings_plain_smtp_abroad",
                "# [mail.smtp]",
                "[mail.smtp]\nhost = \"relay.example.org\"\nport = 25\ntls = \"none\"\nusername = \"u\"\n",
            ),
            ("settings_retention_too_short", "# [records]", "[records]\nretention_years = 0"),
            ("settings_records_key_unknown", "# [records]", "[records]\nretention = 75"),
            (
                "settings_two_wrapping_keys",
                "# [records]",
                "[records]\nwrapping_key_file = \"k\"\nwrapping_key_credential = \"k\"",
            ),
            ("settings_access_key_unknown", "# [access]", "[access]\nreader = [\"user:root\"]"),
            ("settings_access_names_nobody", "# [access]", "[access]\nreaders = [\"user:root\", \"priya\"]"),
            ("settings_listen_without_port", "# [access]", "[access]\nlisten = \"127.0.0.1\""),
            ("settings_listen_for_all", "# [access]", "[access]\nlisten = \"0.0.0.0:8410\""),
            ("settings_requests_of_nothing", "# [access]", "[access]\nrequests_per_minute = 0"),
            (
                "settings_backup_recipient",
                "# [backup]",
                "[backup]\nrecipients = [\"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8q\"]",
            ),
            ("settings_backup_encrypted_to_nobody", "# [backup]", "[backup]\nencrypt = true"),
            ("settings_backup_kept_no_day", "# [backup]", "[backup]\nkeep_days = 0"),
            ("settings_backup_at_no_time", "# [backup]", "[backup]\nat = \"2 in the morning\""),
            ("settings_backup_key_unknown", "# [backup]", "[backup]\nkeep = 7"),
        ],
    )
}

pub fn people() -> Vec<Case> {
    let mut cases = replaced(
        PEOPLE,
        &[
            ("person_without_address", "email = \"sam.pickup@example.org\"\n", ""),
            ("person_with_empty_address", "\"sam.pickup@example.org\"", "\"\""),
            ("person_with_faulty_address", "tom.whitfield@example.org", "tom.whitfield"),
            ("person_twice", "id = \"sam-pickup\"", "id = \"irene-castle\""),
            ("person_with_spaces_in_id", "id = \"sam-pickup\"", "id = \"Sam Pickup\""),
            ("person_unknown_key", "manager = \"grace-adeyemi\"", "mangaer = \"grace-adeyemi\""),
            ("person_of_unknown_language", "manager = \"grace-adeyemi\"", "language = \"welsh\""),
            ("person_unknown_manager", "manager = \"grace-adeyemi\"", "manager = \"grace-adeyem\""),
            ("person_own_manager", "manager = \"grace-adeyemi\"", "manager = \"amara-okafor\""),
            ("person_unknown_cover", "cover = \"nadia-rahman\"", "cover = \"nadia\""),
            ("person_own_cover", "cover = \"nadia-rahman\"", "cover = \"tom-whitfield\""),
            ("absence_ends_before_it_begins", "to = 2025-08-15", "to = 2025-08-01"),
            ("absence_at_a_time_of_day", "from = 2025-08-04", "from = 12:00:00"),
            ("absence_without_end", "from = 2025-08-04, to = 2025-08-15", "from = 2025-08-04"),
            ("team_of_no_role", "virtual-school =", "vitrual-school ="),
            ("team_with_faulty_address", "\"scayt@example.org\"", "\"scayt at example.org\""),
            ("team_without_mailbox", "scayt = \"scayt@example.org\"\n", ""),
        ],
    );
    cases.push(Case { name: "people_missing", edits: vec![Edit::Remove(PEOPLE)] });
    cases.push(Case {
        name: "people_misspelt",
        edits: vec![Edit::Remove(PEOPLE), Edit::Add("peple.toml", "person = []\n")],
    });
    cases
}

pub fn bank_holidays() -> Vec<Case> {
    let mut cases = replaced(
        HOLIDAYS,
        &[
            (
                "holidays_no_json",
                "\"division\": \"england-and-wales\",",
                "\"division\": \"england-and-wales\"",
            ),
            ("holidays_no_division", "  \"scotland\": {", "  \"scotlnd\": {"),
            ("holidays_no_date", "\"date\": \"2015-01-01\"", "\"date\": \"2015-13-01\""),
            ("holidays_no_title", "{\"title\": \"New Year’s Day\", \"date\"", "{\"date\""),
        ],
    );
    let few = "{\"england-and-wales\": {\"division\": \"england-and-wales\", \"events\": [\n  \
               {\"title\": \"Boxing Day\", \"date\": \"2026-12-28\", \"notes\": \"\", \"bunting\": true}\n]},\n\
               \"northern-ireland\": {\"division\": \"northern-ireland\", \"events\": [\n  \
               {\"title\": \"Boxing Day\", \"date\": \"2028-12-26\", \"notes\": \"\", \"bunting\": true}\n]}}\n";
    cases.push(Case { name: "holidays_run_out", edits: vec![Edit::Add(HOLIDAYS, few)] });
    cases.push(Case {
        name: "holidays_of_another_division",
        edits: vec![Edit::Add(
            HOLIDAYS,
            "{\"scotland\": {\"events\": [{\"title\": \"2nd January\", \"date\": \"2028-01-03\"}]}}\n",
        )],
    });
    cases
}

pub fn syntax_and_keys() -> Vec<Case> {
    let mut cases = replaced(
        RULES,
        &[
            ("syntax_quote_missing", "due = \"2 weeks\"", "due = \"2 weeks"),
            ("syntax_no_quotes", "owner = \"scayt\"", "owner = scayt"),
            ("syntax_equals_missing", "kind = \"interval\"\nanchor", "kind \"interval\"\nanchor"),
            (
                "syntax_list_not_closed",
                "also = [\"independent-reviewing-officer\", \"residential-key-worker\"]",
                "also = [\"independent-reviewing-officer\"",
            ),
            ("syntax_header_not_closed", "[ladders.long]", "[ladders.long"),
            ("syntax_roles_not_closed", "[roles]", "[roles"),
            (
                "syntax_role_not_closed",
                "advocate = { title = { en = \"Advocate\", cy = \"Eiriolwr\" } }",
                "advocate = { title = { en = \"Advocate\", cy = \"Eiriolwr\" }",
            ),
            ("syntax_comma_missing", "{ at = \"0\", to = [\"owner\"] },", "{ at = \"0\" to = [\"owner\"] },"),
            ("key_twice", "owner = \"scayt\"", "owner = \"scayt\"\nowner = \"scayt\""),
            ("header_missing", "[[rule]]\nid = \"my-home-my-place\"", "id = \"my-home-my-place\""),
            (
                "ladder_given_twice",
                "[ladders.long]\n",
                "[ladders.standard]\nlate = \"send\"\n\n[ladders.long]\n",
            ),
            ("key_unknown_in_rule", "owner = \"scayt\"", "onwer = \"scayt\""),
            ("key_unknown_in_programme", "time_zone =", "timezone ="),
            ("key_unknown_in_step", "to = [\"manager\"], urgent = true", "to = [\"manager\"], urgnet = true"),
            ("key_unknown_in_matcher", "date = \"starts_on\"", "dat = \"starts_on\""),
            ("key_missing_in_rule", "basis = \"policy\"\nsource = \"Stage 1\"\n", ""),
            ("key_missing_in_programme", "title = { en = \"Step Down\", cy = \"Step Down\" }\n", ""),
            ("value_of_another_kind", "due = \"2 weeks\"", "due = 2"),
            ("value_list_in_a_text", "owner = \"scayt\"", "owner = [\"scayt\"]"),
            (
                "value_text_in_a_list",
                "done_by = [\"scayt-consultation-held\"]",
                "done_by = \"scayt-consultation-held\"",
            ),
            ("word_unknown", "late = \"send\"", "late = \"sent\""),
            ("kind_unknown", "kind = \"windows\"\nanchor", "kind = \"window\"\nanchor"),
        ],
    );
    cases.push(Case {
        name: "a_misspelt_key_hides_nothing",
        edits: vec![
            Edit::Replace(RULES, "every = \"6 weeks\"", "evry = \"6 weeks\""),
            Edit::Replace(RULES, "anchor = \"readiness-confirmed\"", "anchor = \"readiness-confrimed\""),
            Edit::Replace(RULES, "late = \"send\"", "lat = \"send\""),
        ],
    });
    cases
}

pub fn limits() -> Vec<Case> {
    let mut cases = replaced(
        RULES,
        &[
            ("limit_from_unknown", "from = \"child-moved-in\"\nper", "from = \"child-moved-inn\"\nper"),
            ("limit_per_unknown", "per = \"constellation\"", "per = \"constelation\""),
            (
                "limit_per_of_many_values",
                "from = \"child-moved-in\"\nper = \"constellation\"",
                "from = \"support-meeting-held\"\nper = \"attendees\"",
            ),
            ("limit_of_nothing", "at_most = 1\nto", "at_most = 0\nto"),
            ("limit_in_words", "at_most = 1\nto", "at_most = \"one\"\nto"),
            ("limit_missing", "at_most = 1\nto", "to"),
            ("limit_key_unknown", "at_most = 1\nto", "at_most = 1\nat_least = 1\nto"),
            ("limit_tells_nobody", "to = [\"fostering-team-manager\"]\nbasis", "to = []\nbasis"),
            (
                "limit_role_unknown",
                "to = [\"fostering-team-manager\"]\nbasis",
                "to = [\"fostering-team-manger\"]\nbasis",
            ),
            (
                "limit_frees_by_its_own",
                "until = [\"placement-ended\"]\nat",
                "until = [\"child-moved-in\", \"child\"]\nat",
            ),
            ("limit_id_of_a_notice", "id = \"arrangements-per-constellation\"", "id = \"child-moved\""),
        ],
    );
    let nothing_ends = vec![
        Edit::Replace(RULES, "ends_with = [\"case-closed\"]", "ends_with = []"),
        Edit::Replace(RULES, "until = [\"placement-ended\"]\nat", "at"),
    ];
    cases.push(Case { name: "limit_for_ever", edits: nothing_ends });
    cases
}

pub fn rules() -> Vec<Case> {
    replaced(
        RULES,
        &[
            ("rule_no_period", "due = \"2 weeks\"", "due = \"a fortnight\""),
            ("rule_id_twice", "id = \"advocacy-referral\"", "id = \"my-home-my-place\""),
            ("rule_id_with_spaces", "id = \"advocacy-referral\"", "id = \"advocacy referral\""),
            ("rule_owner_unknown", "owner = \"child-social-worker\"", "owner = \"child-social-wroker\""),
            ("rule_owner_nobody", "owner = \"child-social-worker\"", "owner = \"\""),
            ("rule_completed_by_nothing", "done_by = [\"care-planning-meeting-held\"]", "done_by = []"),
            ("rule_every_nothing", "every = \"6 weeks\"", "every = \"0 weeks\""),
            ("rule_once_with_every", "due = \"2 weeks\"", "due = \"2 weeks\"\nevery = \"1 week\""),
            ("rule_windows_without_every", "every = \"1 week\"\nfor = \"6 weeks\"", "for = \"6 weeks\""),
            (
                "rule_for_shorter_than_every",
                "every = \"1 week\"\nfor = \"6 weeks\"",
                "every = \"6 weeks\"\nfor = \"1 week\"",
            ),
            ("rule_every_of_no_period", "every = { field = \"every\" }", "every = { field = \"by\" }"),
            ("rule_every_of_no_field", "every = { field = \"every\" }", "every = { field = \"evry\" }"),
            ("rule_starts_before_its_anchor", "offset = \"6 weeks\"", "offset = \"-6 weeks\""),
            (
                "rule_anchor_unknown",
                "anchor = \"suitability-confirmed\"",
                "anchor = \"suitability-confrimed\"",
            ),
            (
                "rule_anchor_about_the_log",
                "anchor = \"suitability-confirmed\"",
                "anchor = \"event-corrected\"",
            ),
            ("rule_anchor_date_no_date", "date = \"from\"", "date = \"every\""),
            (
                "rule_date_where_none_counts",
                "done_by = [{ event = \"assessment-recorded\", where = { tool = \"ramp\" } }]",
                "done_by = [{ event = \"assessment-recorded\", date = \"tool\" }]",
            ),
            (
                "rule_ends_at_its_anchor",
                "until = [\"step-down-not-suitable\", \"match-declined\"]",
                "until = [\"possible-match-identified\"]",
            ),
            (
                "rule_unless_always",
                "unless = { since = { event = \"referral-made\", where = { service = \"scayt\" } }, before = { event = \"referral-closed\", where = { service = \"scayt\" } } }",
                "unless = { since = \"case-opened\", before = \"case-opened\" }",
            ),
            (
                "notice_tells_nobody",
                "to = [\"scayt\", \"virtual-school\", \"independent-reviewing-officer\"]",
                "to = []",
            ),
            ("notice_never_set_off", "on = [\"stability-concern-raised\"]", "on = []"),
        ],
    )
}

pub fn conditions() -> Vec<Case> {
    replaced(
        RULES,
        &[
            ("condition_on_no_field", "where = { tool = \"ramp\" }", "where = { tol = \"ramp\" }"),
            (
                "condition_on_a_type_without_fields",
                "anchor = \"introductions-started\"",
                "anchor = { event = \"introductions-started\", where = { by = \"scayt\" } }",
            ),
            ("condition_value_not_allowed", "where = { tool = \"ramp\" }", "where = { tool = \"rampp\" }"),
            ("condition_one_value_not_allowed", "level = [\"2.3\", \"2.4\"]", "level = [\"2.3\", \"2.5\"]"),
            (
                "condition_role_unknown",
                "where = { by = \"stability-worker\" }",
                "where = { by = \"stability-wroker\" }",
            ),
            (
                "condition_of_another_type",
                "where = { changes_school = true }",
                "where = { changes_school = \"yes\" }",
            ),
            ("condition_above_the_maximum", "score = { at_least = 14 }", "score = { at_least = 41 }"),
            ("condition_below_the_minimum", "score = { at_least = 14 }", "score = { at_most = -1 }"),
            (
                "condition_limits_crossed",
                "score = { at_least = 14 }",
                "score = { at_least = 17, at_most = 14 }",
            ),
            ("condition_number_of_a_text", "score = { at_least = 14 }", "level = { at_least = 2 }"),
            (
                "condition_contains_of_no_list",
                "where = { tool = \"ramp\" }",
                "where = { tool = { contains = \"ramp\" } }",
            ),
            (
                "condition_contains_no_role",
                "contains = \"residential-key-worker\"",
                "contains = \"residential-worker\"",
            ),
            ("condition_of_nothing", "level = [\"2.3\", \"2.4\"]", "level = []"),
            ("condition_word_unknown", "score = { at_least = 14 }", "score = { atleast = 14 }"),
        ],
    )
}

pub fn ladders_and_roles() -> Vec<Case> {
    const STEP: &str = r#"{ at = "-5 working days", to = ["owner"] }"#;
    replaced(
        RULES,
        &[
            ("ladder_step_twice", STEP, r#"{ at = "-2 working days", to = ["owner"] }"#),
            ("ladder_step_without_sign", STEP, r#"{ at = "5 working days", to = ["owner"] }"#),
            ("ladder_step_to_no_role", STEP, r#"{ at = "-5 working days", to = ["child-social-wroker"] }"#),
            ("ladder_step_to_no_address", STEP, r#"{ at = "-5 working days", to = ["a@@b"] }"#),
            ("ladder_step_to_nobody", STEP, r#"{ at = "-5 working days", to = [] }"#),
            (
                "ladder_step_urgent_too_early",
                STEP,
                r#"{ at = "-5 working days", to = ["owner"], urgent = true }"#,
            ),
            (
                "ladder_step_repeats_too_early",
                STEP,
                r#"{ at = "-5 working days", to = ["owner"], every = "1 week", times = 2 }"#,
            ),
            ("ladder_step_once_of_many", "times = 5, to", "times = 1, to"),
            ("ladder_step_times_without_every", "every = \"2 working days\", times = 5, to", "times = 5, to"),
            (
                "ladder_ends_at_the_deadline",
                "    { at = \"+1 working day\", every = \"2 working days\", times = 2, to = [\"owner\", \"also\"] },\n    { at = \"+4 working days\", to = [\"manager\"], urgent = true },\n",
                "",
            ),
            ("ladder_unknown", "ladder = \"long\"", "ladder = \"lnog\""),
            ("ladder_of_the_programme_unknown", "ladder = \"standard\"", "ladder = \"standrad\""),
            (
                "ladder_without_steps",
                "[ladders.long]\nlate = \"send\"",
                "[ladders.none]\nsteps = []\n\n[ladders.long]\nlate = \"send\"",
            ),
            ("role_manager_unknown", "manager = \"team-manager\"", "manager = \"team-manger\""),
            (
                "role_own_manager",
                "cy = \"Rheolwr tîm, maethu\" }, team = true",
                "cy = \"Rheolwr tîm, maethu\" }, team = true, manager = \"fostering-team-manager\"",
            ),
            ("title_in_welsh_alone", "{ en = \"School\", cy = \"Ysgol\" }", "{ cy = \"Ysgol\" }"),
            ("title_in_another_language", "cy = \"Ysgol\"", "fr = \"Ecole\""),
            (
                "role_without_title",
                "school = { title = { en = \"School\", cy = \"Ysgol\" } }",
                "school = { team = false }",
            ),
        ],
    )
}

pub fn areas() -> Vec<Case> {
    let wales = "[areas.wales]\nbank_holidays = \"england-and-wales\"";
    let mut cases = replaced(
        WITH_AREAS,
        &[
            ("area_of_no_division", wales, "[areas.wales]\nbank_holidays = \"wales\""),
            ("area_without_division", wales, "[areas.wales]"),
            ("area_with_spaces", wales, "[areas.\"south wales\"]\nbank_holidays = \"england-and-wales\""),
            ("area_key_unknown", wales, "[areas.wales]\nbank_holiday = \"england-and-wales\""),
            ("area_unknown_in_example", "area = \"wales\"", "area = \"wlaes\""),
        ],
    );
    cases.push(Case {
        name: "area_that_no_case_can_name",
        edits: vec![
            Edit::Remove("events/step-up-step-down/case-opened.json"),
            Edit::Replace(WITH_AREAS, ", area = \"wales\"", ""),
            Edit::Replace(WITH_AREAS, ", area = \"wales\"", ""),
            Edit::Replace(WITH_AREAS, ", area = \"wales\"", ""),
            Edit::Replace(WITH_AREAS, ", area = \"northern-ireland\"", ""),
        ],
    });
    let only = "{\"england-and-wales\": {\"division\": \"england-and-wales\", \"events\": [\n  \
                {\"title\": \"Boxing Day\", \"date\": \"2028-12-26\", \"notes\": \"\", \"bunting\": true}\n]}}\n";
    cases.push(Case { name: "area_without_bank_holidays", edits: vec![Edit::Add(HOLIDAYS, only)] });
    cases
}

pub fn event_types_and_files() -> Vec<Case> {
    const VISIT: &str = "events/lancashire-step-down/visit-made.json";
    const MATCHED: &str = "events/lancashire-step-down/match-approved.json";
    let mut cases = replaced(
        VISIT,
        &[
            ("schema_no_json", "\"additionalProperties\": false", "\"additionalProperties\": false,"),
            ("schema_no_schema", "\"type\": \"string\"", "\"type\": \"text\""),
        ],
    );
    let others = [
        ("event_type_missing", vec![Edit::Remove(MATCHED)]),
        ("event_type_of_every_programme_missing", vec![Edit::Remove("events/common/event-retracted.json")]),
        (
            "event_type_of_no_programme",
            vec![Edit::Add("events/lancashire-step-dwon/outing.json", "{\"type\": \"object\"}\n")],
        ),
        ("file_nobody_reads", vec![Edit::Add("holidays.toml", "a = 1\n")]),
        ("no_programme", vec![Edit::Remove(RULES)]),
        (
            "programme_of_another_name",
            vec![Edit::Replace(RULES, "id = \"lancashire-step-down\"", "id = \"lancashire\"")],
        ),
        ("settings_missing", vec![Edit::Remove(SETTINGS)]),
    ];
    cases.extend(others.into_iter().map(|(name, edits)| Case { name, edits }));
    cases
}

pub fn templates() -> Vec<Case> {
    const DIGEST: &str = "templates/digest.txt.jinja";
    let mut cases = replaced(
        DIGEST,
        &[
            ("template_name_unknown", "summary=summary", "summary=sumary"),
            ("template_block_not_closed", "{% endfor %}", ""),
            ("template_parent_unknown", "layout.txt.jinja", "layuot.txt.jinja"),
            ("template_filter_unknown", "| upper", "| uper"),
        ],
    );
    let others = [
        (
            "template_part_unknown",
            vec![Edit::Replace("templates/item.html.jinja", "item.title", "item.titel")],
        ),
        (
            "phrases_at_fault",
            vec![Edit::Replace("locales/cy/mail.ftl", "dear = Annwyl { $name }", "dear = Annwyl { $name")],
        ),
        (
            "title_not_in_welsh",
            vec![
                Edit::Replace("people.toml", "id = \"sam-pickup\"", "id = \"sam-pickup\"\nlanguage = \"cy\""),
                Edit::Replace(
                    "programmes/lancashire-step-down.toml",
                    "{ en = \"School\", cy = \"Ysgol\" }",
                    "\"School\"",
                ),
            ],
        ),
        ("template_missing", vec![Edit::Remove("templates/weekly.html.jinja")]),
        ("template_of_a_later_version_missing", vec![Edit::Remove("templates/limit.txt.jinja")]),
        ("template_nobody_uses", vec![Edit::Add("templates/weekley.txt.jinja", "{{ day }}\n")]),
        (
            "template_faults_hide_nothing",
            vec![
                Edit::Replace("templates/layout.txt.jinja", "{% endif %}", "{% endfi %}"),
                Edit::Replace(DIGEST, "day=day", "day=dya"),
                Edit::Replace(DIGEST, "summary=summary", "summary=sumary"),
                Edit::Replace("templates/notice.html.jinja", "{{ title }}", "{{ titel }}"),
            ],
        ),
    ];
    cases.extend(others.into_iter().map(|(name, edits)| Case { name, edits }));
    cases
}

/// What a programme says of its outcomes.
pub fn outcomes() -> Vec<Case> {
    let transition = "attempted = \"child-moved-in\"\nended = [\"placement-ended\"]\nafter = \"12 months\"";
    let list = [
        ("outcome_ended_by_nothing", "ended = [\"placement-ended\"]\nafter", "ended = []\nafter"),
        ("outcome_of_no_time", "after = \"12 months\"", "after = \"0 months\""),
        ("outcome_of_unknown_event", "attempted = \"child-moved-in\"", "attempted = \"child-moved-on\""),
        (
            "outcome_recorded_in_words",
            transition,
            "attempted = \"child-moved-in\"\nended = [\"placement-ended\"]\nafter = \"12 months\"\nrecorded = { event = \"placement-ended\", field = \"reason\" }",
        ),
        ("outcome_of_unknown_field", "field = \"score\"", "field = \"scores\""),
        ("outcome_id_twice", "id = \"sdq\"\ntitle", "id = \"needs-assessment\"\ntitle"),
        ("outcome_of_no_events", "title = \"SDQ score\"\nevent =", "title = \"SDQ score\"\nfirst ="),
        (
            "outcome_better_sideways",
            "field = \"score\"\nbetter = \"lower\"",
            "field = \"score\"\nbetter = \"sideways\"",
        ),
        (
            "outcome_order_of_unknown_values",
            "field = \"level\"",
            "order = [\"2.1\", \"3.1\"]\nfield = \"level\"",
        ),
        ("rule_report_in_words", "ladder = \"long\"\nreport = true", "ladder = \"long\"\nreport = \"yes\""),
    ];
    let mut cases = replaced(RULES, &list);
    cases.push(Case {
        name: "outcome_people_without_number",
        edits: vec![Edit::Replace(
            RULES,
            "[outcomes.transition]",
            "[outcomes.support]\nfamilies = \"child-moved-in\"\npeople = { event = \"placement-ended\", adults = \"reason\", children = \"child\" }\n\n[outcomes.transition]",
        )],
    });
    cases.push(Case {
        name: "outcome_unknown",
        edits: vec![Edit::Replace(RULES, "[outcomes.transition]", "[outcomes.transitions]")],
    });
    cases.push(Case { name: "report_words_missing", edits: vec![Edit::Remove("locales/en/report.ftl")] });
    cases.push(Case {
        name: "report_word_missing",
        edits: vec![Edit::Replace("locales/en/report.ftl", "report-waived = Waived\n", "")],
    });
    cases
}
