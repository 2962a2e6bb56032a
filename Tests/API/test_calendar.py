"""Calendar files as other programs read them: written by the running directory, read back with `icalendar` and `dateutil`."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from io import StringIO
from unicodedata import normalize
from zoneinfo import ZoneInfo

import pytest
import requests
from dateutil.rrule import rrulestr
from dateutil.tz import tzical
from icalendar import Calendar

#: What people call their rooms who mean harm, and what they do who don't.
NAMES = [
    "Weekly", "a;b", "a,b", "a\\b", "a\\nb", "a\\,b\\;c", "\\", "\\\\n", ";;;", ",,,", ":", "=", '"', "''", "a:b;c=d,e",
    "BEGIN:VALARM", "END:VEVENT", "END:VCALENDAR", "ATTACH:http://evil.example/x", "X;ATTACH=1:y", "RRULE:FREQ=SECONDLY",
    "ATTENDEE;CN=x:mailto:eve@evil.example", "a\\nBEGIN:VEVENT", "a\\r\\nBEGIN:VALARM", "%0d%0aBEGIN:VALARM", "=0D=0ABEGIN",
    "<script>alert(1)</script>", "${jndi:ldap://evil.example}", "{{7*7}}", "' or 1=1 --", "../../etc/passwd", "a\"; filename=b",
    "Besprechung über Größe", "会議室の名前", "اجتماع أسبوعي", "पुस्तक", "👩‍👩‍👧‍👦 Familie", "é" * 80, "ö" * 80, "漢" * 80, "👍" * 80,
    "a" + "\u0301" * 60, "x" * 80, "a b  c", "tab", "- " * 39, "1", "VCALENDAR", "^n^'^^", "&amp;#13;&amp;#10;",
]
#: With these, a name is refused before it is in any file.
LINE_ENDS = ["\r\n", "\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x00"]

ZONES = ["Europe/Berlin", "America/New_York", "America/Santiago", "America/St_Johns", "Australia/Lord_Howe",
         "Asia/Kathmandu", "Asia/Jerusalem", "Pacific/Chatham", "Africa/Cairo", "Etc/UTC"]


class Organizer:
    """Somebody with a room, at the running directory."""

    def __init__(self, identity):
        self.person = identity.organization("cal-1", ("ada", ("rooms.create",)))["ada"]
        self.rooms = f"{identity.stack.services['directory'][0].url}/api/directory/rooms"
        self.room = self.send("POST", "", {"name": "Room", "alias": "calendar-room", "pin": "471108",
                                           "description": "All of us;\nand others, too"}, 201).json()

    def send(self, method: str, path: str, body=None, wanted: int = 200, **headers) -> requests.Response:
        answer = requests.request(method, f"{self.rooms}{path}", json=body, timeout=15,
                                  headers=self.person.with_token | headers)
        assert answer.status_code == wanted, f"{answer.status_code} {answer.text}"
        return answer

    def add(self, start: str, zone: str, wanted: int = 201, **more) -> dict:
        end = (datetime.fromisoformat(start) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
        return self.send("POST", f"/{self.room['id']}/appointments",
                         {"start": start, "end": end, "timeZone": zone} | more, wanted).json()

    def remove(self, appointment: dict) -> None:
        self.send("DELETE", f"/{self.room['id']}/appointments/{appointment['id']}", wanted=204, **{"If-Match": "*"})

    def file(self, appointment: dict, query: str = "") -> requests.Response:
        return self.send("GET", f"/{self.room['id']}/appointments/{appointment['id']}/calendar{query}")


@pytest.fixture(scope="module")
def organizer(identity) -> Organizer:
    return Organizer(identity)


@pytest.fixture
def series(organizer):
    """Makes appointments and gives them up again, so that the room never has too many."""
    made = []

    def add(*words, **more):
        made.append(organizer.add(*words, **more))
        return made[-1]

    yield add
    for appointment in made:
        organizer.remove(appointment)


def check_form(data: bytes) -> None:
    """RFC 5545, 3.1: lines end with CR and LF, have 75 bytes at most, and every one is UTF-8 by itself."""
    assert data.endswith(b"\r\n")
    for line in data[:-2].split(b"\r\n"):
        assert len(line) <= 75, line
        assert b"\r" not in line and b"\n" not in line
        assert not any(byte < 0x20 or byte == 0x7F for byte in line), line
        line.decode()


def read(data: bytes) -> tuple[Calendar, object]:
    """The calendar and its only event, which is all there is beside zones."""
    check_form(data)
    calendar = Calendar.from_ical(data)
    kinds = [part.name for part in calendar.walk()]
    assert kinds.count("VCALENDAR") == 1 and kinds.count("VEVENT") == 1
    assert set(kinds) <= {"VCALENDAR", "VTIMEZONE", "STANDARD", "DAYLIGHT", "VEVENT"}, kinds
    event = calendar.walk("VEVENT")[0]
    assert not event.errors and not calendar.errors
    assert set(event.keys()) <= {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "RRULE", "SUMMARY", "DESCRIPTION", "LOCATION",
                                 "URL", "STATUS", "TRANSP"}, event.keys()
    return calendar, event


def own_zone(data: bytes, name: str):
    """The zone as the file itself describes it, for who has no table of zones."""
    if name == "Etc/UTC":
        return timezone.utc
    text = data.decode().replace("\r\n ", "")
    start, end = text.index("BEGIN:VTIMEZONE"), text.index("END:VTIMEZONE")
    return tzical(StringIO(text[start:end].replace("\r\n", "\n") + "END:VTIMEZONE\n")).get(name)


def test_file_says_what_was_set(organizer, series):
    appointment = series("2040-12-04T10:00", "Europe/Berlin", title="Weekly", includesPIN=True, language="de",
                         recurrence={"frequency": "weekly", "count": 3}, invitees=["bob@example.org"])
    answer = organizer.file(appointment)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="Weekly.ics"; ')
    calendar, event = read(answer.content)
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "PUBLISH")
    assert event["UID"] == appointment["id"]
    assert event["SEQUENCE"] == 0
    assert abs(event["DTSTAMP"].dt - datetime.now(timezone.utc)) < timedelta(minutes=5)
    assert event["DTSTART"].dt == datetime(2040, 12, 4, 10, tzinfo=ZoneInfo("Europe/Berlin"))
    assert event["DTEND"].dt == datetime(2040, 12, 4, 11, tzinfo=ZoneInfo("Europe/Berlin"))
    assert event["SUMMARY"] == "Weekly"
    link = f"{organizer.person.origin}/r/calendar-room"
    assert event["LOCATION"] == link and event["URL"] == link
    assert link in event["DESCRIPTION"] and "PIN: 471108" in event["DESCRIPTION"]
    assert "All of us;\nand others, too" in event["DESCRIPTION"]
    assert event["STATUS"] == "CONFIRMED"
    assert b"bob@example.org" not in answer.content
    assert b"471108" not in organizer.file(appointment, "?pin=false").content


def test_uid_stays_and_sequence_rises(organizer, series):
    appointment = series("2040-12-04T10:00", "Europe/Berlin")
    seen = []
    for hour in (11, 12):
        _, event = read(organizer.file(appointment).content)
        seen.append((event["UID"], event["SEQUENCE"]))
        organizer.send("PUT", f"/{organizer.room['id']}/appointments/{appointment['id']}",
                       {"start": f"2040-12-04T{hour}:00", "end": "2040-12-04T13:00", "timeZone": "Europe/Berlin"},
                       **{"If-Match": "*"})
    assert seen == [(appointment["id"], 0), (appointment["id"], 1)]


@pytest.mark.parametrize("name", NAMES)
def test_names_stay_what_they_are(organizer, series, name):
    answer = organizer.file(series("2040-12-04T10:00", "Asia/Kathmandu", title=name))
    calendar, event = read(answer.content)
    assert event["SUMMARY"] == normalize("NFC", name.strip())
    assert [part.name for part in calendar.walk("VTIMEZONE")] == ["VTIMEZONE"]
    disposition = answer.headers["Content-Disposition"]
    assert disposition.isascii() and disposition.count('"') == 2 and disposition.count(";") == 2
    assert set(answer.headers) & {"Set-Cookie", "X-Evil"} == set()


def test_enough_names():
    assert len(set(NAMES)) >= 50


@pytest.mark.parametrize("end", LINE_ENDS, ids=[ascii(end) for end in LINE_ENDS])
def test_line_ends_are_refused(organizer, end):
    problem = organizer.add("2040-12-04T10:00", "UTC", wanted=400, title=f"a{end}ATTACH:x")
    assert problem["fields"] == [{"field": "title", "reason": "bad_format"}]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("frequency", ["daily", "weekly", "biweekly", "monthly"])
def test_series_are_what_other_programs_make_of_them(organizer, series, zone, frequency):
    """Series that began on different days have different next times: each is the one that `dateutil` finds in the file."""
    today = date.today()
    for days in (3, 45, 200, 1000):
        start = f"{today - timedelta(days=days)}T10:15"
        appointment = series(start, zone, recurrence={"frequency": frequency})
        data = organizer.file(appointment).content
        _, event = read(data)
        tz = own_zone(data, zone)
        first = datetime.fromisoformat(start).replace(tzinfo=tz)
        rule = rrulestr(event["RRULE"].to_ical().decode(), dtstart=first)
        # All take as long as the first; one that has begun is still the next.
        length = event["DTEND"].dt - event["DTSTART"].dt
        now = datetime.fromisoformat(appointment["next"]["start"])
        wanted = rule.after(now - timedelta(seconds=1))
        assert now == wanted.astimezone(timezone.utc)
        assert rule.before(now) is None or rule.before(now).astimezone(timezone.utc) + length <= datetime.now(timezone.utc)
        assert (now.astimezone(ZoneInfo(zone)).hour, now.astimezone(ZoneInfo(zone)).minute) == (10, 15)


@pytest.mark.parametrize("zone", [zone for zone in ZONES if zone != "Etc/UTC"])
def test_zones_are_what_they_are(organizer, series, zone):
    """A file's own description of the zone gives the offsets that the zone has, for years."""
    start = f"{date.today()}T10:15"
    data = organizer.file(series(start, zone, recurrence={"frequency": "daily"})).content
    own, real = own_zone(data, zone), ZoneInfo(zone)
    for day in range(0, 9 * 365, 5):
        at = datetime.fromisoformat(start) + timedelta(days=day)
        assert at.replace(tzinfo=own).utcoffset() == at.replace(tzinfo=real).utcoffset(), at


@pytest.mark.parametrize("frequency, end, count", [
    ("daily", {"count": 730}, 730), ("weekly", {"count": 2}, 2), ("biweekly", {"until": "2041-03-31"}, 7),
    ("monthly", {"count": 12}, 12), ("monthly", {"until": "2042-01-31"}, 9), ("weekly", {"until": "2040-12-31"}, 1),
])
def test_series_end_where_they_are_to(organizer, series, frequency, end, count):
    """The last one is that after which nothing comes: `dateutil` counts as many as were asked for."""
    data = organizer.file(series("2040-12-31T23:30", "America/New_York", recurrence={"frequency": frequency} | end)).content
    _, event = read(data)
    first = datetime(2040, 12, 31, 23, 30, tzinfo=own_zone(data, "America/New_York"))
    times = list(rrulestr(event["RRULE"].to_ical().decode(), dtstart=first))
    assert len(times) == count
    if "until" in end:
        assert times[-1].date() <= date.fromisoformat(end["until"])
