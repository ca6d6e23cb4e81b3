# What the page of a report says, in English. The language is Project Fluent: https://projectfluent.org/fluent/guide/

report-title = How the policy is kept, and what it achieves
report-period = From { $from } to { $to }
report-withholding = Figures that rest on fewer than five cases are withheld, and so are others by which they could be reckoned: they are marked { $mark }.
report-showing = This report shows small numbers. Keep it to those who may know of each case.
report-all = All programmes
report-cases = Cases begun by the last day: { $cases }
report-nothing = Nothing was counted.

report-kept = Obligations
report-kept-by-role = Obligations by the role that must act
report-kept-by-rule = Obligations by rule
report-kept-chart = Share of obligations that were kept on time, late, missed or overdue, by the role that must act
report-programme = The whole programme
report-of = { $part } of { $whole }
report-role = Role
report-rule = Rule
report-due = Due
report-on-time = On time
report-late = Late
report-missed = Missed
report-overdue = Overdue
report-open = Open
report-waived = Waived
report-on-time-rate = On time, %
report-median-days = Median days from the deadline
report-reminders-per-completed = Reminders for each one done
report-escalations = Escalations

report-transitions = Transitions that stand after { $after }
report-transitions-chart = Transitions decided in the period: standing, and ended before their time was over
report-attempted = Attempted
report-not-yet-known = Not yet known
report-decided = Decided
report-standing = Standing
report-ended = Ended
report-success-rate = Success rate, %
report-at-least = { $rate } or more

report-support = Families, adults and children supported
report-families = Families
report-counted = Families whose members are known
report-adults = Adults
report-children = Children

report-movements = Movement of measures, first against last
report-movements-chart = Cases in which each measure moved for the better, stayed the same or moved for the worse
report-measure = Measure
report-compared = Cases compared
report-better = Better
report-same = Same
report-worse = Worse
report-median-first = Median of the first
report-median-last = Median of the last

report-stages = Stages
report-stages-chart = Median days that cases stayed in each stage that they left in the period
report-stage = Stage
report-left = Stays ended
report-lower-quartile-days = Lower quartile, days
report-stage-median-days = Median, days
report-upper-quartile-days = Upper quartile, days
report-still-in = In it now
report-median-days-so-far = Median so far, days
report-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
 }
report-weeks = { $count ->
    [one] { $count } week
   *[other] { $count } weeks
 }
report-months = { $count ->
    [one] { $count } month
   *[other] { $count } months
 }
report-working-days = { $count ->
    [one] { $count } working day
   *[other] { $count } working days
 }

report-notes = How it was counted
report-note-kept = Obligations whose deadline lies in the period, as they stand on its last day. On time, in %, is of those on time, late, missed and overdue. The median of days counts from the deadline; a negative number is early. Cancelled obligations are not counted.
report-note-transitions = Transitions attempted by the last day and not decided before the first. One whose time is not over is not yet known, and no failure. What somebody recorded of its success outweighs what is reckoned, unless it ended after that. A case that is closed counts as standing where no end was recorded.
report-note-support = Families supported on any day of the period; adults and children by the latest record of each family.
report-note-movements = The first value in a case against the last, where the last was taken in the period.
report-note-stages = Stays that ended in the period, and cases that are in the stage on its last day.
report-note-erased = Erased cases count nowhere. Everything is counted as it is known on the day of this report.
