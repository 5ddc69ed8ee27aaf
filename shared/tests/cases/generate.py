"""Writes expansion.jsonl: named schedules with the instants at which they are due.

The instants are those of dateutil.rrule, which finds the dates, and of zoneinfo, which reads the clocks. Neither knows
anything of this repository's engine. What a schedule means beyond them is applied here by hand: a local time that a
change of the clocks skips is read with the offset from before it, one that comes twice counts where it comes first
(fold=0), a month day is clamped or skipped, and a limit counts from the start.

    pip install python-dateutil tzdata
    python generate.py > expansion.jsonl

Not run by the tests, which read the file that it wrote.
"""

import json
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, FR, MO, SA, SU, TH, TU, WE, rrule

UTC = timezone.utc
WEEK = {"mon": MO, "tue": TU, "wed": WE, "thu": TH, "fri": FR, "sat": SA, "sun": SU}
seen = set()


def resolve(day, clock, zone):
    # zoneinfo with fold=0 reads a skipped time with the offset from before the gap, and a repeated one as the first.
    return datetime.combine(day, clock, ZoneInfo(zone)).replace(fold=0).astimezone(UTC)


def noon(day):
    return datetime.combine(day, time(12))


def dates(days, start, last):
    kind = days["kind"]
    if kind == "every":
        rule = rrule(DAILY, dtstart=noon(start), until=noon(last))
    elif kind == "weekdays":
        rule = rrule(WEEKLY, byweekday=[WEEK[d] for d in days["on"]], dtstart=noon(start), until=noon(last))
    elif kind == "every_n":
        anchor = date.fromisoformat(days["anchor"])
        # Back by whole steps to before the start, since dateutil only goes forward.
        while anchor > start:
            anchor -= timedelta(days=days["n"])
        rule = rrule(DAILY, interval=days["n"], dtstart=noon(anchor), until=noon(last))
    elif kind == "cycle":
        anchor, length = date.fromisoformat(days["anchor"]), days["on"] + days["off"]
        while anchor > start:
            anchor -= timedelta(days=length)
        found = set()
        for place in range(days["on"]):
            begins = anchor + timedelta(days=place)
            found |= set(rrule(DAILY, interval=length, dtstart=noon(begins), until=noon(last)))
        return sorted(moment.date() for moment in found if moment.date() >= start)
    else:
        found = set()
        for day in days["on"]:
            if days["short_month"] == "skip":
                found |= set(rrule(MONTHLY, bymonthday=day, dtstart=noon(start), until=noon(last)))
            else:
                # The last of the days up to this one that the month has.
                every = list(range(1, day + 1))
                found |= set(rrule(MONTHLY, bymonthday=every, bysetpos=-1, dtstart=noon(start.replace(day=1)), until=noon(last)))
        return sorted(moment.date() for moment in found if moment.date() >= start)
    return [moment.date() for moment in rule if moment.date() >= start]


def text(instant):
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def case(name, zone, start, rule, begin, until, end=None, most=None):
    """`begin` and `until` are dates in UTC; the range runs from midnight to midnight."""
    assert name not in seen, name
    seen.add(name)
    first = datetime.combine(begin, time(0), UTC)
    last = datetime.combine(until, time(0), UTC)
    stop = until + timedelta(days=2)
    if rule["kind"] == "wall":
        found = []
        for day in dates(rule["days"], start, min(stop, end or stop)):
            of_day = [(resolve(day, time.fromisoformat(t["at"]), zone), n) for n, t in enumerate(rule["times"])]
            found += [(due, n, day) for due, n in sorted(of_day)]
        # The limit counts by date, then by due within it; only what is left is put in order.
        found = sorted(found[:most])
        due = [[text(at), f"{day}/{rule['times'][n]['slot']}"] for at, n, day in found if first <= at < last]
    else:
        at, number, count, due = datetime.fromisoformat(rule["anchor"]), 0, 0, []
        while at < last:
            local = at.astimezone(ZoneInfo(zone)).date()
            if start <= local and (end is None or local <= end) and (most is None or count < most):
                count += 1
                if first <= at:
                    due.append([text(at), f"r1/{number}"])
            at, number = at + timedelta(minutes=rule["every_min"]), number + 1
    schedule = {
        "zone": {"kind": "home", "tz": zone}, "start": str(start), "end": end and str(end), "max_count": most,
        "rule": rule, "dose": {"kind": "ask"}, "window": {"early_min": 60, "late_min": 60, "miss_after_min": None},
    }
    print(json.dumps({"name": name, "from": text(first), "to": text(last), "schedule": schedule, "due": due}, separators=(",", ":")))


def wall(times, days):
    return {"kind": "wall", "times": [{"slot": f"s{n}", "at": at} for n, at in enumerate(times)], "days": days}


EVERY = {"kind": "every"}
# Changes of the clocks, by the local date of each; what changes is zoneinfo's to say.
CHANGES = [
    ("Europe/Paris", "2026-03-29"), ("Europe/Paris", "2026-10-25"), ("Europe/London", "2027-03-28"),
    ("Europe/London", "2027-10-31"), ("America/New_York", "2026-03-08"), ("America/New_York", "2026-11-01"),
    ("America/St_Johns", "2028-03-12"), ("America/St_Johns", "2028-11-05"), ("America/Havana", "2026-03-08"),
    ("America/Havana", "2026-11-01"), ("America/Santiago", "2026-04-05"), ("America/Santiago", "2026-09-06"),
    ("America/Asuncion", "2023-03-26"), ("America/Asuncion", "2023-10-01"), ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"), ("Australia/Sydney", "2030-04-07"), ("Australia/Sydney", "2030-10-06"),
    ("Pacific/Chatham", "2026-04-05"), ("Pacific/Chatham", "2026-09-27"), ("Pacific/Auckland", "2031-04-06"),
    ("Africa/Casablanca", "2026-02-15"), ("Africa/Casablanca", "2026-03-22"), ("Africa/Cairo", "2024-04-26"),
    ("Africa/Cairo", "2024-10-31"), ("Asia/Beirut", "2026-03-29"), ("Asia/Beirut", "2026-10-25"),
    ("Asia/Jerusalem", "2026-03-27"), ("Asia/Tehran", "2022-03-22"), ("Asia/Tehran", "2022-09-21"),
    ("Antarctica/Troll", "2026-03-29"), ("Antarctica/Troll", "2026-10-25"), ("Atlantic/Azores", "2029-03-25"),
    ("Africa/Juba", "2021-02-01"), ("America/Nuuk", "2023-03-25"), ("Europe/Volgograd", "2020-12-27"),
]
PLAIN = ["Africa/Lagos", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Honolulu", "Europe/Berlin",
         "America/Los_Angeles", "Australia/Adelaide"]


def main():
    for zone, day in CHANGES:
        day = date.fromisoformat(day)
        offsets = {datetime.combine(day + timedelta(days=n), time(12), ZoneInfo(zone)).utcoffset() for n in (-1, 0, 1)}
        assert len(offsets) == 2, f"the clocks of {zone} do not change on {day}"
        around = (day - timedelta(days=2), day + timedelta(days=3))
        start = day - timedelta(days=5)
        case(f"{zone} {day}: the hours of the night", zone, start,
             wall(["00:00", "00:30", "01:30", "02:00", "02:30", "03:00", "03:30", "23:30"], EVERY), *around)
        case(f"{zone} {day}: ten doses, from the start", zone, start, wall(["02:15", "23:45"], EVERY), *around, most=10)
        case(f"{zone} {day}: every eight hours", zone, start,
             {"kind": "elapsed", "every_min": 480, "anchor": f"{start}T06:00:00+00:00", "from": "scheduled", "daily": None}, *around)
        case(f"{zone} {day}: until that day", zone, start,
             {"kind": "elapsed", "every_min": 95, "anchor": f"{start}T00:20:00+00:00", "from": "scheduled", "daily": None}, *around, end=day)
    kinds = [
        ("weekdays", {"kind": "weekdays", "on": ["mon", "wed", "fri"]}),
        ("a Sunday", {"kind": "weekdays", "on": ["sun"]}),
        ("every third day from before", {"kind": "every_n", "n": 3, "anchor": "2023-12-30"}),
        ("every fifth day from after", {"kind": "every_n", "n": 5, "anchor": "2027-01-01"}),
        ("21 on, 7 off", {"kind": "cycle", "on": 21, "off": 7, "anchor": "2024-01-10"}),
        ("2 on, 3 off from after", {"kind": "cycle", "on": 2, "off": 3, "anchor": "2026-06-01"}),
        ("29, 30, 31 clamped", {"kind": "month_days", "on": [29, 30, 31], "short_month": "clamp"}),
        ("31 skipped", {"kind": "month_days", "on": [31], "short_month": "skip"}),
        ("1 and 15", {"kind": "month_days", "on": [15, 1], "short_month": "skip"}),
        ("30 clamped", {"kind": "month_days", "on": [30], "short_month": "clamp"}),
    ]
    for zone in PLAIN:
        for name, days in kinds:
            start = date(2024, 1, 15)
            case(f"{zone}: {name}, over February of a leap year", zone, start, wall(["08:00", "20:30"], days), date(2024, 2, 20), date(2024, 4, 3))
            case(f"{zone}: {name}, at most nine", zone, start, wall(["22:00", "06:15"], days), date(2024, 1, 1), date(2025, 1, 1),
                 end=date(2024, 11, 30), most=9)


main()
