//! Each programme file against the rules that the domain's tables give, column by column.

mod support;

use stepdown::programme::{Matcher, Rule};
use support::CONFIG;

/// id | shape and limit | anchor | counts from | until | done by | owner | basis
const STEP_UP_STEP_DOWN: &str = "\
referral-decision|once, due 10 working days|referral-received|-|-|family-accepted, family-declined|programme-manager|local
support-plan|once, due 2 weeks|family-accepted|-|support-ended|support-plan-agreed|family-support-foster-carer|local
outcome-start|once, due 4 weeks|family-accepted|-|support-ended|outcome-recorded stage=start|family-social-worker|local
home-visit|interval, every 1 week|family-accepted|-|support-ended|home-visit-made|family-support-foster-carer|policy
plan-review|interval, every 6 weeks|support-plan-agreed|-|support-ended|plan-reviewed|supervising-social-worker|policy
crisis-response|once, due 1 working day|crisis-raised|-|support-ended|crisis-response-made|family-support-foster-carer|policy
step-up-review|once, due 1 week|support-stepped direction=up|-|support-ended|plan-reviewed|supervising-social-worker|local
short-stay-review|windows, every 1 week|short-stay-started|-|short-stay-ended, support-ended|plan-reviewed|supervising-social-worker|local
carer-supervision|interval, every 4 weeks|family-accepted|-|support-ended|supervision-held|supervising-social-worker|policy
time-limit-review|once, due 9 months, opens 4 weeks|family-accepted|-|support-ended|plan-reviewed|programme-manager|policy
outcome-end|once, due 2 weeks|support-ended|-|-|outcome-recorded stage=end|family-social-worker|local";

const BRIDGE_TO_FOSTER: &str = "\
transition-plan|once, due 2 weeks|match-approved|-|child-moved-in|transition-plan-agreed|supervising-social-worker|local
psychology-consultation|once, due 4 weeks|match-approved|-|placement-ended|psychology-consultation-held|clinical-psychologist|policy
carer-training|once, due 0 days, opens 4 weeks|transition-plan-agreed (moves_on)|case-opened|placement-ended|carer-training-completed|supervising-social-worker|policy
out-of-hours-briefing|once, due 0 days, opens 4 weeks|transition-plan-agreed (moves_on)|match-approved|placement-ended|out-of-hours-briefed|supervising-social-worker|policy
enhanced-fee|once, due 0 days, opens 4 weeks|transition-plan-agreed (moves_on)|match-approved|placement-ended|enhanced-fee-agreed|supervising-social-worker|policy
support-visit|windows, every 1 week, for 12 weeks|child-moved-in|-|placement-ended|support-visit-made|creative-care-solutions|local
package-review|interval, every 3 months|child-moved-in|-|placement-ended|package-reviewed|supervising-social-worker|local
transition-outcome|once, due 12 months, opens 4 weeks|child-moved-in|-|-|transition-outcome-recorded|supervising-social-worker|local";

const STEPDOWN_AGENCY: &str = "\
eligibility-decision|once, due 5 working days|interest-registered|-|-|eligibility-decided|assessing-social-worker|policy
therapeutic-parenting-mapping|once, due 4 weeks|eligibility-decided eligible=true|-|-|mapping-tool-completed|assessing-social-worker|policy
training-plan|once, due 2 weeks|mapping-tool-completed recommended=true|-|-|training-plan-agreed|supervising-social-worker|policy
financial-package|once, due 2 weeks|mapping-tool-completed recommended=true|-|-|financial-package-agreed|supervising-social-worker|policy
support-visit|windows, every 1 week, for 12 weeks|child-moved-in|-|placement-ended|support-visit-made|supervising-social-worker|local
support-review|interval, every 3 months|child-moved-in|-|placement-ended|support-reviewed|supervising-social-worker|local";

/// The event types of each programme besides those that every programme has.
const TYPES: [(&str, &str); 3] = [
    (
        "step-up-step-down",
        "crisis-raised crisis-response-made family-accepted family-declined home-visit-made outcome-recorded plan-reviewed \
         referral-received short-stay-ended short-stay-started supervision-held support-ended support-plan-agreed support-stepped",
    ),
    (
        "bridge-to-foster",
        "carer-training-completed child-moved-in enhanced-fee-agreed match-approved out-of-hours-briefed package-reviewed \
         placement-ended psychology-consultation-held support-visit-made transition-outcome-recorded transition-plan-agreed",
    ),
    (
        "stepdown-agency",
        "child-moved-in eligibility-decided financial-package-agreed interest-registered mapping-tool-completed placement-ended \
         support-reviewed support-visit-made training-completed training-plan-agreed",
    ),
];

fn list(matchers: &[Matcher]) -> String {
    let names: Vec<_> = matchers.iter().map(ToString::to_string).collect();
    if names.is_empty() { "-".to_owned() } else { names.join(", ") }
}

fn row(rule: &Rule) -> String {
    assert!(rule.offset.is_zero() && rule.unless.is_none(), "{}: the tables have no such column", rule.id);
    let counts_from = rule.counts_from.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
    let (shape, until, done_by) = (rule.shape_in_words(), list(&rule.until), list(&rule.done_by));
    format!(
        "{}|{shape}|{}|{counts_from}|{until}|{done_by}|{}|{}",
        rule.id, rule.anchor, rule.owner, rule.basis
    )
}

#[test]
fn every_rule_of_the_tables_is_there_in_every_column() {
    let tables = [
        ("step-up-step-down", STEP_UP_STEP_DOWN),
        ("bridge-to-foster", BRIDGE_TO_FOSTER),
        ("stepdown-agency", STEPDOWN_AGENCY),
    ];
    for (id, table) in tables {
        let programme = CONFIG.policies.get(id).expect("the starter has it").newest();
        let found: Vec<_> = programme.rules.iter().map(row).collect();
        assert_eq!(found, table.lines().collect::<Vec<_>>(), "{id}");
        assert!(programme.rules.iter().all(|rule| !rule.source.is_empty()), "{id}");
        let says_so = |rule: &Rule| rule.reading.as_ref().is_some_and(|reading| reading.contains("local"));
        assert!(programme.rules.iter().all(says_so), "{id}: a reading tells what of the limit is local");
        assert_eq!(list(&programme.ends_with), "case-closed", "{id}");
        assert!(programme.examples.len() >= 5, "{id}");
    }
}

#[test]
fn every_event_type_of_the_tables_is_there_and_no_other() {
    for (id, types) in TYPES {
        let admission = CONFIG.admissions.get(id).expect("the starter has it");
        let common = &stepdown::case::types::ALL;
        let own = admission.catalogue.kinds().map(|kind| &*kind.name);
        let own: Vec<_> = own.filter(|name| !common.contains(name) && *name != "case-closed").collect();
        assert_eq!(own, types.split_whitespace().collect::<Vec<_>>(), "{id}");
    }
}

/// Every role that the tables name, and none besides.
#[test]
fn every_role_of_the_tables_is_there() {
    let roles = |id: &str| {
        let programme = CONFIG.policies.get(id).expect("the starter has it").newest();
        programme.roles.keys().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        roles("step-up-step-down"),
        "family-social-worker family-support-foster-carer programme-manager supervising-social-worker"
    );
    assert_eq!(
        roles("bridge-to-foster"),
        "child-social-worker clinical-psychologist creative-care-solutions placing-authority residential-key-worker supervising-social-worker"
    );
    assert_eq!(
        roles("stepdown-agency"),
        "assessing-social-worker fostering-manager supervising-social-worker"
    );
}
