//! The Lancashire programme file against the policy, rule by rule.

mod support;

use std::collections::BTreeMap;

use stepdown::programme::{Every, Programme, Rule, Shape};
use support::CONFIG;

fn programme() -> &'static Programme {
    CONFIG.policies.get("lancashire-step-down").expect("the starter has it").newest()
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
