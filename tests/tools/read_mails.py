"""Reads every .eml under a directory with Python's email package, and every calendar entry in them with
icalendar; prints what it found as JSON, and each defect."""

import email
import email.policy
import json
import pathlib
import sys

import icalendar

found = {"mails": 0, "entries": 0, "defects": [], "methods": {}}


def walk_defects(part, name):
    for defect in part.defects:
        found["defects"].append(f"{name}: {defect!r}")
    for header, value in part.items():
        for defect in getattr(value, "defects", []):
            found["defects"].append(f"{name}: {header}: {defect!r}")


for path in sorted(pathlib.Path(sys.argv[1]).glob("*.eml")):
    found["mails"] += 1
    with path.open("rb") as file:
        message = email.message_from_binary_file(file, policy=email.policy.default)
    kinds = []
    for part in message.walk():
        walk_defects(part, path.name)
        kinds.append(part.get_content_type())
        if part.is_multipart():
            continue
        content = part.get_content()
        if part.get_content_type() == "text/calendar":
            found["entries"] += 1
            text = content if isinstance(content, str) else content.decode()
            calendar = icalendar.Calendar.from_ical(text)
            events = calendar.walk("VEVENT")
            method = str(calendar["METHOD"])
            found["methods"][method] = found["methods"].get(method, 0) + 1
            if len(events) != 1 or method != part["content-type"].params.get("method"):
                found["defects"].append(f"{path.name}: {len(events)} events, {method}")
            for event in events:
                found["defects"] += [f"{path.name}: {error}" for error in event.errors]
                for needed in ("UID", "DTSTAMP", "DTSTART", "SEQUENCE", "ORGANIZER", "ATTENDEE", "SUMMARY"):
                    if needed not in event:
                        found["defects"].append(f"{path.name}: no {needed}")
    wanted = {"text/plain", "text/html"}
    if not wanted <= set(kinds):
        found["defects"].append(f"{path.name}: {kinds}")
    for header in ("Message-ID", "Date", "From", "To", "Subject", "Reply-To", "Auto-Submitted"):
        if len(message.get_all(header, [])) != 1:
            found["defects"].append(f"{path.name}: {len(message.get_all(header, []))} × {header}")

print(json.dumps(found))
