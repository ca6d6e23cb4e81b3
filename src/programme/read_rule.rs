//! Rules and notices from the notation to the model.

use std::sync::Arc;

use toml::Spanned;

use super::mention::Says;
use super::notation::{RawEvery, RawKind, RawMatcher, RawNotice, RawRule};
use super::read::Reader;
use super::{Anchor, Every, Finding, Ladder, Notice, Rule, Shape, Unless, stands_in};
use crate::calendar::{Offset, Period};

impl Reader {
    pub(super) fn rule(&mut self, raw: RawRule, default: Option<&Arc<Ladder>>) -> Option<Rule> {
        let shape = self.shape(&raw);
        let id = self.parse(&raw.id);
        let anchor = self.matcher(&raw.anchor);
        let offset: Option<Offset> = self.parse_or(raw.offset.as_ref(), Offset::ZERO);
        if let (Some(text), Some(Offset { back: true, .. })) = (&raw.offset, offset)
            && raw.kind.get_ref() != &RawKind::Once
        {
            let finding =
                Finding::new(text.span(), "only a rule of kind \"once\" may start before its anchor");
            self.findings.push(finding.help("take the minus out, or make it kind = \"once\""));
        }
        if raw.done_by.get_ref().is_empty() {
            let finding = Finding::new(raw.done_by.span(), "nothing completes this rule: done_by is empty");
            self.findings.push(finding.help("name the event that does, or make it a [[notice]]"));
        }
        let until_at: Vec<_> = raw.until.iter().map(Spanned::span).collect();
        let until = self.each(raw.until, |reader, matcher| reader.undated(&matcher));
        let done_by = self.each(raw.done_by.into_inner(), |reader, matcher| reader.undated(&matcher));
        let counts_from = raw.counts_from.and_then(|matcher| self.undated(&matcher));
        let unless_at = raw.unless.as_ref().map(|unless| unless.since.span());
        let unless = raw.unless.and_then(|unless| {
            let (since, before) = (self.undated(&unless.since), self.undated(&unless.before));
            Some(Unless { since: since?, before: before? })
        });
        self.pointless_endings(anchor.as_ref(), until.as_deref().unwrap_or_default(), &until_at);
        self.never_anchored(unless.as_ref(), unless_at);
        self.no_occurrence(shape.as_ref(), raw.for_.as_ref());
        let owner = self.role(&raw.owner);
        self.owned.extend(owner.clone().zip(id.clone()));
        let also = self.each(raw.also, |reader, role| reader.role(&role));
        let ladder = raw.ladder.as_ref().map_or(default.cloned(), |name| self.ladder(name));
        Some(Rule {
            id: id?,
            title: self.wording(raw.title),
            shape: shape?,
            anchor: Anchor { event: anchor?, date: raw.anchor.into_inner().date.map(Spanned::into_inner) },
            offset: offset?,
            until: until?,
            done_by: done_by?,
            counts_from,
            unless,
            owner: owner?,
            also: also?,
            basis: raw.basis.into(),
            source: raw.source,
            reading: raw.reading,
            ladder: ladder?,
            report: raw.report,
        })
    }

    fn shape(&mut self, raw: &RawRule) -> Option<Shape> {
        let once = raw.kind.get_ref() == &RawKind::Once;
        let every_span = raw.every.as_ref().map(Spanned::span);
        let misplaced = if once {
            [("every", every_span), ("for", raw.for_.as_ref().map(Spanned::span))]
        } else {
            [("due", raw.due.as_ref().map(Spanned::span)), ("opens", raw.opens.as_ref().map(Spanned::span))]
        };
        let kind = if once { "once" } else { "windows or interval" };
        // Of which kind it is was not told: what belongs to another one says nothing.
        let told = !stands_in(&raw.kind.span(), &self.text);
        let misplaced = misplaced.into_iter().filter(|_| told);
        for (key, span) in misplaced.filter_map(|(key, span)| Some((key, span?))) {
            self.findings.push(
                Finding::new(span, format!("a rule of kind {kind} has no \"{key}\""))
                    .help("remove it, or change the kind"),
            );
        }
        // A statement that was passed over may have been the one that is needed.
        let needed =
            if once { raw.due.is_none().then_some("due") } else { raw.every.is_none().then_some("every") };
        if needed.is_some() && self.lossy {
            return None;
        }
        if let Some(key) = needed {
            self.findings.push(
                Finding::new(raw.kind.span(), format!("a rule of kind {kind} needs \"{key}\""))
                    .help(format!("add {key} = \"2 weeks\", or as long as it is")),
            );
            return None;
        }
        if once {
            let due = raw.due.as_ref().and_then(|due| self.parse(due));
            let opens = self.parse_some(raw.opens.as_ref());
            return Some(Shape::Once { due: due?, opens });
        }
        let every = raw.every.as_ref().and_then(|every| self.every(every, raw.anchor.get_ref()));
        let for_ = self.parse_some(raw.for_.as_ref());
        let every = every?;
        Some(match raw.kind.get_ref() {
            RawKind::Windows => Shape::Windows { every, for_ },
            _ => Shape::Interval { every, for_ },
        })
    }

    fn every(&mut self, raw: &Spanned<RawEvery>, anchor: &RawMatcher) -> Option<Every> {
        match raw.get_ref() {
            RawEvery::Field(field) => {
                let name = field.get_ref().clone();
                let says = Says::Field { field: name.clone(), format: "period" };
                self.mention(field.span(), &anchor.event, says);
                Some(Every::Field(name))
            }
            RawEvery::Period(text) => match text.parse::<Period>() {
                Ok(period) if !period.is_zero() => Some(Every::Period(period)),
                Ok(_) => {
                    self.findings.push(Finding::new(raw.span(), "nothing can be due every 0 days"));
                    None
                }
                Err(error) => {
                    self.findings.push(Finding::new(raw.span(), error.to_string()));
                    None
                }
            },
        }
    }

    pub(super) fn notice(&mut self, raw: RawNotice) -> Option<Notice> {
        let id = self.parse(&raw.id);
        let after = self.parse_or(raw.after.as_ref(), Period::ZERO);
        if raw.on.get_ref().is_empty() {
            let finding = Finding::new(raw.on.span(), "nothing sets off this notice: on is empty");
            self.findings.push(finding.help("name the event that does"));
        }
        if raw.to.get_ref().is_empty() {
            let finding = Finding::new(raw.to.span(), "this notice tells nobody: to is empty");
            self.findings.push(finding.help("name the roles it tells"));
        }
        let on = self.each(raw.on.into_inner(), |reader, matcher| reader.undated(&matcher));
        let until = self.each(raw.until, |reader, matcher| reader.undated(&matcher));
        let to = self.each(raw.to.into_inner(), |reader, role| reader.role(&role));
        for role in to.iter().flatten() {
            self.works_for(role, id.as_ref());
        }
        Some(Notice {
            id: id?,
            title: self.wording(raw.title),
            text: self.wording(raw.text),
            on: on?,
            after: after?,
            until: until?,
            to: to?,
            source: raw.source,
        })
    }
}
