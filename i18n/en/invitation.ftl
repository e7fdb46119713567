# Invitations: what, when, where, by whom, and the answer.

invitation-request = Invitation
invitation-changed = Invitation (changed)
invitation-publish = For your calendar
invitation-reply = Answer to an invitation
invitation-cancel = Called off
invitation-other = About an invitation
invitation-counter = Proposal of another time
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
invitation-join = Join online
invitation-given-accept = You accepted at { $time }.
invitation-given-tentative = You answered maybe at { $time }.
invitation-given-decline = You declined at { $time }.
invitation-answer-waits = The answer is waiting to be sent.
invitation-answer-stuck = The answer could not be sent; see the outbox.
invitation-withdraw = Take back
invitation-not-you = Your address is not among those invited, so it cannot be answered from here.
invitation-replaced = A newer invitation has taken the place of this one.
invitation-called-off = This has been called off.
invitation-open-newer = Open that message
attendance-needs-action = no answer yet
attendance-accepted = comes
attendance-declined = does not come
attendance-tentative = may come
attendance-delegated = sends somebody else
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
