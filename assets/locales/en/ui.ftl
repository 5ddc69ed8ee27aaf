# The words of every screen. Plain, second person, present tense, no jargon, no blame.
# A blank that chooses a plural is a whole number; amounts come as text in `value` beside the number in `count`.

## Everywhere

language-name = English
undo = Undo
save = Save
cancel = Cancel
done = Done
remove = Remove
edit = Change
keep-it = Keep it
try-again = Try again
go-home = Go to the start
go-on = Go on
loading = Loading
skip-to-content = Skip to the content
nav-label = Main
list-and = { $most } and { $last }
day-and-time = { $day }, { $time }
span-minutes = { $n } min
span-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
span-both = { $hours } h { $minutes } min
fault-wait = { $minutes ->
    [one] Too many attempts. Wait a minute, then try again.
   *[other] Too many attempts. Wait { $minutes } minutes, then try again.
}
trouble-here = This cannot be shown now
gone-title = You do not see this any more
gone-words = The person may have ended it, or it is not there.
trouble-start = Doseline cannot open
unknown-title = There is nothing here
unknown-words = The address may be old, or part of it is missing.

tab-today = Today
tab-medicines = Medicines
tab-people = People
tab-caregiver = In your care
tab-clinic = Clinic
tab-settings = Settings

## The network

network-saved = All saved
network-sending = { $count ->
    [one] Saved on this device. Sending 1 entry.
   *[other] Saved on this device. Sending { $count } entries.
}
network-held = { $count ->
    [one] Saved on this device. 1 entry waits for your answer.
   *[other] Saved on this device. { $count } entries wait for your answer.
}
network-after-update = Saved on this device. Reaches your clinic after the update.
network-unsent = Saved on this device. Will reach your clinic when you are online.
network-offline = You are offline. This is as of { $time }. You can go on recording.
network-never = You are offline. You can go on recording.
row-unsent = on this device
offline-title = Your clinic cannot be reached
offline-safe = { $count ->
    [one] 1 entry is kept on this device and will be sent as soon as there is a connection.
   *[other] { $count } entries are kept on this device and will be sent as soon as there is a connection.
}
offline-none = Everything that you recorded has reached your clinic.
offline-why = This browser keeps no medicines, so that nobody else reads them. They show here again as soon as there is a connection. Until then take them as usual, and record them later.
sync-now = Try to send now

## What needs a person

attention-title = Needs your attention
conflict-title = This medicine is changed in two places
conflict-words = Choose which one is right. The other is kept in the record.
conflict-mine = On this device
conflict-theirs = Elsewhere
conflict-version = { $name }, { $when }
settle-mine = Keep the one here
settle-theirs = Use the other one
refused-title = An entry is not accepted
refused-title-of = An entry is not accepted: { $name }
refused-closed = You do not have access to this record any more, so your entry does not reach it. It stays here until you decide.
settle-again = Send it again
settle-drop = Leave it out
quarantined-title = Part of the record needs a newer app
quarantined-words = { $count ->
    [one] 1 entry is kept safe and shows after an update.
   *[other] { $count } entries are kept safe and show after an update.
}
unfollowed-title = A medicine has no times
unfollowed-missing = { $name } follows a medicine that is not in the list. Choose another, or give it times of its own.
unfollowed-cycle = { $name } follows a medicine that follows it in turn. Give one of them times of its own.
unfollowed-as-needed = { $name } follows a medicine that is taken as needed and has no times. Give it times of its own.
unfollowed-too-long = { $name } follows too many medicines one after another. Give one of them times of its own.
travel-title = You are on { $there } time
travel-words = Your medicines that go with you are still on { $zone } time. Do you want to take them by the clock here?
travel-move = Move to { $there } time
travel-keep = Keep { $zone } time
travel-kept-title = Your medicines are on { $zone } time
travel-kept-words = This device is on { $there } time. You can still move them.
held-title = { $name } is on hold
held-words = After the move, the dose of { $time } comes too close to the one before, or too long after it. Ask your clinic when to take it.
held-let-go = I asked: take it off hold
refill-title = Time to ask for more { $name }
refill-open = Open the medicine
clock-title = The clock of this device is set back
clock-words = It is { $span } behind. New entries may get a wrong time until you set it right.
version-title = Your app and your clinic have different versions
version-words = Your entries are safe on this device. Update the app, and they are sent.

## Sign-in and sign-up

sign-in-title = Sign in
sign-in = Sign in
sign-up-title = Make an account
sign-up = Make the account
sign-in-code-words = Your account has a second step. Enter a code to go on.
no-account = No account yet?
go-sign-up = Make an account
have-account = You have an account?
go-sign-in = Sign in
email = E-mail
password = Password
password-hint = At least 8 characters. Several words are easy to remember and hard to guess.
your-name = Your full name
server = Address of your clinic’s Doseline
server-hint = Your clinic tells you. It starts with https://
keep = Keep me signed in
keep-hint = Leave this off on a device that others use.
role-legend = What brings you here?
role-patient = You take medicines
role-patient-hint = Reminders, and a record of what you take
role-carer = You care for someone
role-carer-hint = See how someone else is doing
entry-has-code = You have a code. Sign in or make an account to use it.

## PIN and trouble

pin = PIN
pin-again = The same PIN again
pin-hint = 6 to 32 letters or digits
pin-choose-title = Choose a PIN
pin-choose-words = This computer has no safe place for a key, so a PIN locks your medicines here. You enter it each time Doseline starts. Keep it well: without it, nobody can read them.
pin-choose = Use this PIN
pin-differ = The two PINs are not the same.
pin-enter-title = Enter your PIN
pin-enter-words = Your medicines on this device are locked.
pin-enter = Open
keychain-locked-title = Doseline needs your keychain
trouble-title = Your medicines on this device do not open
trouble-left = Nothing is deleted. What has reached your clinic is safe there.
trouble-saved = { $count ->
    [one] 1 entry that is not sent yet can still be read. It is carried over.
   *[other] { $count } entries that are not sent yet can still be read. They are carried over.
}
start-over-words = You can start with an empty record on this device. The old file is kept, and your record comes back from your clinic when you sign in.
start-over = Start over

## Today

greeting-morning = Good morning, { $name }
greeting-afternoon = Good afternoon, { $name }
greeting-evening = Good evening, { $name }
greeting-night = Hello, { $name }
part-early = Early hours
part-morning = Morning
part-afternoon = Afternoon
part-evening = Evening
part-night = Night
day-title = The whole day
today-word = Today
progress = { $taken } of { $total } taken
card-now = Now · { $time }
card-next = Next · { $time }, { $state }
card-open = { $time } · { $state }
taken = Taken
taken-read = Taken: { $name }, { $time }
snooze = In 10 minutes
snooze-read = Remind me in 10 minutes: { $name }, { $time }
skip = Skip
skip-read = Skip: { $name }, { $time }
enter-amount = Enter amount
enter-amount-read = Enter amount: { $name }, { $time }
amount-ask = How much?
critical-word = Do not miss this one
said-taken = { $name }: taken
said-skipped = { $name }: skipped
said-snoozed = { $name }: reminder in { $span }
dose-taken-at = Taken { $time }
dose-taken-late = Taken late, { $time }
dose-skipped = Skipped
dose-held = On hold
dose-missed = Not taken
dose-no-entry = No entry
dose-snoozed = Reminder at { $time }
dose-ahead = in { $span }
dose-due = Due now
dose-late = Late by { $span }
dose-not-notified = No reminder was shown
all-done-title = That is all for today
all-done-words = Nothing else is due. You can put this away.
nothing-today = Nothing is due today.
empty-title = No medicines yet
empty-words = Add your first one. It takes a minute, and the times can change later.
no-times-title = No times set yet
no-times-words = No reminders come for these until you say when you take them.
no-times-tag = No times yet
set-times = Set times
set-times-read = Set times for { $name }
needed-title = When you need it
needed-now = Allowed now
needed-next = Next allowed at { $time }
needed-last = last at { $time }
needed-count = { $taken } of { $max } in 24 hours
take-one = Take one
take-one-read = Take one now: { $name }
limit-until = The next one is allowed at { $time }. Taking more than this can harm you. If your doctor tells you to, write why.
limit-reached = Taking more than this can harm you. If your doctor tells you to, write why.
limit-reason = Why
limit-override = Record it all the same
limit-leave = Leave it

## Medicines

medicines-title = My medicines
medicines-of = Medicines of { $name }
add-medicine = Add a medicine
allergies = Allergies:
critical = A missed dose is dangerous
critical-hint = People who care for you see it first when it is missed.
from-clinic = from your clinic
stopped-title = Stopped ({ $count })
stopped-on = Stopped on { $date }
back-to-record = Back to the record
next-title = Next times
stock-title = At home
stock-start = Count what you have at home, and Doseline tells you in good time when to ask for more.
stock-long = You have { $amount }. It lasts for more than two years, or to the end of the plan.
stock-today = You have { $amount }. It is not enough for today.
stock-until = You have { $amount }, enough until { $date }: { $days ->
    [one] 1 day.
   *[other] { $days } days.
}
stock-refill-from = Ask for more from { $date }.
stock-refill-now = It is time to ask for more.
stock-other-unit = Doseline cannot say how long it lasts: doses are in { $unit }, and the stock is in { $kept }.
stock-unknown = Doseline cannot say how long it lasts: the amount of a dose is not known.
stock-add = I got more
stock-count = Count again
stock-begin = Count it
stock-value = How much is there
stock-value-more = How much came in
stock-unit = Counted in
stock-unit-hint = For example tablet or ml, as in the dose.
stock-lead = Days until a new pack is there
stock-save = Save
stock-leave = Not now
stock-tag = { $days ->
    [0] runs out today
    [one] 1 day left
   *[other] { $days } days left
}
history-title = The last four weeks
history-span = { $from } to { $to }
history-earlier = Earlier
history-later = Later
history-day = { $date }:
history-nothing-due = nothing due
entries-title = What is recorded
entries-older = Show older entries
entry-due = due at { $time }
entry-retracted = Taken back
take-back = Take back
take-back-read = Take back the entry of { $time }
stop = Stop this medicine
stop-ask = Stop it from today on? Your history stays.
stop-confirm = Stop it
amount-when = { $amount } { $when }
when-steps = { $when }: { $steps }
when-days = { $when }, day by day: { $amounts }, and again from the first
then = { $before }, then { $next }
step = { $amount } for { $days ->
    [one] { $days } day
   *[other] { $days } days
}
amount-none = none
time-and-amount = { $time } ({ $amount })
amount-not-yet = { $amount }. No times set yet
mark-taken = Taken
mark-taken-late = Taken late
mark-skipped = Skipped
mark-missed = Not taken
mark-not-notified = No reminder was shown
mark-held = On hold
mark-open = Still open

taking-none = No doses are due in these weeks.
taking = { $prescribed ->
    [one] Took { $taken } of { $prescribed } dose since { $date }.
   *[other] Took { $taken } of { $prescribed } doses since { $date }.
}
taking-missed = { $count ->
    [one] 1 was not taken.
   *[other] { $count } were not taken.
}
taking-skipped = { $count ->
    [one] 1 was skipped.
   *[other] { $count } were skipped.
}
taking-unknown = { $count ->
    [one] Nothing is known about 1.
   *[other] Nothing is known about { $count }.
}
taking-extra = { $count ->
    [one] 1 more was taken than planned.
   *[other] { $count } more were taken than planned.
}

## Schedules in words

every-early = early hour
every-morning = morning
every-afternoon = afternoon
every-evening = evening
every-night = night
when-not-yet = no times set yet
when-daily = every day at { $times }
when-daily-parts = every { $parts }, at { $times }
when-weekly = every { $days } at { $times }
when-monthly = on day { $days } of each month at { $times }
when-every-days = { $n ->
    [one] every day at { $times }
    [2] every other day at { $times }
   *[other] every { $n } days at { $times }
}
when-cycle = daily for { $on } days, then { $off } days off, at { $times }
when-every = every { $span }, day and night
when-every-by-day = every { $span }
when-between = , between { $from } and { $to }
when-every-from-last = every { $span } after the last one
when-after = { $span } after { $name }
when-after-other = { $span } after another medicine
when-as-needed = when you need it
when-at-most = , at most { $max } in { $span }
when-gap = , { $span } apart

unit-tablet = { $count ->
    [one] { $value } tablet
   *[other] { $value } tablets
}
unit-capsule = { $count ->
    [one] { $value } capsule
   *[other] { $value } capsules
}
unit-drop = { $count ->
    [one] { $value } drop
   *[other] { $value } drops
}
unit-puff = { $count ->
    [one] { $value } puff
   *[other] { $value } puffs
}
unit-unit = { $count ->
    [one] { $value } unit
   *[other] { $value } units
}
unit-spoonful = { $count ->
    [one] { $value } spoonful
   *[other] { $value } spoonfuls
}
unit-sachet = { $count ->
    [one] { $value } sachet
   *[other] { $value } sachets
}
unit-patch = { $count ->
    [one] { $value } patch
   *[other] { $value } patches
}
unit-application = { $count ->
    [one] { $value } application
   *[other] { $value } applications
}
unit-name-tablet = tablets
unit-name-capsule = capsules
unit-name-drop = drops
unit-name-puff = puffs
unit-name-unit = units
unit-name-spoonful = spoonfuls
unit-name-sachet = sachets
unit-name-patch = patches
unit-name-application = applications

## Add or change a medicine

edit-title = Change a medicine
medicine-name = Name
medicine-name-hint = As on the box, with its strength: Metformin 500 mg
amount = Amount
amount-unit = Unit
dose-way = How much do you take?
dose-same = The same each time
dose-steps = More or less over time
dose-days = Another amount from day to day
dose-ask = You enter it each time
dose-ask-hint = For insulin or warfarin, when it changes from day to day. You are asked each time you take it.
steps = One amount after the other
steps-hint = Leave the days of the last one empty to stay with it.
step-amount = Amount { $n }
step-days = For so many days
add-step = Add an amount
remove-step = Remove amount { $n }
day-amounts = The amounts, day by day
day-amounts-hint = They begin again after the last. Enter 0 for a day without.
day-amount = Day { $n }
add-day = Add a day
remove-day = Remove day { $n }
when = When do you take it?
preset-once = Once a day
preset-twice = Twice a day
preset-three = Three times a day
preset-hours = Every few hours
preset-weekly = On some days of the week
preset-needed = When you need it
more-ways = Other ways
more-ways-legend = Other ways to take it
preset-every-days = Every few days
preset-every-days-hint = Such as every other day
preset-cycle = Some days on, some days off
preset-cycle-hint = Such as 21 days on, 7 days off
preset-monthly = On days of the month
preset-after = After another medicine
preset-after-hint = Such as 30 minutes after it
preset-not-yet = Set the times later
preset-not-yet-hint = No reminders until then
preset-keep = Keep the times as they are
preset-keep-hint = They are more detailed than this form
times = Times
time-number = Time { $n }
add-time = Add a time
remove-time = Remove time { $n }
weekdays = Days
every-hours = Hours between doses
every-hours-hint = 1 to 72. It stays that long day and night, also when the clocks change.
first-time = First time
from-last = Count from when you take the last one
from-last-hint = If you take one late, the next moves too.
between = Only by day
between-hint = A dose that would fall in the night waits for the morning.
between-from = From
between-to = To
month-days = Days of the month
month-days-hint = Such as 1, 15. In a shorter month, 31 means its last day.
every-days = Days from one to the next
every-days-hint = 2 is every other day.
every-days-anchor = A day you take it on
cycle-on = Days on
cycle-off = Days off
cycle-anchor = First day of a round
anchor-hint = Leave it empty for the first day.
after = After which medicine?
after-minutes = Minutes after it
after-none = There is no other medicine yet. Add that one first.
gap-hours = Least hours between two
max-per-day = Most in 24 hours
max-per-day-hint = Leave it empty if there is no limit.
max-amount = Most in 24 hours, as an amount
max-amount-hint = In the unit above. Leave it empty if there is no limit.
start-date = First day
start-date-hint = Leave it empty for today.
end-date = Last day
end-date-hint = Leave it empty if there is no end.
max-count = Stop after so many doses
max-count-hint = Leave it empty if there is no limit.
travels = Go by the local clock when you travel
travels-hint = Otherwise the times stay as they are at home.
warn-duplicate = { $name } has { $ingredient } in it too. Ask your clinic before you take both.
warn-allergy = You are allergic to { $substance }. Ask your clinic before you take this.
interactions-beside = Together with other medicines
interaction-of = { $one } and { $other }
interaction-within = { $one } and { $other }, both in { $name }
interaction-contraindicated = { $what }: contraindicated, never together
interaction-major = { $what }: major, to be avoided
interaction-moderate = { $what }: moderate, to be watched
interaction-minor = { $what }: minor, good to know
interaction-source = Source: { $source }
interaction-ask = Ask your clinic, and do not stop a medicine on your own.
interaction-known = I know of it
preview-title = The next days
preview-incomplete = Fill in the amount and the times, and the next days show here.
look = How it looks
look-form = Form
look-colour = Colour
instruction = What to heed
instruction-hint = Such as: with food
ingredients = Active ingredients
ingredients-hint = As on the box, such as paracetamol. Doseline adds up what different medicines contain.
form-tablet = Tablet
form-capsule = Capsule
form-liquid = Liquid
form-injection = Injection
form-cream = Cream
form-drops = Drops
form-inhaler = Inhaler
form-other = Other
colour-white = White
colour-yellow = Yellow
colour-orange = Orange
colour-red = Red
colour-pink = Pink
colour-blue = Blue
colour-green = Green
colour-brown = Brown
fault-name = Enter the name.
fault-amount = Enter the amount as a number above 0.
fault-stock = Enter how much as a number.
fault-unit = Enter what it is counted in, such as tablet or ml.
fault-lead = Enter the days as a whole number, 365 at most.
fault-steps = Enter each amount as a number, and the days of all but the last.
fault-between = The second time of day must come after the first.
fault-minutes = Enter the minutes as a whole number, 1,440 at most.
fault-count = Enter the number of doses as a whole number above 0.
fault-other = Choose the medicine that this one follows. It must not follow this one itself.
fault-email = Enter an e-mail address, such as ada@example.org.
fault-password = Choose another password: at least 8 characters, and not one that is easy to guess. Several words are good.
fault-server = Enter the address as your clinic gives it to you. It starts with https://
fault-url = Enter the whole address. It starts with https:// and lies on the public Internet.
fault-events = Choose at least one thing that it is told of.
fault-pin = Enter 6 to 32 letters or digits.
fault-number = Enter a telephone number: digits, with a plus before them if it has one.
fault-times = Check the times and hours.
fault-days = Choose at least one day.
fault-range = Choose two dates: the first must not come after the last, nor after today.
fault-end = The last day comes before the first. Choose a later one.

## People

people-title = People
grants-title = Who sees your medicines
grants-none = Nobody does. You can let someone care for you, and end it at any time.
grantee-caregiver = Cares for you
grantee-clinic = Clinic
grant-open = no end set
grant-until = until { $time }
grant-ended = ended { $time }
scope-view = Sees medicines and doses
scope-view-hint = Nothing can be changed.
scope-log = Sees them and records doses
scope-log-hint = For someone who helps you take them.
scope-manage = Records doses and changes medicines
scope-manage-hint = For someone who looks after everything.
scope-legend = What may they do?
invite = Let someone care for you
invitation-make = Make a code
invitation-title = Your code
invitation-caregiver = Give this code to the person, or let them scan it. It works once.
invitation-clinic = Give this code to the patient, or let them scan it. It works once and lets the clinic see their medicines.
invitation-claim = Hand this code only to the person whose record this is. It works once.
invitation-expires = It works until { $time }.
qr-label = The same code to scan
copy-link = Copy the link
end = End
end-read = End what { $name } may see
end-ask = End what { $name } may see?
end-confirm = End it
tell-critical = Dangerous missed dose: tell them
tell-others = Other missed dose: tell them
tell-after = after { $minutes } minutes
tell-never = never
tell-more = Choose for one medicine
tell-one = { $name }: tell them
tell-as-others = as for the others
audit-title = Who looked at my record
audit-words = Each time someone else, or their app, opens your record, it is written down here. It cannot be changed.
audit-none = Nobody else has looked at your record.
audit-nobody = Someone who was not signed in
audit-gone = Someone whose account is not there any more
audit-caregiver = through your permission to them
audit-staff = for { $clinic }
audit-system = a system of { $clinic }
audit-code = saw your name, with a code from you
audit-refused = Was not let in
audit-at = { $time }, { $times ->
    [one] once
   *[other] { $times } times
}
audit-between = between { $first } and { $last }, { $times ->
    [one] once
   *[other] { $times } times
}
audit-older = Show older
cares-title = Whom you care for
cares-none = Nobody yet. If someone gives you a code, enter it here.
go-join = Enter a code

join-title = Enter a code
join-words = Someone you care for, or your clinic, gives you a code. You see what it does before you use it.
code = Code
code-hint = 12 letters and digits
join-check = See what it does
offer-caregiver = Care for { $name }
offer-caregiver-words = { $name } lets you see their medicines and doses.
offer-clinic = Join { $name }
offer-clinic-words = { $name } will see your medicines and doses. You can end it at any time under People.
offer-claim = Your record at { $name }
offer-claim-words = { $name } has a record with your medicines. It becomes part of your account.
offer-needs-record = This code is for someone who takes medicines with Doseline. Your account has no medicines of its own.
join-accept = Use this code
join-leave = Not now
joined-title = Done
joined-caregiver = You now see how they are doing.
joined-clinic = Your clinic now sees your medicines.
joined-claim = The record is yours now.

## Caregivers

caregiver-title = In your care
caregiver-under = What needs you comes first
caregiver-empty-title = Nobody yet
caregiver-empty-words = When someone lets you care for them, they give you a code.
need-none = Nothing needs you
need-alert-critical = { $count ->
    [one] No dose recorded: { $name }, due at { $time }. It must not be missed.
   *[other] { $count } doses not recorded. First { $name }, due at { $time }, which must not be missed.
}
need-alert = { $count ->
    [one] No dose recorded: { $name }, due at { $time }
   *[other] { $count } doses not recorded. First { $name }, due at { $time }.
}
alert-seen = Seen
alert-seen-read = Seen: what { $name } needs
need-missed-critical = { $count ->
    [one] No dose recorded: { $name }, which must not be missed
   *[other] { $count } doses not recorded: { $name }, which must not be missed
}
need-side-effect = { $count ->
    [one] Severe side effect: { $what }
   *[other] { $count } severe side effects: { $what } first
}
need-missed = { $count ->
    [one] No dose recorded: { $name }
   *[other] { $count } doses not recorded: { $name } first
}
need-not-reminded = No reminder was shown: { $name }
need-late = Late: { $name }
need-low = { $percent } % taken in four weeks
need-no-times = { $count ->
    [one] 1 medicine has no times yet
   *[other] { $count } medicines have no times yet
}
seen-today = Last entry today, { $time }
seen-on = Last entry { $day }, { $time }
seen-never = No entries yet
taking-title = How it goes
weeks-caption = Doses taken out of a hundred, week by week. The line is at 80.
weeks-none = There are no closed weeks to compare yet.
weeks-table = As a table
weeks-week = Week
weeks-taken = Taken
weeks-of = Due
weeks-missed = Not taken
week-of = from { $date }
regimen-none = No medicines are in the record.
conditions = Conditions
since = since { $date }
born = Born { $date }, { $age } years
born-short = { $date } · { $age }

## Clinic

worklist-count = { $total ->
    [one] { $shown } of { $total } patient
   *[other] { $shown } of { $total } patients
}
worklist-search = Search by name
worklist-caption = Patients, those who need attention first
worklist-empty-title = No patients yet
worklist-empty-words = Invite a patient with a code. They show here as soon as they use it.
worklist-no-match = No name contains this.
column-patient = Patient
column-need = Needs
column-taking = Four weeks
column-taking-of = { $taken } of { $prescribed }
column-seen = Last entry
back-to-worklist = All patients
invite-patient = Invite a patient
claim-title = Hand over to the patient
claim-words = The patient has no account for this record yet. With a code, they take it over.
claim-code = Make a code
claimed = The patient uses Doseline with their own account.
staff-title = Staff
staff-list-title = Who works here
staff-add-title = Add someone
staff-add = Add
staff-role = Role
full-name = Full name
staff-add-words = They get a first password, which you hand over. With it they choose their own.
staff-known = { $name } works here again, and signs in with the password that they have.
first-password = First password
first-password-hint = The one that was handed to you. It is in small letters and figures, with its hyphens.
first-password-title = The first password of { $name }
first-password-words = Hand it to { $name } in person. It opens nothing but the way to a password of their own. It is shown only now.
first-password-until = The first password works until { $time }.
first-password-over = The first password has ended. Make a new one.
first-password-copy = Copy it
first-password-kept = I have handed it over
first-password-renew = New first password
first-password-renew-read = New first password for { $name }
staff-remove-confirm = Remove at once
staff-remove-read = Remove { $name }
staff-second-factor-title = Second step at sign-in
staff-second-factor-words = Whoever works here in a role that you choose has to set up a second step, you too. Until they have, they can do nothing else.
systems-title = Connected systems
systems-words = A hospital's own software can read from here with a key. What it reads stands in the patient's record of who has looked.
systems-list-title = Connected now
systems-none = No system is connected.
systems-add-title = Connect a system
systems-add = Connect
system-name = Name of the system
system-name-hint = Patients see this name where they look who has opened their record.
system-key-title = A new key for { $name }
system-key-add = Make the key
system-key-new = New key
system-key-new-read = New key for { $name }
system-scopes = What the key opens
scope-provider = Who the patients are
scope-schedule = Medicines and their times
scope-adherence = How the medicines are taken
system-days = How long the key works
system-days-30 = 30 days
system-days-90 = 90 days
system-days-365 = One year
system-days-730 = Two years
system-secret-title = The key
system-secret-words = Give both to whoever runs the system, in a safe way. The key is shown only now.
system-client = Client ID
system-secret = Key
system-secret-copy = Copy both
system-secret-kept = I have kept it
system-key-until = Works until { $date }
system-key-over = Ended on { $date }
system-key-used = Last used { $moment }
system-key-unused = Not used yet
system-key-end = End
system-key-end-read = End the key of { $name } that works until { $date }
system-key-end-confirm = End the key at once
system-end = Disconnect
system-end-read = Disconnect { $name }
system-end-confirm = Disconnect at once
webhooks-title = Where it is told of changes
webhook-new = Tell it of changes
webhook-new-read = Tell it of changes: { $name }
webhook-title = Tell { $name } of changes
webhook-words = When something changes, a short message goes to this address. It says that something has changed, and of which patient by number, but never what. The system then looks with its key.
webhook-url = Address
webhook-url-hint = Whoever runs the system knows it. It starts with https://
webhook-events = What it is told of
webhook-events-hint = It is told only of what one of its keys opens.
event-patient-joined = A patient joins the clinic
event-patient-left = A patient leaves the clinic
event-patient-changed = A patient's details change
event-medication-changed = A medicine or its times change
event-dose-changed = A dose is taken or left out
event-dose-missed = A dose is missed
event-dispense-changed = A medicine is handed out
event-ping = Test
webhook-add = Add the address
webhook-secret-title = The secret
webhook-secret-words = Give it to whoever runs the system, in a safe way. With it the system makes sure that a message comes from here. It is shown only now.
webhook-secret-copy = Copy the secret
webhook-old-secret = The secret before works beside it until { $moment }
webhook-test = Send a test
webhook-test-read = Send a test to { $url }
webhook-tested = A test is on its way.
webhook-renew = New secret
webhook-renew-read = New secret for { $url }
webhook-renew-confirm = Make a new secret
webhook-end = Remove
webhook-end-read = Remove { $url }
webhook-end-confirm = Remove it, and what waits for it
webhook-delivered = Last message arrived { $moment }
webhook-undelivered = No message has arrived yet
webhook-waiting = { $count ->
    [one] 1 message waits
   *[other] { $count } messages wait
}
webhook-failing = { $count ->
    [one] The first was tried once: { $outcome }. Next try { $moment }
   *[other] The first was tried { $count } times: { $outcome }. Next try { $moment }
}
webhook-dead = { $count ->
    [one] 1 message could not be delivered
   *[other] { $count } messages could not be delivered
}
webhook-gone = The system has answered that this address is no longer in use. Nothing more is sent to it.
webhook-show = Show messages
webhook-show-read = Show messages for { $url }
webhook-hide = Hide messages
messages-none = No message waits.
messages-more = Show later ones
message-made = Made { $moment }
message-waits = Waits for those before it
message-next = Next try { $moment }
message-dead = Given up { $moment }
message-tried = { $count ->
    [one] Tried once: { $outcome }
   *[other] Tried { $count } times: { $outcome }
}
message-replay = Send again
message-replay-read = Send again what was made { $moment }
outcome-status = the system answered with { $status }
outcome-timeout = no answer came in time
outcome-refused-address = this address cannot be reached from here
outcome-tls = no safe connection could be made
outcome-unreachable = nobody answered at this address
interactions-title = Interaction list
interactions-now-title = The list in use
interactions-none = No list is loaded, so nobody is warned of medicines that do not go together.
interactions-pairs = { $count ->
    [one] 1 pair of ingredients
   *[other] { $count } pairs of ingredients
}
interactions-loaded = Loaded { $time }
interactions-loaded-by = Loaded { $time } by { $name }
interactions-remove = Remove the list
interactions-remove-ask = Nobody is warned by it any more. Remove it?
interactions-remove-confirm = Remove it
interactions-load-title = Load a list
interactions-load-words = It takes the place of the list in use, for everyone whose record is open to this clinic. Where it has a fault, nothing changes.
interactions-file = CSV file
interactions-file-hint = In UTF-8, with a first line of a,b,severity,text,source and then one pair of ingredients on each line. Severity is minor, moderate, major or contraindicated.
interactions-load = Load this list
interactions-choose = Choose a file first.
interactions-unread = This file cannot be read. Choose it again.
interactions-done = The list is loaded.
list-faults = { $count ->
    [one] The file has 1 fault. Nothing is changed. Mend it, then load the file again.
   *[other] The file has { $count } faults. Nothing is changed. Mend them, then load the file again.
}
list-more = { $count ->
    [one] And 1 more.
   *[other] And { $count } more.
}
list-at-line = Line { $line }: { $problem }
list-at-cell = Line { $line }, { $column }: { $problem }
list-large = The file has more than 5 MB. Shorten its texts, or leave out pairs.
list-no-pairs = The file has no pairs. Write one on each line after the first.
list-many = from here on there are more than { $count } pairs. Leave out those that matter least.
list-header = the first line has to be a,b,severity,text,source with commas between.
list-columns = there have to be five columns. Put a text with a comma in quotation marks.
list-encoding = the file is not in UTF-8. Save it again as CSV in UTF-8.
list-empty = nothing is here. Fill it in, or remove the line.
list-long = there are more than 2,000 characters. Shorten it.
list-severity = write minor, moderate, major or contraindicated.
list-same = both names are of one ingredient. Name two.
list-twice = this pair is on line { $first } already. Remove one of the two.
role-administrator = Administrator
role-doctor = Doctor
role-nurse = Nurse
role-front-desk = Front desk
role-partner-system = System

## A report for the doctor

report-title = Report for the doctor
report-words = A file of a page or two, to show or to send: the medicines, how many doses were taken, and which were not.
report-from = From
report-to = To
report-make = Make the report
report-offline = You are offline. The report needs the network in the browser: try again when you are online.
report-ready = The report is ready. Look in your downloads.
report-save = Save it again
report-kept = The report is here: { $path }
report-made = Made on { $date }
report-range = { $from } to { $to }
report-clock = times on the clock of { $place }
report-foot = Doseline. From what the patient, and those who care for them, recorded; not from what a pharmacy handed out.
report-taken = { $prescribed ->
    [one] Took { $taken } of { $prescribed } scheduled dose.
   *[other] Took { $taken } of { $prescribed } scheduled doses.
}
report-nothing-due = No scheduled dose was due in these days.
report-none = None recorded
report-allergies = Allergies
report-no-medicines = No medicine was to be taken in these days.
report-medicine = Medicine
report-how = How it is taken
report-doses = Doses taken
report-share = Taken
report-between = Between
report-recorded = Recorded
report-definitions = Taken: doses taken, extra ones included, divided by doses due; it may pass 100 %. Between: at least, if no dose was taken that was not recorded; at most, counting only the doses whose fate is known. Recorded: doses recorded as taken or skipped, divided by doses due.
report-critical = Dangerous to miss
report-changed = Changed on { $date }
report-no-figure = –
report-of = { $taken } of { $prescribed }
report-late = { $count } late
report-extra = { $count } extra
report-bounds = { $lower }–{ $upper }
report-percent = { $value } %
report-used = { $count ->
    [one] { $count } dose
   *[other] { $count } doses
}
report-days = { $count ->
    [one] on { $count } day
   *[other] on { $count } days
}
report-most = at most { $count } on one
report-above = { $count } above the limit
report-felt = Side effects
report-symptom = What the patient feels
report-severity = How bad
report-suspected = Medicine suspected
report-from-to = { $first } – { $last }
report-nausea = Nausea
report-dizziness = Dizziness
report-headache = Headache
report-rash = Rash or itching
report-fatigue = Tiredness
report-diarrhoea = Diarrhoea
report-insomnia = Sleeplessness
report-swelling = Swelling
report-dyspnoea = Trouble breathing
report-angioedema = Swelling of face, lips or throat
report-mild = Mild
report-moderate = Moderate
report-severe = Severe
report-otherwise = Doses that went otherwise
report-all-taken = Every scheduled dose was taken in time.
report-what = What
report-when = When
report-missed = Missed
report-skipped = Skipped
report-no-entry = Not recorded
report-not-reminded = Not reminded
report-held = Held back
report-taken-late = Taken late
report-taken-extra = Taken besides
report-count = { $count ->
    [one] { $count } dose
   *[other] { $count } doses
}
report-day = { $day } { $times }
report-day-to-day = { $first } – { $last } { $times }
report-why = { $day } ({ $reason })
report-more = and { $count } more: see the app

## How I feel

feel-title = How I feel
feel-title-of = How { $name } feels
feel-report = Report a side effect
feel-emergency = Is this an emergency?
feel-emergency-words = With trouble breathing, or a swollen face, lips or throat, call for help first.
feel-danger = This can become dangerous within minutes. Call for help first. You can report it afterwards.
feel-what = What do you feel?
symptom-nausea = Sick to the stomach
symptom-dizziness = Dizzy
symptom-headache = Headache
symptom-rash = Rash or itching
symptom-fatigue = Tired
symptom-diarrhoea = Diarrhoea
symptom-insomnia = Trouble sleeping
symptom-swelling = Swelling
symptom-dyspnoea = Trouble breathing
symptom-angioedema = Swollen face, lips or throat
symptom-other = Something else
feel-words = What is it, in a few words?
feel-severity = How bad is it?
severity-mild = I notice it, but it does not stop me
severity-moderate = It gets in my way
severity-severe = I cannot do what I normally do
severity-mild-short = Mild
severity-moderate-short = In the way
severity-severe-short = Severe
feel-since = Since when?
feel-yesterday = Yesterday
feel-earlier = Earlier
feel-date = From which day?
feel-medicine = Which medicine do you suspect?
feel-medicine-none = I do not know
feel-note = Anything else?
feel-note-hint = Leave it empty if there is nothing.
feel-save = Report it
feel-list-title = What is reported
feel-none = Nothing is reported.
said-felt = { $what }: saved
said-ended = { $what }: it has stopped
side-effects = Side effects
side-effects-since = Side effects since the start
side-effects-over = { $count ->
    [one] 1 that has stopped
   *[other] { $count } that have stopped
}
side-effect-suspected = maybe from { $name }
side-effect-span = { $from } to { $to }
side-effect-over = Stopped
side-effect-end = It has stopped
side-effect-again = It goes on
fault-symptom = Choose what you feel. For something else, write it in a few words.
fault-severity = Choose how bad it is.
fault-from = Choose a day, today at the latest.
fault-note = Write 500 letters at most.

## Call for help

help-title = Call for help
help-someone = Someone you trust
help-call = Call { $name }
help-call-someone = Call now
help-dial = Dial this number on your phone.
help-nobody = You can put someone here whom you trust to come when you call.
help-set = Choose someone
help-emergency-title = Emergency
help-emergency-words = If you are in danger, call this first. Mobile phones take it without credit.
help-emergency-call = Call { $number }
emergency-number = 112
help-name = Whom you call
help-name-hint = Such as: Chidi, your son
help-number = Telephone number
help-number-hint = With the country’s code if you travel
help-kept = Kept on this device

## Settings

appearance = How it looks
theme = Colours
theme-system = Automatic
theme-light = Light
theme-dark = Dark
theme-contrast = High contrast
simple-mode = Simple mode
simple-mode-hint-carer = Very large letters
simple-mode-hint = Very large letters, only Today, Call for help and My medicines
language = Language
reminders = Reminders
remind = Show reminders on this device
remind-hint = They come also when the window is closed.
autostart = Start with the computer
autostart-hint = So that no reminder is lost after a restart.
password-change = Change it
password-words = Your other devices are signed out. What they have not sent yet stays on them.
password-old = Old password
password-new = New password
password-changed = Your password is changed.
own-password-title = Choose your own password
own-password-words = You have signed in with a password that somebody handed to you. Choose one that only you know. Then everything is open to you.
own-password-choose = Choose it
own-password-later = Not now?
second-factor-title = Second step at sign-in
second-factor-off = Whoever finds your password gets in. With a second step, they need a code from your phone too.
second-factor-required = Your clinic asks you for a second step. Until you set it up, nothing is sent or fetched.
second-factor-missing = Your clinic asks for a second step when you sign in. Until you set it up, nothing is sent or fetched. What you record stays safe on this device.
second-factor-begin = Set it up
second-factor-begin-words = You need an authenticator app on your phone. Enter your password first.
second-factor-next = Go on
second-factor-on = On since { $time }.
second-factor-left = { $count ->
    [0] No recovery code is left. Make new ones, so that you still get in when your phone is lost.
    [one] 1 recovery code is left. Make new ones soon.
   *[other] { $count } recovery codes are left.
}
second-factor-codes = New recovery codes
second-factor-codes-words = The codes that you have now stop working.
second-factor-remove = Turn it off
second-factor-remove-words = After this, your password alone opens your account.
second-factor-remove-now = Turn it off now
second-factor-code = Code
second-factor-code-hint = From your authenticator app, or one of your recovery codes.
second-factor-scan = Scan this with your authenticator app. Then enter the code that the app shows.
second-factor-qr = QR code for the authenticator app
second-factor-key = Or type this key into the app:
second-factor-first = Code that the app shows
second-factor-finish = Turn it on
end-others = Sign out my other devices
end-others-hint = They sign in anew. What they have not sent yet stays on them.
recovery-codes-title = Your recovery codes
recovery-codes-words = Write these down and keep them where only you find them. When your phone is lost, each opens your account once. They are shown only now.
recovery-codes-copy = Copy the codes
recovery-codes-kept = I have kept them
devices-title = Devices
device-current = This device
device-seen = Last used { $time }
device-revoke = Sign out
device-revoke-read = Sign out { $name }
device-revoke-confirm = Sign it out now
device-revoke-title = Sign out { $name }
device-password-hint = So that nobody but you can do this.
copy-title = Your record
copy-words = You can take a copy of everything that is kept about you: every entry with who made it, and everyone who has looked. It is a file that other programs can read. It holds your health data: keep it where only you find it.
copy-take = Take a copy
copy-ready = The copy is ready. Look in your downloads.
copy-save = Save it again
copy-kept = The copy is here: { $path }
account-title = Account
sign-out = Sign out
sign-out-words = Entries that are not sent yet stay on this device for your next sign-in.
about = Doseline { $version } · { $server }
