//! The Lancashire programme file against the policy, rule by rule, and its mails as people get them.

mod support;

use std::collections::BTreeMap;

use serde_json::json;
use stepdown::mail::{Post, Templates};
use stepdown::programme::{Every, Programme, Rule, Shape};
use stepdown::reminders::{CaseOnDay, Ledger, Message, digests, notices};
use stepdown::schedule::CaseView;
use support::{CONFIG, Story, date, given_case_opened, noon};

fn programme() -> &'static Programme {
    &CONFIG.policy(&"lancashire-step-down".parse().expect("an id")).expect("the starter has it").programme
}

/// A rule's limit as the policy's table has it.
fn limit(rule: &Rule) -> String {
    let every = |every: &Every| match every {
        Every::Period(period) => period.to_string(),
        Every::Field(field) => format!("its {field}"),
    };
    let for_ = |for_: &Option<_>| for_.map(|for_| format!(" for {for_}")).unwrap_or_default();
    let shape = match &rule.shape {
        Shape::Once { due, opens: None } => due.to_string(),
        Shape::Once { due, opens: Some(opens) } => format!("{due}, opens {opens} before"),
        Shape::Windows { every: p, for_: l } | Shape::Interval { every: p, for_: l } => {
            format!("every {}{}", every(p), for_(l))
        }
    };
    if rule.offset.is_zero() { shape } else { format!("{shape}, offset {}", rule.offset) }
}

/// id | shape | limit | basis, in the order of the policy's stages.
const RULES: &str = "\
needs-assessment|interval|every 6 weeks|policy
care-planning-meeting|interval|every 6 weeks|policy
suitability-discussion-sdq|once|6 weeks|policy
suitability-discussion-needs|once|6 weeks|policy
my-home-my-place|once|5 working days|local
advocacy-referral|once|5 working days|local
scayt-preparation-referral|once|5 working days|local
preparation-planning-meeting|once|2 weeks|policy
my-home-my-place-update|once|5 working days|local
key-criteria|once|10 working days|local
scayt-matching-referral|once|5 working days|local
scayt-initial-consultation|once|2 weeks|policy
scayt-formulation-meeting|once|4 weeks|policy
breaking-the-cyclone-training|once|4 weeks|local
match-decline-reasons|once|5 working days|local
carer-availability|once|5 working days|local
stability-referral|once|5 working days|local
planned-break-carer|once|8 weeks|local
introductions-planning-meeting|once|2 weeks|policy
ramp|once|0 days, opens 6 weeks before|policy
introductions-review-first-week|once|1 week|policy
introductions-review-mid-point|once|4 weeks, opens 1 week before|policy
introductions-review-final-week|once|0 days, opens 1 week before|policy
introductions-length|once|8 weeks, opens 2 weeks before|policy
csw-check-in-introductions|windows|every 1 week|policy
csw-visit-introductions|interval|every 2 weeks|policy
ssw-check-in-introductions|windows|every 1 week|policy
ssw-visit-introductions|interval|every 2 weeks|policy
support-meeting-weekly|windows|every 1 week for 6 weeks|policy
residential-attendance|windows|every 2 weeks for 6 weeks|policy
stability-attendance-early|windows|every 2 weeks for 6 weeks|policy
stability-attendance-later|windows|every 1 month for 6 months, offset 6 weeks|policy
looked-after-review|once|4 weeks|policy
iro-visit-before-review|once|4 weeks|policy
iro-visit-requested|once|10 working days|local
education-plan|once|20 working days|local
csw-visit-settling|windows|every 1 week for 4 weeks|policy
csw-visit-frequency|once|4 weeks|policy
csw-visit-unreviewed|windows|every 1 week, offset 4 weeks|local
csw-visit-agreed|interval|every its every|policy
ssw-visit-settling|windows|every 1 week for 4 weeks|policy
ssw-visit-frequency|once|4 weeks|policy
ssw-visit-unreviewed|windows|every 1 week, offset 4 weeks|local
ssw-visit-agreed|interval|every its every|policy
stability-visit|windows|every 2 weeks for 12 weeks|policy
stability-review|once|12 weeks, opens 4 weeks before|policy
support-review-monthly|windows|every 1 month for 6 months, offset 6 weeks|policy
support-period-review|once|6 months, opens 4 weeks before, offset 6 weeks|policy
support-review-extended|windows|every 1 month for 6 months|policy
support-period-review-extended|once|6 months, opens 4 weeks before|policy
care-planning-after-support|interval|every 6 weeks|policy
scayt-session|interval|every 2 weeks|policy
scayt-review|once|6 months, opens 4 weeks before|policy
scayt-review-continuing|once|3 months, opens 4 weeks before|policy
development-group|interval|every 6 weeks|policy
policy-review-first|once|6 months, opens 4 weeks before|policy
policy-review-second|once|12 months, opens 4 weeks before|policy";

#[test]
fn every_rule_of_the_policy_is_there_with_its_limit_and_basis() {
    let found =
        programme().rules.iter().map(|r| format!("{}|{}|{}|{}", r.id, r.shape.name(), limit(r), r.basis));
    assert_eq!(found.collect::<Vec<_>>(), RULES.lines().collect::<Vec<_>>());
    assert!(programme().rules.iter().all(|rule| !rule.source.is_empty() && rule.reading.is_some()));
}

#[test]
fn every_notice_of_the_policy_is_there_with_whom_it_tells() {
    let found: BTreeMap<_, _> =
        programme().notices.iter().map(|notice| (notice.id.as_str(), notice.to.len())).collect();
    let expected = [
        ("child-moved", 9),
        ("introductions-plan-shared", 7),
        ("match-confirmed", 6),
        ("residential-link-ended", 3),
        ("scayt-asked-to-planning", 3),
        ("scayt-ending", 2),
        ("stability-concern", 5),
        ("step-down-stopped", 6),
    ];
    assert_eq!(found, BTreeMap::from(expected));
}

#[test]
fn children_birth_parents_and_foster_carers_have_no_mailbox() {
    for role in CONFIG.people.teams.keys() {
        assert!(!["foster-carer", "advocate", "independent-visitor"].contains(&role.as_str()), "{role}");
    }
}

fn on_day(story: &Story, day: &str) -> Vec<CaseOnDay<'static>> {
    let policy = CONFIG.policy(&"lancashire-step-down".parse().expect("an id")).expect("the starter has it");
    let cases: &'static stepdown::case::Cases = Box::leak(Box::new(story.cases().clone()));
    let view = |history| CaseView::new(history, policy.programme.zone, date(day), None);
    let (programme, calendar) = (&policy.programme, &policy.calendar);
    cases.iter().map(|history| CaseOnDay { programme, calendar, view: view(history) }).collect()
}

fn text_of(message: &Message, day: &str) -> String {
    let post = Post {
        from: CONFIG.settings.mail.from.clone(),
        reply_to: CONFIG.settings.mail.reply_to.clone(),
        templates: Templates::new(&CONFIG.templates).expect("the starter's templates"),
    };
    let rendered = post.render(message, noon(date(day))).expect("it renders");
    let text = String::from_utf8(rendered.bytes).expect("ASCII");
    assert!(text.is_ascii());
    let plain = text
        .split("\r\n\r\n")
        .skip(2)
        .take_while(|part| !part.starts_with("--"))
        .collect::<Vec<_>>()
        .join("\n\n");
    let plain = plain.split("\r\n--").next().unwrap_or_default().replace("=\r\n", "").replace("\r\n", "\n");
    format!("Subject: {}\n\n{plain}", rendered.subject)
}

fn story() -> Story {
    given_case_opened("2026-05-01")
        .happened(
            "2026-05-01",
            "professional-assigned",
            json!({"role": "child-social-worker", "person": "amara-okafor"}),
        )
        .happened(
            "2026-05-01",
            "professional-assigned",
            json!({"role": "stability-worker", "person": "sam-pickup"}),
        )
        .happened("2026-06-01", "child-moved-in", json!({"changes_school": false}))
}

#[test]
fn a_digest_as_its_reader_gets_it() {
    let (messages, untold) = digests(on_day(&story(), "2026-06-12"), &CONFIG.people, date("2026-06-12"));
    assert_eq!(untold, 0);
    let mine = messages.iter().find(|message| message.to.key == "person.amara-okafor").expect("one for her");
    insta::assert_snapshot!(text_of(mine, "2026-06-12"), @"
    Subject: Your reminders for Friday 12 June 2026: 2 overdue, 1 due today, 4 coming up

    Dear Amara Okafor,

    your reminders for Friday 12 June 2026: 2 overdue, 1 due today, 4 coming up.

    OVERDUE

    * Case SD-0042: Weekly visit to the child after the move
      Act by Monday 8 June 2026 (deadline Monday 8 June 2026)
      This is yours to do.
      Why now: its deadline passed 4 days ago. Why you: your role: Child's social worker.
      Source: CSW (policy). Reference: SD-0042/csw-visit-settling/4.1

    * Case SD-0042: Weekly support meeting
      Act by Monday 8 June 2026 (deadline Monday 8 June 2026)
      This is yours to do.
      Why now: its deadline passed 4 days ago. Why you: your role: Child's social worker.
      Source: Stage 5 (policy). Reference: SD-0042/support-meeting-weekly/4.1

    DUE TODAY

    * Case SD-0042: Needs Assessment Tool completed
      Act by Friday 12 June 2026 (deadline Friday 12 June 2026)
      This is yours to do.
      Why now: its deadline is today. Why you: your role: Child's social worker.
      Source: Stage 1 (policy). Reference: SD-0042/needs-assessment/1.1

    COMING UP

    * Case SD-0042: Weekly visit to the child after the move
      Act by Monday 15 June 2026 (deadline Monday 15 June 2026)
      This is yours to do.
      Why now: it is due in 3 days. Why you: your role: Child's social worker.
      Source: CSW (policy). Reference: SD-0042/csw-visit-settling/4.2

    * Case SD-0042: Weekly support meeting
      Act by Monday 15 June 2026 (deadline Monday 15 June 2026)
      This is yours to do.
      Why now: it is due in 3 days. Why you: your role: Child's social worker.
      Source: Stage 5 (policy). Reference: SD-0042/support-meeting-weekly/4.2

    * Case SD-0042: Residential home attends the support meeting
      Act by Monday 15 June 2026 (deadline Monday 15 June 2026)
      For your information; it is for: Residential key worker.
      Why now: it is due in 3 days. Why you: for your information as: Child's social worker.
      Source: residential home (policy). Reference: SD-0042/residential-attendance/4.1

    * Case SD-0042: Stability worker attends the support meeting
      Act by Monday 15 June 2026 (deadline Monday 15 June 2026)
      For your information; it is for: Stability worker, Sam Pickup.
      Why now: it is due in 3 days. Why you: for your information as: Child's social worker.
      Source: stability worker (policy). Reference: SD-0042/stability-attendance-early/4.1

    If something here has been done already, please record it in the case: the reminder then stops by
    itself. If you should not be getting this, please answer this message.
    ");
    // A team gets what nobody in the case is there for.
    assert!(messages.iter().any(|message| message.to.key == "team.supervising-social-worker"));
    assert!(!messages.iter().any(|message| message.to.key == "team.child-social-worker"));
}

#[test]
fn a_notice_as_its_reader_gets_it() {
    let story = story().happened("2026-06-10", "stability-concern-raised", json!({}));
    let day = on_day(&story, "2026-06-10");
    let planned = notices(&day[0], &CONFIG.people, &Ledger::default(), None);
    let concern = planned
        .iter()
        .find(|message| message.key.as_str() == "notice/SD-0042/stability-concern/5/person.amara-okafor");
    insta::assert_snapshot!(text_of(concern.expect("one for her"), "2026-06-10"), @"
    Subject: Case SD-0042: a notice for you

    Dear Amara Okafor,

    Concern about the stability of the home

    Case SD-0042, on Wednesday 10 June 2026.

    A concern has been raised. Outreach is available only by referral of the child's social worker, and once the residential home has ceased its support.

    Why you: your role in the case: Child's social worker.
    Source: Stage 5

    If you should not be getting this, please answer this message.
    ");
}

#[test]
fn the_residential_link_ends_six_weeks_on_unless_the_placement_did_before() {
    let told = |story: &Story, day: &str| {
        let planned = on_day(story, day)
            .iter()
            .flat_map(|case| notices(case, &CONFIG.people, &Ledger::default(), None))
            .collect::<Vec<_>>();
        planned.iter().filter(|message| message.key.as_str().contains("residential-link-ended")).count()
    };
    // The move was on Monday 1 June; six weeks later is Monday 13 July.
    assert_eq!((told(&story(), "2026-07-12"), told(&story(), "2026-07-13")), (0, 3));
    let ended = story().happened("2026-07-01", "placement-ended", json!({"reason": "r"}));
    assert_eq!(told(&ended, "2026-07-13"), 0);
    let friday = given_case_opened("2026-05-01").happened(
        "2026-06-06",
        "child-moved-in",
        json!({"changes_school": false}),
    );
    // Six weeks after a Saturday is a Saturday: it goes on the Monday.
    assert_eq!((told(&friday, "2026-07-18"), told(&friday, "2026-07-20")), (0, 3));
}
