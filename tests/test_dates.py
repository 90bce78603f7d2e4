"""What a publisher's date text says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.dates import DISPUTED, MONTHS, published
from monitor.model import Precision, ZoneSource
from tests.bench import dates as bench

BELGRADE = "Europe/Belgrade"
EARLIEST, LATEST = datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2199-12-31")


@pytest.mark.parametrize(
    ("text", "at", "precision", "source"),
    [
        ("Sat, 08 Jul 2023 15:07:00 +0200", "2023-07-08T15:07:00+02:00", "second", "explicit"),
        ("Sat, 08 Jul 2023 15:07:00 +02:00", "2023-07-08T15:07:00+02:00", "second", "explicit"),
        ("Sat, 8 Jul 2023 15:07 GMT", "2023-07-08T15:07:00+00:00", "minute", "explicit"),
        ("Sat, 08 Jul 23 15:07:00 EST", "2023-07-08T15:07:00-05:00", "second", "explicit"),
        ("08 Jul 99 15:07:00 -0000", "1999-07-08T15:07:00+00:00", "second", "explicit"),
        ("Sat, 08 Jul 2023 15:07:00 CEST", "2023-07-08T15:07:00+02:00", "second", "explicit"),
        ("Sat, 08 Jul 2023 15:07:00 MSK", "2023-07-08T15:07:00+03:00", "second", "explicit"),
        ("Sat, 08 Jul 2023 15:07:00 BST", "2023-07-08T15:07:00+01:00", "second", "assumed"),
        ("Sat, 08 Jul 2023 15:07:00 IST", "2023-07-08T15:07:00+05:30", "second", "assumed"),
        ("Sat, 08 Jul 2023 15:07:00 XQZ", "2023-07-08T15:07:00", "second", "none"),
        ("Tue, 15 Nov 2022 20:15:04 Z", "2022-11-15T20:15:04+00:00", "second", "explicit"),
        ("2023-07-08T13:07:00Z", "2023-07-08T13:07:00+00:00", "second", "explicit"),
        ("2023-07-08T15:07:00.123+02:00", "2023-07-08T15:07:00.123000+02:00", "second", "explicit"),
        ("2023-07-08T15:07+02:00", "2023-07-08T15:07:00+02:00", "minute", "explicit"),
        ("2023-07-08T15:07:00+02:00[Europe/Belgrade]", "2023-07-08T15:07:00+02:00", "second", "explicit"),
        ("2023-07-08 15:07:00", "2023-07-08T15:07:00", "second", "none"),
        ("2023-07-08T5:07:00-05:00", "2023-07-08T05:07:00-05:00", "second", "explicit"),
        ("20230708T150700Z", "2023-07-08T15:07:00+00:00", "second", "explicit"),
        ("20230708", "2023-07-08T00:00:00", "day", "none"),
        ("2023-07-08", "2023-07-08T00:00:00", "day", "none"),
        ("2023/7/8 15:07", "2023-07-08T15:07:00", "minute", "none"),
        ("2023-07-08T24:00:00Z", "2023-07-09T00:00:00+00:00", "second", "explicit"),
        ("2023-07-08T23:59:60Z", "2023-07-08T23:59:59+00:00", "second", "explicit"),
        ("Saturday, July 8, 2023 | 15:07", "2023-07-08T15:07:00", "minute", "none"),
        ("Sat, Jul 8 2023 03:07:09 PM", "2023-07-08T15:07:09", "second", "none"),
        ("July 8th, 2023 at 12:07 a.m.", "2023-07-08T00:07:00", "minute", "none"),
        ("July 8, 2023 at 3 PM EDT", "2023-07-08T15:00:00-04:00", "minute", "explicit"),
        ("Sat 8 Jul 2023 15.07 BST", "2023-07-08T15:07:00+01:00", "minute", "assumed"),
        ("Sat Jul  8 15:07:00 CEST 2023", "2023-07-08T15:07:00+02:00", "second", "explicit"),
        (
            "Sat Jul 08 2023 15:07:00 GMT+0200 (Central European Summer Time)",
            "2023-07-08T15:07:00+02:00",
            "second",
            "explicit",
        ),
        ("2023-07-08 15:07 UTC+2", "2023-07-08T15:07:00+02:00", "minute", "explicit"),
        ("8 July 2023 15:07 Europe/Belgrade", "2023-07-08T15:07:00+02:00", "minute", "explicit"),
        ("Subota, 8. jul 2023. | 15:07", "2023-07-08T15:07:00", "minute", "none"),
        ("8.7.2023. u 15:07h", "2023-07-08T15:07:00", "minute", "none"),
        ("08.07.23 15:07", "2023-07-08T15:07:00", "minute", "none"),
        ("8. август 2023, 15:07", "2023-08-08T15:07:00", "minute", "none"),
        ("8 мая 2023 г.", "2023-05-08T00:00:00", "day", "none"),
        ("le 8 août 2023 à 15h07", "2023-08-08T15:07:00", "minute", "none"),
        ("8. März 2023, 15.07 Uhr", "2023-03-08T15:07:00", "minute", "none"),
        ("8 de julio de 2023", "2023-07-08T00:00:00", "day", "none"),
        ("2023年7月8日 15時7分", "2023-07-08T15:07:00", "minute", "none"),
        ("Fri, 05/03/2019 - 15:21", "2019-05-03T15:21:00", "minute", "none"),
        ("07/25/2023", "2023-07-25T00:00:00", "day", "none"),
        ("Sat, 08 Jul 2023 15:07:00 AEST", "2023-07-08T15:07:00+10:00", "second", "explicit"),
        ("July 8, 2023 3:07 pm ET", "2023-07-08T15:07:00-04:00", "minute", "explicit"),
        ("8th July 2023 3.07pm", "2023-07-08T15:07:00", "minute", "none"),
        ("8 de julio de 2023 3:07 p. m.", "2023-07-08T15:07:00", "minute", "none"),
        ("8 Ιουλ 2023 3:07 μ.μ.", "2023-07-08T15:07:00", "minute", "none"),
        ("8 يوليو 2023 3:07 م", "2023-07-08T15:07:00", "minute", "none"),
        ("8 juillet 2023 à 15 h 07", "2023-07-08T15:07:00", "minute", "none"),
        ("8.7.2023. u 15.07 časova", "2023-07-08T15:07:00", "minute", "none"),
        ("8.7.2023. | 15:07 -> 17:22", "2023-07-08T15:07:00", "minute", "none"),
        ("2023. július 8. 15:07", "2023-07-08T15:07:00", "minute", "none"),
        ("8 tháng 7, 2023", "2023-07-08T00:00:00", "day", "none"),
        ("8 листопада 2023", "2023-11-08T00:00:00", "day", "none"),
        ("8. srpnja 2023.", "2023-07-08T00:00:00", "day", "none"),
        ("07-25-2023", "2023-07-25T00:00:00", "day", "none"),
        ("1688821620.5", "2023-07-08T13:07:00+00:00", "second", "assumed"),
        ("1688821620", "2023-07-08T13:07:00+00:00", "second", "assumed"),
        ("1688821620000", "2023-07-08T13:07:00+00:00", "second", "assumed"),
    ],
)
def test_a_date_is_read_as_its_publisher_meant_it(text, at, precision, source):
    found = published(text)
    assert found is not None
    assert (found.at.isoformat(), found.precision, found.zone_source) == (at, precision, source)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "yesterday", "12:30", "July", "2023", "2023-07", "July 2023", "08 July", "8-10 July 2023"),
        *("2023-02-31", "31 Feb 2023", "Mon, 32 Jul 2023", "2023-13-01", "Sat, 08 Jul 2023 25:07:00 GMT"),
        *("2023-07-08T15:60:00Z", "2023-07-08T24:07:00Z", "2023-07-08T15:07:00+25:00", "8 July 2023 13:07 PM"),
        *("0001-01-01T00:00:00Z", "0000-00-00 00:00:00", "1", "123456789", "99999999999999999999", "07/08/2023"),
        *("07-08-2023", "8 lis 2023", "8. srp 2023", "1688821620.x"),
        *("Wed, 07/08/2023", "8 listopada 2023", "9999-12-31T23:59:59-12:00", "July 8, 2023 " + "x" * 200),
    ],
)
def test_what_cannot_be_or_cannot_be_told_is_no_date(text):
    assert published(text) is None


def test_no_text_is_no_date():
    assert published(None) is None


@pytest.mark.parametrize(
    ("text", "zone", "at", "source"),
    [
        ("Saturday, July 8, 2023 | 15:07", BELGRADE, "2023-07-08T15:07:00+02:00", "outlet"),
        ("January 8, 2023 | 15:07", BELGRADE, "2023-01-08T15:07:00+01:00", "outlet"),
        ("2023-07-08", BELGRADE, "2023-07-08T00:00:00+02:00", "outlet"),
        ("2023-07-08T13:07:00Z", BELGRADE, "2023-07-08T13:07:00+00:00", "explicit"),
        ("Sat, 08 Jul 2023 15:07 IST", "Europe/Dublin", "2023-07-08T15:07:00+01:00", "explicit"),
        ("Sat, 08 Jul 2023 15:07 CST", "Asia/Shanghai", "2023-07-08T15:07:00+08:00", "explicit"),
        ("Sat, 08 Jul 2023 15:07 CST", "America/Chicago", "2023-07-08T15:07:00-06:00", "assumed"),
        ("2023-07-08 15:07 Nowhere/Atall", BELGRADE, "2023-07-08T15:07:00+02:00", "outlet"),
        ("2023-07-08 15:07", "Nowhere/Atall", "2023-07-08T15:07:00", "none"),
        ("2023-07-08 15:07", "../etc/passwd", "2023-07-08T15:07:00", "none"),
        ("07/08/2023", BELGRADE, "2023-08-07T00:00:00+02:00", "outlet"),
        ("07/08/2023", "America/New_York", "2023-07-08T00:00:00-04:00", "outlet"),
        ("07-08-2023", "America/New_York", "2023-07-08T00:00:00-04:00", "outlet"),
        ("8. listopada 2023.", "Europe/Zagreb", "2023-10-08T00:00:00+02:00", "outlet"),
        ("8 listopada 2023", "Europe/Warsaw", "2023-11-08T00:00:00+01:00", "outlet"),
        ("8. srp 2023", "Europe/Zagreb", "2023-07-08T00:00:00+02:00", "outlet"),
        ("8. srp 2023", "Europe/Prague", "2023-08-08T00:00:00+02:00", "outlet"),
        ("2023-03-26 02:30", BELGRADE, "2023-03-26T02:30:00+01:00", "assumed"),
        ("2023-10-29 02:30", BELGRADE, "2023-10-29T02:30:00+02:00", "assumed"),
        ("2023-10-29 02:30 CET", BELGRADE, "2023-10-29T02:30:00+01:00", "explicit"),
        ("1930-07-08 12:00", "Europe/Amsterdam", "1930-07-08T12:00:00+01:19", "outlet"),
    ],
)
def test_the_zone_is_the_text_s_own_or_else_the_outlet_s(text, zone, at, source):
    found = published(text, zone)
    assert found is not None
    assert (found.at.isoformat(), found.zone_source) == (at, source)


def test_no_name_in_dispute_between_two_languages_is_read_without_a_zone():
    assert not MONTHS.keys() & DISPUTED.keys()


MONTHS_BY_LANGUAGE = {
    "sr": "januara februara marta aprila maja juna jula avgusta septembra oktobra novembra decembra",
    "bs": "januar februar mart april maj juni juli august septembar oktobar novembar decembar",
    "hr": "siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna - studenoga prosinca",
    "sr-Cyrl": "јануар фебруар март април мај јун јул август септембар октобар новембар децембар",
    "mk": "јануари февруари март април мај јуни јули август септември октомври ноември декември",
    "bg": "януари февруари март април май юни юли август септември октомври ноември декември",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "sl": "januarja februarja marca aprila maja junija julija avgusta septembra oktobra novembra decembra",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października - grudnia",
    "cs": "ledna února března dubna května června července srpna září října listopadu prosince",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "ro": "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "hu": "január február március április május június július augusztus szeptember október november december",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "el": "Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου Σεπτεμβρίου Οκτωβρίου Νοεμβρίου "
    "Δεκεμβρίου",
    "sq": "janar shkurt mars prill maj qershor korrik gusht shtator tetor nëntor dhjetor",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "da": "januar februar marts april maj juni juli august september oktober november december",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}


@pytest.mark.parametrize("names", MONTHS_BY_LANGUAGE.values(), ids=MONTHS_BY_LANGUAGE)
def test_the_months_of_a_language_are_read(names):
    for month, name in enumerate(names.split(), 1):
        if name != "-":
            found = published(f"8. {name} 2023. 15:07")
            assert found is not None, name
            assert found.at == datetime(2023, month, 8, 15, 7), name  # noqa: DTZ001


SEEN = datetime(2023, 7, 8, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "clamped"),
    [
        ("2023-07-08T12:10:00Z", None, False),
        ("2023-07-08T12:10:01Z", None, True),
        ("2023-07-08T14:10:00+02:00", None, False),
        ("2023-07-08 14:20", BELGRADE, True),
        ("2023-07-09 02:00", None, False),
        ("2023-07-09 02:00:01", None, True),
        ("2023-07-09", BELGRADE, True),
        ("2023-07-08", BELGRADE, False),
        ("1688821620", None, False),
        ("2033-07-08T12:00:00Z", None, True),
    ],
)
def test_what_lies_further_ahead_than_clocks_and_zones_explain_is_clamped_to_the_first_sight(text, zone, clamped):
    found = published(text, zone, seen_at=SEEN)
    assert found is not None
    assert (found.clamped, found.raw) == (clamped, text)
    if clamped:
        assert (found.at, found.precision, found.zone_source) == (SEEN, Precision.SECOND, ZoneSource.ASSUMED)


def test_without_a_first_sight_nothing_is_clamped():
    found = published("2033-07-08T12:00:00Z")
    assert found is not None
    assert (found.at.year, found.clamped) == (2033, False)


def test_an_outlet_in_a_zone_where_both_orders_are_usual_leaves_a_slashed_date_unread():
    assert published("07/08/2023", "America/Toronto") is None


def test_of_twenty_five_dates_as_publishers_write_them_all_are_right_or_flagged():
    *dates, total = bench.rows().rows
    assert [row for row in dates if str(row[2]).startswith("wrong")] == []
    assert total[2] == len(dates) == 25


@given(st.text(max_size=130), st.sampled_from([None, BELGRADE]))
def test_no_text_whatever_raises(text, zone):
    published(text, zone)


@given(st.datetimes(min_value=EARLIEST, max_value=LATEST), st.integers(-720, 840))
def test_every_instant_in_rfc_3339_comes_back_as_it_was(local, minutes):
    sign, ahead = "-" if minutes < 0 else "+", abs(minutes)
    found = published(f"{local.isoformat()}{sign}{ahead // 60:02}:{ahead % 60:02}")
    assert found is not None
    assert found.at.replace(tzinfo=None) == local
    assert found.zone_source is ZoneSource.EXPLICIT
    assert found.instant().tzinfo is UTC


@given(st.dates(min_value=EARLIEST.date(), max_value=LATEST.date()))
def test_every_day_written_the_papers_way_is_midnight_of_that_day(day):
    found = published(day.strftime("%A, %B %-d, %Y"), BELGRADE)
    assert found is not None
    assert found.at.date() == day
    assert found.precision is Precision.DAY
