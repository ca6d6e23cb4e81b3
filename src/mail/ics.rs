//! Calendar entries as mail carries them (RFC 5545, RFC 6047): one all-day entry for the day to act by.

use icalendar::{Calendar, Class, Component as _, Event, EventLike as _, EventStatus, Property};

use crate::calendar::Instant;
use crate::case::{hex, sha256};
use crate::reminders::{CalendarEntry, Recipient};

/// The method of an entry: Outlook updates and removes only what came as REQUEST, with an organiser.
pub(super) const fn method(entry: &CalendarEntry) -> &'static str {
    if entry.cancelled { "CANCEL" } else { "REQUEST" }
}

/// The calendar object for `entry`. `organizer` is the address that the reminders come from.
///
/// The summary names the case alone, for calendars are often shared; what is to be done is in the description.
pub(super) fn object(
    entry: &CalendarEntry,
    title: &str,
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
        .summary(&format!("Case {}: act by today", entry.occurrence.case))
        .description(&format!("{title} ({})", entry.occurrence))
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
