"""A publisher's date text → when the article appeared, and how its zone is known.  Pure.

A date that cannot be read, or that cannot be, is None: nothing is ever invented.
The libraries' readers are not used: feedparser takes BST, CEST or MSK for UTC and
ignores PM; others make up the first of the month.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.model import Precision, Published, ZoneSource

LONGEST = 120  # characters; the longest date in the feeds of the corpus has 32, a browser's own spelling some 70
YEARS = range(1900, 2200)  # outside lie a database's zero (0001-01-01) and slips of the keyboard
SKEW = timedelta(minutes=10)  # a choice: how far ahead of ours the clock of a publisher may run
FURTHEST = timedelta(hours=14)  # the easternmost zone, UTC+14: a date of no known zone may be so far ahead and be true
EPOCHS = range(631_152_000, 7_258_118_400)  # Unix seconds, 1990 to 2200; smaller numbers are counters

HOURS_AHEAD = {
    **{"z": 0.0, "ut": 0.0, "utc": 0.0, "gmt": 0.0, "wet": 0.0, "egst": 0.0},
    **{"cet": 1.0, "mez": 1.0, "met": 1.0, "west": 1.0, "bst": 1.0, "wat": 1.0},
    **{"cest": 2.0, "mesz": 2.0, "mest": 2.0, "eet": 2.0, "sast": 2.0, "cat": 2.0, "idt": 3.0},
    **{"eest": 3.0, "msk": 3.0, "trt": 3.0, "eat": 3.0, "msd": 4.0, "pkt": 5.0, "ist": 5.5, "npt": 5.75},
    **{"wib": 7.0, "ict": 7.0, "hkt": 8.0, "sgt": 8.0, "pht": 8.0, "awst": 8.0, "jst": 9.0, "kst": 9.0},
    **{"acst": 9.5, "aest": 10.0, "acdt": 10.5, "aedt": 11.0, "nzst": 12.0, "nzdt": 13.0},
    **{"nst": -3.5, "ndt": -2.5, "brt": -3.0, "art": -3.0, "adt": -3.0, "ast": -4.0, "edt": -4.0},
    **{"est": -5.0, "cdt": -5.0, "cst": -6.0, "mdt": -6.0, "mst": -7.0, "pdt": -7.0},
    **{"pst": -8.0, "akdt": -8.0, "akst": -9.0, "hst": -10.0},
}
"""What a zone's abbreviation means where the outlet's own zone does not use it."""

SHARED = frozenset({"bst", "ist", "cst", "ast"})
"""Abbreviations that several parts of the world use: without the outlet's zone they are read, but as assumed."""

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar januara januari januarja janvier janv enero ene gennaio genn gen janeiro ianuarie ian "
            "janar januarie stycznia styczen sty leden ledna led sijecanj sijecnja sij tammikuuta ocak oca gener "
            "януари января январь янв січня січень січ студзеня јануари јануар јануара јан ιανουαριου ιαν يناير",
            "february feb februar februara februari februarja fevrier fevr fev febrero febbraio febbr febb fevereiro "
            "februarie shkurt februarius lutego luty lut unor unora uno veljaca veljace velj helmikuuta subat febrer "
            "фебруар фебруара фебруари феб февруари февраля февраль фев фвр лютого лютии лют лютага φεβρουαριου φεβ "
            "فبراير",
            "march mar mart marta marts mars marz marzo marco marec marca maart mrt martie brezen brezna bre marzec "
            "ozujak ozujka ozu maaliskuuta mrz maerz marcius марта март мар березня березень бер сакавіка μαρτιου μαρ "
            "مارس",
            "april apr aprila aprili avril avr abril abr aprile kwietnia kwiecien kwi duben dubna dub travanj travnja "
            "tra huhtikuuta nisan nis aprilie prill aprilis април априла апр апреля апрель квітня квітень кві "
            "красавіка απριλιου απρ ابريل",
            "may maj maja mai mayo maggio mag maio mei maya toukokuuta mayis svibanj svibnja svi kveten kvetna kve "
            "maig majus мај маја маи мая травня травень тра μαιου μαι مايو",
            "june jun juna juni junij junija juin junio giugno giu junho iunie iun juny czerwca czerwiec cze lipanj "
            "lipnja kesakuuta haziran haz cerven cervna qershor junius јун јуна јуни јуне юни июня июнь июн червня "
            "червень чер чэрвеня ιουνιου ιουν يونيو",
            "july jul jula juli julij julija juillet juil julio luglio lug julho iulie iul juliol lipca lipiec "
            "cervenec cervence srpanj srpnja heinakuuta temmuz tem korrik julius јул јула јули јуле юли июля июль июл "
            "липня липень лип ліпеня ιουλιου ιουλ يوليو",
            "august aug augusta augusti avgust avgusta avg aout agosto agustus ago agost augustus sierpnia sierpien "
            "sie srpna srpen kolovoz kolovoza kol elokuuta agustos agu gusht augusztus август августа авг серпня "
            "серпень сер жніуня αυγουστου αυγ اغسطس",
            "september sep sept septembra septembar septembre septiembre settembre sett set setembro setembre "
            "septembrie septemvri shtator szeptember wrzesnia wrzesien wrz zari rujan rujna ruj syyskuuta eylul eyl "
            "септембар септембра септември сеп септ сентября сентябрь сен сент вересня вересень вер верасня "
            "σεπτεμβριου σεπ σεπτ سبتمبر",
            "october oct oktobar oktobra octobre octubre ottobre ott outubro out oktober okt octombrie tetor "
            "pazdziernika pazdziernik paz rijen rijna rij lokakuuta ekim eki oktoober октобар октобра октомври окт "
            "октября октябрь жовтня жовтень жов кастрычніка οκτωβριου οκτ اكتوبر",
            "november nov novembar novembra novembre noviembre novembro noiembrie noi nentor studeni studenoga stu "
            "marraskuuta kasim kas listopadu новембар новембра ноември нов ноября ноябрь ноя листопада листопад "
            "лістапада νοεμβριου νοε نوفمبر",
            "december dec decembar decembra decembre diciembre dic dicembre dezembro dez dezember decembrie desember "
            "des desembre dhjetor grudnia grudzien gru prosinac prosinca prosinec prosince pro joulukuuta aralik ara "
            "децембар децембра декември дец дек декабря декабрь грудня грудень гру снежня δεκεμβριου δεκ ديسمبر",
        ),
        1,
    )
    for name in names.split()
}
"""Folded names and abbreviations, each of one month alone."""

DISPUTED = {
    "listopad": {"Zagreb": 10, "Sarajevo": 10, "Warsaw": 11, "Prague": 11},
    "listopada": {"Zagreb": 10, "Sarajevo": 10, "Warsaw": 11},
    "lis": {"Zagreb": 10, "Sarajevo": 10, "Warsaw": 11, "Prague": 11},
    "lip": {"Zagreb": 6, "Sarajevo": 6, "Warsaw": 7},
    "srp": {"Zagreb": 7, "Sarajevo": 7, "Prague": 8},
}
"""Names that two languages give to different months: the outlet's zone tells which, and without it nothing does."""

REGIONS = {"et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles"}
"""Zones that go by one name the whole year."""

MONTH_FIRST = frozenset(
    f"America/{city}" for city in ("New_York", "Chicago", "Denver", "Los_Angeles", "Phoenix", "Detroit", "Anchorage")
) | {"Pacific/Honolulu", "Asia/Manila"}
"""Outlets that write 07/08/2023 for the eighth of July."""

CLOCK = re.compile(
    r"(?<![\d:+-])(?P<hour>\d{1,2})"
    r"(?:[:h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?(?![\d:])|(?<!\.\d)(?<!\.\d\d)(?=\s?[ap]\.?m\b))"
    r"(?:\s?(?P<half>[ap])\.?m\b\.?)?",
    re.IGNORECASE,
)
DOTTED_CLOCK = re.compile(
    r"(?<![\d.])(?P<hour>\d{1,2})\.(?P<minute>\d{2})(?P<second>)(?P<part>)"
    r"(?:\s?(?P<half>[ap])\.?m\b\.?|(?=\s*(?:uhr|h\b|hrs|sat|čas|час|сат|[A-Z]{3,4}\b|$)))",
    re.IGNORECASE,
)
UNTIL = re.compile(r"\s*(?:->|[>→])\s*\d{1,2}[:.]\d{2}(?!\d)")  # 15:07 -> 17:22: published, then updated
COMPACT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?(?!\d)")
OFFSET = re.compile(
    r"\s*\(?(?:\b(?:utc|gmt)\s?)?(?P<sign>[+\u2212-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?(?![\d:])\)?"
    r"(?:\s*[\[(][^\])]*[\])])?",
    re.IGNORECASE,
)
REGION = re.compile(r"\s*[\[(]?\b([A-Z][a-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?)\b[\])]?")
ABBREVIATION = re.compile(r"\s*\(?(?<![A-Za-z])([A-Z]{1,5}|utc|gmt|z)\b\)?")
YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})(?!\d)")
EITHER_FIRST = re.compile(r"(?<!\d)(\d{1,2})([/-])(\d{1,2})\2(\d{4})(?!\d)")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAY = re.compile(rf"\b({'|'.join(WEEKDAYS)})", re.IGNORECASE)
DAY_NAMED = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er)?[.\s,º-]{0,3}(?:de |di |d')?([^\W\d_]{3,14})[.\s,'’-]{0,3}(?:de |del )?"
    r"(\d{4}|\d{2})(?!\d)"
)
YEAR_NAMED = re.compile(r"(?<!\d)(\d{4})[.,\s-]{1,3}([^\W\d_]{3,14})[.\s-]{1,3}(\d{1,2})(?!\d)")
MONTH_NAMED = re.compile(r"(?<![^\W\d_])([^\W\d_]{3,14})[.\s-]{0,2}(\d{1,2})(?:st|nd|rd|th)?[.,\s-]{1,3}(\d{4})(?!\d)")


def published(text: str | None, zone: str | None = None, *, seen_at: datetime | None = None) -> Published | None:
    """Return when the publisher's *text* says that an article appeared; None where it says nothing that can be read.

    The zone is the one in the text, else the outlet's IANA *zone*, else none: the
    instant is then naive.  A date alone is midnight, with the precision of a day.
    An article cannot appear after it was seen: a date that lies further ahead of
    *seen_at* than clocks and unknown zones explain is clamped to it, and flagged.
    """
    if not text or len(text) > LONGEST:
        return None
    plain = " ".join(_plain(unicodedata.normalize("NFKC", text)).split())
    found = _counted(plain)
    if found is None:
        try:
            found = _read(plain, zone)
        except (ValueError, OverflowError):
            return None
    return None if found is None else _clamped(replace(found, raw=text), seen_at)


def _clamped(found: Published, seen_at: datetime | None) -> Published:
    """Return *found*, or *seen_at* in its place where it cannot have been yet."""
    sure = found.zone_source in (ZoneSource.EXPLICIT, ZoneSource.OUTLET)
    if seen_at is None or found.instant() - seen_at <= (SKEW if sure else FURTHEST):
        return found
    return Published(at=seen_at, zone_source=ZoneSource.ASSUMED, raw=found.raw, clamped=True)


def _plain(text: str) -> str:
    """Return *text* with its words for year, month, day, morning and afternoon as signs that all can read."""
    text = re.sub(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]", r"\1-\2-\3 ", text)
    text = re.sub(r"(\d{1,2}) tháng (\d{1,2}),? (?:năm )?(\d{4})", r"\3-\2-\1", text, flags=re.IGNORECASE)
    text = re.sub(r"(\d{1,2})[時时시]\s?(\d{1,2})[分분]", lambda m: f"{m[1]}:{int(m[2]):02}", text)
    text = re.sub(r"(?<!\d)(\d{1,2})\sh\s(\d{2})(?!\d)", r"\1:\2", text)
    text = re.sub(r"(午前|上午|오전)\s?(\d{1,2}:\d{2}(?::\d{2})?)", r"\2 am", text)
    text = re.sub(r"(午後|下午|오후)\s?(\d{1,2}:\d{2}(?::\d{2})?)", r"\2 pm", text)
    return re.sub(
        r"(?<=\d)\s?(?:(?P<am>a\.\s?m\b\.?|π\.?\s?μ\b\.?|ص(?!\w)|PD\b)|(?:p\.\s?m\b\.?|μ\.?\s?μ\b\.?|م(?!\w)|MD\b))",
        lambda match: " am" if match["am"] else " pm",
        text,
    )


def _counted(text: str) -> Published | None:
    """Return the instant that *text* counts to in Unix seconds or milliseconds."""
    whole, _, part = text.partition(".")
    if not whole.isdecimal() or len(whole) not in (9, 10, 13) or not (part.isdecimal() or part == ""):
        return None
    seconds = int(whole[:10])
    if seconds not in EPOCHS:
        return None
    return Published(at=datetime.fromtimestamp(seconds, UTC), zone_source=ZoneSource.ASSUMED)


def _read(text: str, zone: str | None) -> Published | None:
    text = COMPACT.sub(_spread, text)
    clock = CLOCK.search(text) or DOTTED_CLOCK.search(text)
    offset, end = (None, 0) if clock is None else _zone_at(text, clock.end())
    rest = text if clock is None else f"{text[: clock.start()]} {UNTIL.sub('', text[max(end, clock.end()) :], 1)}"
    found = _day(rest, zone)
    if found is None:
        return None
    day, left = found
    if any(character.isdigit() for character in left):
        return None
    local = day if clock is None else day + _time_of_day(clock)
    precision = Precision.DAY if clock is None else Precision.SECOND if clock["second"] else Precision.MINUTE
    at, source = _placed(local, offset, zone)
    if at.year not in YEARS:
        return None
    return Published(at=at, precision=precision, zone_source=source)


def _spread(match: re.Match[str]) -> str:
    year, month, day, hour, minute, second = match.groups()
    clock = "" if hour is None else f"T{hour}:{minute}" + (f":{second}" if second else "")
    return f"{year}-{month}-{day}{clock}"


def _time_of_day(clock: re.Match[str]) -> timedelta:
    """Return how long after midnight; 24:00 is the next midnight (ISO 8601), a leap second the one before it."""
    hour, minute, second = int(clock["hour"]), int(clock["minute"] or 0), int(clock["second"] or 0)
    if clock["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no such hour on a clock of twelve")
        hour = hour % 12 + (12 if clock["half"] in "pP" else 0)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        raise ValueError("no such time of day")
    micros = int((clock["part"] or "")[:6].ljust(6, "0"))
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59), microseconds=micros)


def _zone_at(text: str, start: int) -> tuple[timedelta | str | None, int]:
    """Return the offset, region or abbreviation that stands in *text* at *start*, and where it ends."""
    if (match := OFFSET.match(text, start)) is not None:
        ahead = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
        if ahead > timedelta(hours=14) or int(match["minutes"] or 0) > 59:
            raise ValueError("no such offset")
        return (ahead if match["sign"] == "+" else -ahead), match.end()
    if (match := REGION.match(text, start)) is not None:
        return match[1], match.end()
    if (match := ABBREVIATION.match(text, start)) is not None and match[1].lower() in HOURS_AHEAD | REGIONS:
        return match[1].lower(), match.end()
    return None, start


def _day(text: str, zone: str | None) -> tuple[datetime, str] | None:
    """Return the midnight that *text* names, and what is left of it."""
    months = _months(zone)
    if (match := YEAR_FIRST.search(text)) is not None:
        year, month, day = map(int, match.groups())
    elif (match := DAY_FIRST.search(text)) is not None:
        day, month, year = int(match[1]), int(match[2]), _full(match[3])
    elif (match := EITHER_FIRST.search(text)) is not None:
        year = int(match[4])
        day, month = _which_is_the_month(match, text, zone)
    elif (match := _named(YEAR_NAMED, text, 2, months)) is not None:
        day, month, year = int(match[3]), months[_folded(match[2])], int(match[1])
    elif (match := _named(DAY_NAMED, text, 2, months)) is not None:
        day, month, year = int(match[1]), months[_folded(match[2])], _full(match[3])
    elif (match := _named(MONTH_NAMED, text, 1, months)) is not None:
        day, month, year = int(match[2]), months[_folded(match[1])], int(match[3])
    else:
        return None
    left = f"{text[: match.start()]} {text[match.end() :]}"
    return datetime(year, month, day), left  # noqa: DTZ001 - the zone is placed by the caller


def _named(pattern: re.Pattern[str], text: str, group: int, months: Mapping[str, int]) -> re.Match[str] | None:
    return next((match for match in pattern.finditer(text) if _folded(match[group]) in months), None)


@functools.cache
def _months(zone: str | None) -> Mapping[str, int]:
    """Return the names of months, with those in dispute as they are meant in *zone*."""
    city = (zone or "").rpartition("/")[2]
    return MONTHS | {name: meant[city] for name, meant in DISPUTED.items() if city in meant}


def _folded(word: str) -> str:
    stripped = unicodedata.normalize("NFD", word.casefold().replace("ı", "i"))
    return "".join(character for character in stripped if not unicodedata.combining(character))


def _which_is_the_month(match: re.Match[str], text: str, zone: str | None) -> tuple[int, int]:
    """Return day and month of a date such as 07/08/2023: one is not possible, or a weekday or the outlet tells."""
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    readings = {(first, second), (second, first)}
    possible = {(day, month) for day, month in readings if month <= 12}
    if len(possible) > 1 and (weekday := WEEKDAY.search(text)) is not None:
        name = weekday[1].lower()
        possible = {(d, m) for d, m in possible if WEEKDAYS[datetime(year, m, d).weekday()] == name}  # noqa: DTZ001
    if len(possible) > 1 and zone is not None and (zone in MONTH_FIRST or not zone.startswith("America/")):
        possible = {(second, first) if zone in MONTH_FIRST else (first, second)}
    if len(possible) != 1:
        raise ValueError("either number may be the month")
    return possible.pop()


def _full(year: str) -> int:
    """Return *year* with its century, as RFC 5322 section 4.3 completes two digits."""
    return int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 50 else 1900)


def _placed(local: datetime, offset: timedelta | str | None, zone: str | None) -> tuple[datetime, ZoneSource]:
    """Return *local* in its zone, and how that zone is known.

    An hour that the outlet's clocks skip or strike twice is assumed to be counted as before the change (RFC 5545,
    section 3.3.5).
    """
    if isinstance(offset, timedelta):
        return local.replace(tzinfo=_named_offset(offset)), ZoneSource.EXPLICIT
    outlet = _zone(zone)
    if offset is not None and (region := _zone(REGIONS.get(offset, offset if "/" in offset else None))) is not None:
        return _fixed(local, region), ZoneSource.EXPLICIT
    if offset in HOURS_AHEAD:
        if outlet is not None and offset == (local.replace(tzinfo=outlet).tzname() or "").lower():
            return _fixed(local, outlet), ZoneSource.EXPLICIT
        source = ZoneSource.ASSUMED if offset in SHARED else ZoneSource.EXPLICIT
        return local.replace(tzinfo=_named_offset(timedelta(hours=HOURS_AHEAD[offset]))), source
    if outlet is None:
        return local, ZoneSource.NONE
    once = local.replace(tzinfo=outlet).utcoffset() == local.replace(tzinfo=outlet, fold=1).utcoffset()
    return _fixed(local, outlet), ZoneSource.OUTLET if once else ZoneSource.ASSUMED


def _zone(zone: str | None) -> ZoneInfo | None:
    try:
        return None if zone is None else ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _fixed(local: datetime, zone: ZoneInfo) -> datetime:
    """Return *local* with the offset that *zone* had then; whole minutes, for RFC 3339 knows no seconds there."""
    offset = local.replace(tzinfo=zone).utcoffset() or timedelta(0)
    return local.replace(tzinfo=_named_offset(timedelta(minutes=offset // timedelta(minutes=1))))


def _named_offset(offset: timedelta) -> timezone:
    return timezone(offset) if offset else UTC
