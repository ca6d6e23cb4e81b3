//! What the admins are told of the reminders themselves: messages that failed, silences, backups.

use super::{TroubleLine, counted};
use crate::language::UnknownPhrase;
use crate::mail::voice::Voice;
use crate::reminders::{BackupNews, MessageKind, Saying, Silence, State, Trouble};

pub(super) fn trouble(trouble: &Trouble, voice: Voice<'_>) -> Result<TroubleLine, UnknownPhrase> {
    let kind = match trouble.kind {
        MessageKind::Digest => "kind-digest",
        MessageKind::Notice => "kind-notice",
        MessageKind::Escalation => "kind-escalation",
        MessageKind::Correction => "kind-correction",
        MessageKind::Admin => "kind-admin",
    };
    let state = match trouble.state {
        State::Refused => "state-refused",
        State::Lapsed(_) => "state-lapsed",
        _ => "state-waiting",
    };
    Ok(TroubleLine {
        kind: voice.phrase(kind, &[])?,
        on: voice.long(trouble.on),
        to: trouble.to.clone(),
        state: voice.phrase(state, &[])?,
        words: voice.say(&trouble.words)?,
    })
}

/// How many messages of a kind there were.
pub(super) fn of_kind(kind: MessageKind, count: usize, voice: Voice<'_>) -> Result<String, UnknownPhrase> {
    let phrase = match kind {
        MessageKind::Digest => "weekly-count-digest",
        MessageKind::Notice => "weekly-count-notice",
        MessageKind::Escalation => "weekly-count-escalation",
        MessageKind::Correction => "weekly-count-correction",
        MessageKind::Admin => "weekly-count-admin",
    };
    voice.phrase(phrase, &[("count", counted(count))])
}

pub(super) fn silence(silence: &Silence, voice: Voice<'_>) -> Result<String, UnknownPhrase> {
    let named = [
        ("weekly-silence-case", "case", silence.case.as_ref().map(ToString::to_string)),
        ("weekly-silence-rule", "rule", silence.rule.as_ref().map(ToString::to_string)),
        ("weekly-silence-person", "person", silence.person.as_ref().map(ToString::to_string)),
    ];
    let mut what = Vec::new();
    for (phrase, name, value) in named {
        if let Some(value) = value {
            what.push(voice.phrase(phrase, &[(name, Saying::Text(value))])?);
        }
    }
    let text = |text: &str| Saying::Text(text.to_owned());
    let said = [
        ("what", Saying::Text(what.join(", "))),
        ("day", Saying::Plain(silence.until)),
        ("author", text(&silence.author)),
        ("reason", text(&silence.reason)),
    ];
    voice.phrase("weekly-silence", &said)
}

pub(super) fn backup(news: &BackupNews) -> Saying {
    let made = match news.made {
        Some((at, entries)) => {
            let entries = Saying::Count(i64::try_from(entries).unwrap_or(i64::MAX));
            Saying::Phrase("backup-made", vec![("moment", Saying::Moment(at)), ("count", entries)])
        }
        None => Saying::phrase("backup-none"),
    };
    match &news.failed {
        Some((at, error)) => {
            let (moment, error) = (Saying::Moment(*at), Saying::Text(error.clone()));
            Saying::Phrase("backup-failed", vec![("made", made), ("moment", moment), ("error", error)])
        }
        None => made,
    }
}
