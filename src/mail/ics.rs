//! Calendar entries as mail carries them (RFC 5545, RFC 6047): one all-day entry for the day to act by.

use icalendar::{Calendar, Class, Component as _, Event, EventLike as _, EventStatus, Property};

use super::marks;
use super::voice::Voice;
use crate::calendar::Instant;
use crate::case::{hex, sha256};
use crate::language::{Language, UnknownPhrase, Wording};
use crate::reminders::{CalendarEntry, Recipient, Saying};

/// The method of an entry: Outlook updates and removes only what came as REQUEST, with an organiser.
pub(super) const fn method(entry: &CalendarEntry) -> &'static str {
    if entry.cancelled { "CANCEL" } else { "REQUEST" }
}

/// What an entry says.
pub(super) struct Words {
    summary: String,
    description: String,
    /// The language of both, where it is one, and not that of the starter.
    language: Option<Language>,
}

impl Words {
    /// The words about `entry`, an obligation of this `title`, in the language of each of `voices`.
    pub fn new(entry: &CalendarEntry, title: &Wording, voices: &[Voice<'_>]) -> Result<Self, UnknownPhrase> {
        let text = |text: &dyn ToString| Saying::Text(text.to_string());
        let in_each = |saying: Saying| {
            let said: Vec<_> = voices.iter().map(|voice| voice.say(&saying)).collect::<Result<_, _>>()?;
            Ok(marks::plain(&said.join(" / ")).into_owned())
        };
        let summary = Saying::Phrase("entry-summary", vec![("case", text(&entry.occurrence.case))]);
        let said = vec![("title", Saying::Wording(title.clone())), ("reference", text(&entry.occurrence))];
        let only = match voices {
            [Voice { language: Language::Welsh, .. }] => Some(Language::Welsh),
            _ => None,
        };
        Ok(Self {
            summary: in_each(summary)?,
            description: in_each(Saying::Phrase("entry-description", said))?,
            language: only,
        })
    }

    fn property(&self, name: &str, text: &str) -> Property {
        let mut property = Property::new(name, text);
        if let Some(language) = self.language {
            property.add_parameter("LANGUAGE", language.tag());
        }
        property
    }
}

/// The calendar object for `entry`. `organizer` is the address that the reminders come from.
///
/// The summary names the case alone, for calendars are often shared; what is to be done is in the description.
pub(super) fn object(
    entry: &CalendarEntry,
    words: &Words,
    to: &Recipient,
    organizer: &str,
    now: Instant,
) -> String {
    let uid = hex(&sha256(format!("{}/{}", entry.occurrence, to.key).as_bytes())[..16]);
    let domain = organizer.rsplit('@').next().unwrap_or_default();
    let mut attendee = Property::new("ATTENDEE", format!("mailto:{}", to.email));
    attendee.add_parameter("PARTSTAT", "NEEDS-ACTION").add_parameter("RSVP", "FALSE");
    let status = if entry.cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed };
    let mut event = Event::new();
    event
        .uid(&format!("{uid}@{domain}"))
        .sequence(entry.sequence)
        .timestamp(now)
        .starts(entry.on)
        .append_property(words.property("SUMMARY", &words.summary))
        .append_property(words.property("DESCRIPTION", &words.description))
        .class(Class::Private)
        .status(status)
        .add_property("TRANSP", "TRANSPARENT")
        .append_property(Property::new("ORGANIZER", format!("mailto:{organizer}")))
        .append_property(attendee);
    let mut calendar = Calendar::empty();
    calendar
        .append_property(Property::new("VERSION", "2.0"))
        .append_property(Property::new("PRODID", "-//stepdown//reminders//EN"))
        .append_property(Property::new("CALSCALE", "GREGORIAN"))
        .append_property(Property::new("METHOD", method(entry)))
        .push(event.done());
    calendar.to_string()
}
