# What mails say, in English. The language is Project Fluent: https://projectfluent.org/fluent/guide/
# A phrase may be worded anew, but its id and the names in { $… } stay. Welsh is in ../cy/mail.ftl.

## Every mail

intro = A confidential message from { $sender }. Please read it where nobody looks over your shoulder.
dear = Dear { $name },
enclosed = The report on the programme is attached ({ $files }). Small numbers are withheld in it.
closing = If you should not be getting this, please answer this message.

## One obligation

item = Case { $case }: { $title }
item-act = Act by { $due } (deadline { $deadline })
item-yours = This is yours to do
item-concerned = For your information; it is for: { $owner }
item-why-now = Why now: { $reason }
item-why-you = Why you: { $capacity }
item-source = Source: { $source }. Reference: { $reference }
owner-held = { $role }, { $person }
origin = { $source } ({ $basis })
basis-policy = policy
basis-local = local

## The digest

digest-heading = Your reminders for { $day }
digest-subject = Your reminders for { $day }: { $summary }
digest-overdue = Overdue
digest-today = Due today
digest-soon = Coming up
digest-count-overdue = { $count } overdue
digest-count-today = { $count } due today
digest-count-soon = { $count } coming up
digest-calendar-only = changes in your calendar
digest-calendar = Your calendar
digest-calendar-entry = Case { $case }: { $title }: { $day }
digest-calendar-out = Case { $case }: { $title }: please take out { $day }
digest-closing = If something here has been done already, please record it in the case: the reminders then stop by themselves. If you should not be getting this, please answer this message.

## A calendar entry

entry-summary = Case { $case }: act by today
entry-description = { $title } ({ $reference })

## An escalation

escalation-subject = Case { $case }: overdue
escalation-heading = Overdue in case { $case }
escalation-body = This is overdue:
escalation-closing = If it has been done already, please see that it is recorded in the case. If you should not be getting this, please answer this message.

## A notice

notice-subject = Case { $case }: a notice for you
notice-happened = Case { $case }, on { $day }.
notice-source = Source: { $source }

## A limit across cases that is exceeded

limit-subject = Case { $case }: a limit is exceeded
limit-heading = More than the limit allows: { $title }
limit-summary = { $count ->
    [one] { $count } case
   *[other] { $count } cases
  } at one time for { $field } { $value }: { $over } more than the { $most } that may be.
limit-happened = It was exceeded in case { $case }, on { $day }.
limit-held = Case { $case }, since { $day }
limit-others = and { $count ->
    [one] { $count } more case
   *[other] { $count } more cases
  } since: stepdown limits
limit-body = What happened is recorded, and the limit shows as exceeded until it is kept again. Please decide which of these cases can end or move elsewhere, or have the record corrected where it is wrong.
limit-reading = Reading: { $reading }

## Roles that nobody answers for

vacancies-subject = Nobody to tell: { $count ->
    [one] { $count } vacant role
   *[other] { $count } vacant roles
  }
vacancies-heading = Nobody to tell
vacancies-body = There is work to do, and the person to tell is missing. The reminders go to somebody in their stead for now.
vacancies-line = Case { $case }: { $gap }
vacancies-closing = Please have somebody assigned in the case, or the list of people mended. If you should not be getting this, please answer this message.

## A correction

correction-subject = Correction: { $count ->
    [one] { $count } reminder taken back
   *[other] { $count } reminders taken back
  }
correction-heading = A correction
correction-body = You were told that the following was overdue. As we know now, it was not.
correction-why = Why: { $reason }; { $capacity }
correction-still-due = It is still to be done, by { $due }
correction-done = There is nothing more to do about it

## The weekly word to the admins

weekly-subject = { $summary }: the week of { $day }
weekly-well = Mail is in order
weekly-troubles = { $count ->
    [one] { $count } message to look at
   *[other] { $count } messages to look at
  }
weekly-no-backup = No backup was made; { $summary }
weekly-body = This comes every week. If it does not come, stepdown does not run or cannot send: please look at once.
weekly-caption = How it stands
weekly-cases = Cases
weekly-open = Open obligations
weekly-overdue = Overdue
weekly-exhausted = Overdue, and nobody will be reminded again
weekly-accepted = Sent in the last seven days
weekly-failed = Not delivered in the last seven days
weekly-waiting = Waiting to be sent
weekly-oldest = Oldest unsent
weekly-holidays = Bank holidays are known until
weekly-limits = Limits across cases exceeded
weekly-backup = Newest backup
weekly-nothing = none
weekly-none-waits = none waits
weekly-not-known = not known
weekly-count-digest = { $count } digest
weekly-count-notice = { $count } notice
weekly-count-escalation = { $count } escalation
weekly-count-correction = { $count } correction
weekly-count-admin = { $count } admin
weekly-silences = Silences in force
weekly-silence = { $what }: silenced until { $day } by { $author }: { $reason }
weekly-silence-case = case { $case }
weekly-silence-rule = rule { $rule }
weekly-silence-person = person { $person }
weekly-checkpoint = Checkpoint of the records
weekly-checkpoint-text = Keep this message: with the lines between the rules in a file, { $command } proves that no record made before it was changed or removed.
weekly-checkpoint-html = Keep this message: with these lines in a file, { $command } proves that no record made before it was changed or removed.
backup-none = none yet
backup-made = { $moment }, { $count } entries
backup-failed = { $made }; since { $moment } there is trouble: { $error }

## Messages that could not be delivered

undelivered-subject = { $count ->
    [one] { $count } message
   *[other] { $count } messages
  } could not be delivered
undelivered-heading = Messages that could not be delivered
undelivered-body = These messages did not reach anybody, or may not have. Please see that the addresses are right, and tell the people yourself; what a digest said, the next one says again.
undelivered-line = { $kind } of { $day } to { $to }: { $state }, { $words }
kind-digest = digest
kind-notice = notice
kind-escalation = escalation
kind-correction = correction
kind-admin = admin
state-refused = refused
state-lapsed = lapsed
state-waiting = waiting
lapse-nothing-left = there is nothing to say any more
lapse-day-over = its day is over; the next digest covers it
lapse-may-have-arrived = it may have arrived, and is not sent again
lapse-unclear = it was sent twice, and may have arrived or not
lapse-given-up = the server did not take it for a day
lapse-no-address = its recipient has no address any more
lapse-no-text = its text is not kept: the log was imported, or a case it told of was erased

## Why something is told now

reason = { $which }: { $when }
reason-late = { $which }, late (its day was { $day }): { $when }
which-escalated = escalated
which-moved = again, since the deadline moved from { $day }
which-first = first
which-reminder = reminder
which-chaser = chaser
which-chaser-of = chaser { $nth } of { $of }
when-passed = { $days ->
    [one] its deadline was yesterday
   *[other] its deadline passed { $days } days ago
  }
when-today = its deadline is today
when-last-working-day = today is the last working day before its deadline
when-in = { $days ->
    [one] it is due tomorrow
   *[other] it is due in { $days } days
  }
excuse-not-called-for = it was not called for
excuse-done-on = it had been done on { $day }
excuse-done = it had been done
excuse-waived = it had been waived
excuse-ended = its work had ended
excuse-deadline-is = its deadline is { $day }

## In which capacity somebody is told

capacity-role = your role: { $role }
capacity-also = for your information as: { $role }
capacity-manager = you manage: { $role }
capacity-notice = your role in the case: { $role }
capacity-last-resort = nobody else can be told: { $role }
capacity-admin = you administer stepdown, and nobody is there to tell for { $roles }
capacity-address = the policy names this address
capacity-told = you were told on { $day }
capacity-instead = { $capacity }; { $instead }
capacity-cover = you cover: { $gap }
gap-empty = nobody holds the role { $role }
gap-unlisted = { $person } ({ $role }) is not listed
gap-left = { $person } ({ $role }) has left
gap-absent = { $person } ({ $role }) is away until { $day }
