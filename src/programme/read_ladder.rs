//! Ladders from the notation to the model.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use toml::Spanned;

use super::notation::{RawLadder, RawLate, RawStep};
use super::read::Reader;
use super::{Addressee, Finding, Ladder, Late, Repeat, Step, StepAt};

impl Reader {
    /// Every ladder of the programme by its name; those at fault are left out, with their findings made.
    pub(super) fn ladders(
        &mut self,
        raw: BTreeMap<Spanned<String>, RawLadder>,
    ) -> BTreeMap<String, Arc<Ladder>> {
        let mut ladders = BTreeMap::new();
        for (name, raw) in raw {
            if raw.steps.get_ref().is_empty() {
                let finding =
                    Finding::new(raw.steps.span(), format!("ladder \"{}\" has no steps", name.get_ref()));
                self.findings
                    .push(finding.help("add steps = [{ at = \"-5 working days\", to = [\"owner\"] }]"));
            }
            let raw_steps = raw.steps.into_inner();
            let spans: Vec<_> = raw_steps.iter().map(|step| step.at.span()).collect();
            let last = spans.last().cloned();
            let Some(steps) = self.each(raw_steps, Self::step) else { continue };
            let mut seen = HashSet::new();
            for (step, span) in steps.iter().zip(spans) {
                if !seen.insert(step.at.to_string()) {
                    let finding = Finding::new(span, "another step of this ladder falls at the same time");
                    self.findings.push(finding.help("put the recipients of both into one step"));
                }
            }
            if let Some(last) = last
                && steps.iter().all(|step| matches!(step.at, StepAt::Before(_)))
            {
                let message =
                    format!("after this step of \"{}\" nobody hears of what is overdue", name.get_ref());
                let finding = Finding::warning(last, message);
                self.findings
                    .push(finding.help("add a step such as { at = \"+1 working day\", to = [\"owner\"] }"));
            }
            let late = match raw.late {
                RawLate::Send => Late::Send,
                RawLate::Digest => Late::Digest,
                RawLate::Skip => Late::Skip,
            };
            let name = name.into_inner();
            ladders.insert(name.clone(), Arc::new(Ladder { name, late, steps }));
        }
        ladders
    }

    /// The ladder of this name.
    pub(super) fn ladder(&mut self, name: &Spanned<String>) -> Option<Arc<Ladder>> {
        let found = self.ladders.get(name.get_ref()).cloned();
        // One that is there and at fault has its own finding.
        if found.is_none() && !self.ladder_names.contains(name.get_ref()) && !self.ladders_lost {
            let message = format!("\"{}\" is not a ladder of this programme", name.get_ref());
            let known = self.ladders.keys().map(String::as_str);
            self.findings.push(Finding::new(name.span(), message).suggest(name.get_ref(), known));
        }
        found
    }

    fn step(&mut self, raw: RawStep) -> Option<Step> {
        let at: Option<StepAt> = self.parse(&raw.at);
        let repeat = match (&raw.every, &raw.times) {
            (Some(every), Some(times)) => {
                let every_period = self.parse(every);
                if matches!(at, Some(StepAt::Before(_))) {
                    let finding = Finding::new(every.span(), "only a step after the deadline repeats");
                    self.findings.push(finding.help("write one step for each time before the deadline"));
                }
                if !(2..=50).contains(times.get_ref()) {
                    let message = format!("{} is not a number of times from 2 to 50", times.get_ref());
                    self.findings.push(Finding::new(times.span(), message));
                }
                Some(Repeat { every: every_period?, times: *times.get_ref() })
            }
            (None, None) => None,
            (every, times) => {
                let span = every.as_ref().map(Spanned::span).or(times.as_ref().map(Spanned::span));
                let finding = Finding::new(span.unwrap_or_default(), "\"every\" and \"times\" go together");
                self.findings.push(finding.help("write every = \"2 working days\", times = 5"));
                None
            }
        };
        if raw.urgent && matches!(at, Some(StepAt::Before(_))) {
            let finding = Finding::new(raw.at.span(), "only a step after the deadline is urgent");
            self.findings
                .push(finding.help("remove \"urgent\": before the deadline, the digest is soon enough"));
        }
        if raw.to.get_ref().is_empty() {
            let finding = Finding::new(raw.to.span(), "this step tells nobody");
            self.findings.push(finding.help("add to = [\"owner\"]"));
        }
        let to = self.each(raw.to.into_inner(), |reader, to| reader.addressee(&to));
        Some(Step { at: at?, repeat, to: to?, urgent: raw.urgent })
    }

    fn addressee(&mut self, text: &Spanned<String>) -> Option<Addressee> {
        match text.get_ref().as_str() {
            "owner" => Some(Addressee::Owner),
            "also" => Some(Addressee::Also),
            "manager" => Some(Addressee::Manager),
            address if address.contains('@') => {
                self.addresses.push(text.clone());
                Some(Addressee::Address(address.to_owned()))
            }
            _ => self.role(text).map(Addressee::Role),
        }
    }
}
