# Invitations: what, when, where, by whom, and the answer.

invitation-request = Invitation
invitation-changed = Invitation (changed)
invitation-publish = For your calendar
invitation-reply = Answer to an invitation
invitation-cancel = Called off
invitation-other = About an invitation
invitation-no-title = (no title)

invitation-when = When
invitation-where = Where
invitation-by = Invited by
invitation-who = Who
invitation-repeats = Repeats
invitation-more = { $people } and { $count } others

invitation-span = { $from }–{ $to }, { $day }
invitation-from-to = from { $from } to { $to }
invitation-all-day = all day { $day }
invitation-time-unknown = (no time given)

invitation-accept = Accept
invitation-tentative = Maybe
invitation-decline = Decline
invitation-save = Save the calendar file
invitation-answered-accept = Answered: accepted.
invitation-answered-tentative = Answered: maybe.
invitation-answered-decline = Answered: declined.
invitation-says-accepted = { $person } will come.
invitation-says-declined = { $person } will not come.
invitation-says-tentative = { $person } may come.
invitation-says-delegated = { $person } sends somebody else.
invitation-says-needs-action = { $person } has not answered.
invitation-subject-accept = Accepted: { $summary }
invitation-subject-tentative = Maybe: { $summary }
invitation-subject-decline = Declined: { $summary }
invitation-body-accept = I will come: { $summary } ({ $time }).
invitation-body-tentative = I may come: { $summary } ({ $time }).
invitation-body-decline = I cannot come: { $summary } ({ $time }).

repeat-day = { $interval ->
    [1] every day
   *[other] every { $interval } days
}
repeat-week = { $interval ->
    [1] every week
   *[other] every { $interval } weeks
}
repeat-month = { $interval ->
    [1] every month
   *[other] every { $interval } months
}
repeat-year = { $interval ->
    [1] every year
   *[other] every { $interval } years
}
repeat-some = repeats; see the calendar file
repeat-on = { $step } on { $days }
repeat-nth = { $day } of week { $nth }
repeat-last = last { $day }
repeat-month-day = { $step } on day { $day }
repeat-count = { $step }, { $count } times
repeat-until = { $step }, until { $date }
