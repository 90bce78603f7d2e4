"""What a publisher does to articles that it has listed before: edits them, drops them, changes all their ids."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape

import pytest
from sqlalchemy import text

from monitor.alerts.decide import MOST_UPDATES
from monitor.articles.edits import MOST_CORRECTIONS
from monitor.model import ChangeKind, ChannelId, Scheme
from monitor.poll import Visit
from monitor.rules.load import load
from monitor.store import Store
from tests import prose
from tests.build import NOON, feed
from tests.flows.bench import Bench
from tests.serving import Publisher, Reply

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
RULES = """
version: 1
rules:
  - {id: floods, title: Floods, match: flood}
  - {id: every-river, title: Every river, match: river, story: every, notify: [night]}
  - {id: dams, title: Dams, match: dam}
"""
TOPICS = (
    ("Flood in the old town", "Cellars near the market are under water."),
    ("Council votes on taxes", "Nine members were in favour of the plan."),
    ("Bridge opens for lorries", "Engineers had tested it with sandbags."),
    ("Teachers end their strike", "Lessons begin again on Monday morning."),
    ("Frost harms the orchards", "Growers expect half of last year's apples."),
    ("Port orders three cranes", "They come by ship from the north."),
)


@dataclass(frozen=True, kw_only=True)
class Item:
    guid: str
    link: str
    headline: str
    text: str
    at: datetime | None = NOON - HOUR


ITEMS = tuple(
    Item(guid=f"g{n}", link=f"http://gazette.example/news/{n}", headline=headline, text=said)
    for n, (headline, said) in enumerate(TOPICS)
)


def rss(*items: Item) -> str:
    listed = "".join(
        f"<item><title>{escape(each.headline)}</title><link>{each.link}</link>"
        f"<guid isPermaLink='false'>{each.guid}</guid><description>{escape(each.text)}</description>"
        + (f"<pubDate>{format_datetime(each.at)}</pubDate>" if each.at else "")
        + "</item>"
        for each in items
    )
    return f'<rss version="2.0"><channel><title>Gazette</title><link>http://gazette.example/</link>{listed}</channel></rss>'


class Paper(Bench):
    """A paper that prints, and is read by hand at times that the test says."""

    def __init__(self, store: Store, publisher: Publisher) -> None:
        super().__init__(store, publisher)
        rules = load({"rules/x.yaml": RULES}, channels=[ChannelId("desk"), ChannelId("night")])
        self.watch = replace(self.watch, rules=rules)
        self.hours = 0

    def prints(self, *items: Item, other: str = "/feed.xml") -> Visit:
        """Publish *items* and read them, an hour after the last time."""
        self.publisher.publish(other, rss(*items))
        at = NOON + self.hours * HOUR
        self.hours += 1
        return self.poll(at)

    def changes(self) -> list[tuple[str, dict[str, object]]]:
        """Return what is written down of changes, in the order of their time."""
        with self.store.engine.connect() as connection:
            rows = connection.execute(text("SELECT kind, fields FROM change ORDER BY at, id"))
            return [(row.kind, json.loads(row.fields)) for row in rows]

    def article(self, headline: str) -> object:
        with self.store.reading() as tx:
            (found,) = [each for each in tx.articles.since(NOON - DAY) if each.headline == headline]
        return found


@pytest.fixture
def paper(store: Store) -> Iterator[Paper]:
    with Publisher() as publisher:
        yield Paper(store, publisher)


def told(visit: Visit) -> list[tuple[str, str]]:
    """Return rule and kind of each alert."""
    return sorted((alert.rule_id, "updated" if alert.revision else "raised") for alert in visit.alerts)


def kinds(visit: Visit) -> list[ChangeKind]:
    return sorted(change.kind for change in visit.changes)


# ------------------------------------------------------------------ edits


FLOOD = replace(ITEMS[0], text="The river rose. The flood hurt four people. Help came.")


def test_an_edit_of_what_matched_is_an_alert_of_its_own_that_says_what_was_there_before(paper: Paper) -> None:
    assert told(paper.prints(FLOOD)) == [("every-river", "raised"), ("floods", "raised")]
    visit = paper.prints(replace(FLOOD, text="The river rose. The flood hurt five people. Help came."))
    assert (kinds(visit), visit.fresh, told(visit)) == ([ChangeKind.CORRECTED], (), [("floods", "updated")])
    assert visit.folded == {"edited, but not what matched": 1}
    assert paper.changes() == [("corrected", {"lede": FLOOD.text})]
    with paper.store.reading() as tx:
        letters = [row for row in tx.outbox.list(channel="desk") if row.type == "alert.updated"]
        (row,) = tx.alerts.find(visit.alerts[0].id)
    assert len(letters) == 1
    assert row.data["change"] == {"kind": "corrected", "fields": ["lede"], "before": {"lede": FLOOD.text}}
    assert "five people" in row.data["article"]["lede"]


def test_an_edited_article_keeps_its_id_its_story_and_when_it_was_first_seen(paper: Paper) -> None:
    (was,) = paper.prints(FLOOD).fresh
    paper.prints(replace(FLOOD, headline="Flood in town", text="The dam broke."))
    with paper.store.reading() as tx:
        now = tx.articles.find(was.id)
        assert tx.articles.count() == 1
    assert now is not None
    assert (now.headline, now.lede) == ("Flood in town", "The dam broke.")
    assert (now.story, now.seen_at, now.url) == (was.story, was.seen_at, was.url)


def test_a_rule_that_holds_only_since_the_edit_raises_its_alert(paper: Paper) -> None:
    paper.prints(FLOOD)
    visit = paper.prints(replace(FLOOD, text=f"{FLOOD.text} A dam broke."))
    assert told(visit) == [("dams", "raised")]


def test_commas_quotes_and_capitals_are_no_edit(paper: Paper) -> None:
    paper.prints(FLOOD)
    visit = paper.prints(replace(FLOOD, text="The river rose: the \u201cflood\u201d hurt FOUR people; help came"))
    assert (visit.changes, visit.alerts) == ((), ())
    assert paper.changes() == []


def test_an_edit_that_is_taken_back_and_made_again_is_told_once(paper: Paper) -> None:
    other = replace(FLOOD, text=FLOOD.text.replace("four", "five"))
    paper.prints(FLOOD)
    heard = [told(paper.prints(item)) for item in (other, FLOOD, other, FLOOD, other)]
    assert heard == [[("floods", "updated")], [("floods", "updated")], [], [], []]
    assert len(paper.changes()) == 2


def test_a_rule_tells_of_five_updates_of_an_article_and_rests(paper: Paper) -> None:
    paper.prints(FLOOD)
    texts = [FLOOD.text.replace("four", str(n)) for n in range(10, 18)]
    heard = [told(paper.prints(replace(FLOOD, text=said))) for said in texts]
    assert [len(each) for each in heard] == [1] * MOST_UPDATES + [0] * 3


def test_a_counter_in_the_text_is_written_down_only_so_often_and_goes_on_being_read(paper: Paper) -> None:
    paper.prints(FLOOD)
    paper.hours = 0
    for n in range(MOST_CORRECTIONS + 3):
        paper.prints(replace(FLOOD, text=f"{FLOOD.text} Readers: {n}."))
        paper.hours = 0
    assert len(paper.changes()) == MOST_CORRECTIONS
    visit = paper.prints(replace(FLOOD, text=f"{FLOOD.text} A dam broke."))
    assert (visit.changes, told(visit)) == ((), [("dams", "raised")])


def test_an_old_article_is_corrected_in_silence(paper: Paper) -> None:
    old = replace(FLOOD, at=NOON - 2 * DAY)
    assert paper.prints(old).alerts == ()
    visit = paper.prints(replace(old, text="The flood broke a dam at the river."))
    assert (kinds(visit), visit.alerts) == ([ChangeKind.CORRECTED], ())
    assert visit.folded == {"older than alert_new_within (24 h)": 3}


def test_an_undated_article_of_a_first_poll_that_is_edited_days_later_is_corrected_in_silence(paper: Paper) -> None:
    undated = replace(FLOOD, at=None)
    paper.prints(undated)
    paper.hours = 25
    assert paper.prints(replace(undated, text="The flood broke a dam at the river.")).alerts == ()


def test_an_id_that_changes_with_every_edit_is_still_an_edit(paper: Paper) -> None:
    """Some publishers write a version into the id."""
    paper.prints(FLOOD)
    visit = paper.prints(replace(FLOOD, guid="g0#1", text=FLOOD.text.replace("four", "five")))
    assert (visit.fresh, told(visit)) == ((), [("floods", "updated")])
    visit = paper.prints(replace(FLOOD, guid="g0#2", text=FLOOD.text.replace("four", "five")))
    assert (visit.fresh, visit.changes, visit.alerts) == ((), (), ())


def test_a_paper_that_carries_another_s_page_with_a_text_of_its_own_corrects_nothing(paper: Paper) -> None:
    paper.prints(FLOOD)
    gazette = paper.feed
    courier = feed("courier", url=paper.publisher.url("/other.xml"), allow_private=True)
    with paper.store.transaction() as tx:
        tx.feeds.take_up([gazette, courier])
    for n in range(3):
        paper.feed = courier
        visit = paper.prints(replace(FLOOD, text=f"In short: water {n}."), other="/other.xml")
        assert (visit.changes, visit.alerts) == ((), ())
        paper.feed = gazette
        assert paper.prints(FLOOD, ITEMS[1 + n]).changes == ()
    assert paper.changes() == []


# ------------------------------------------------------------------ ids


def test_a_paper_that_numbers_what_it_lists_is_told_by_addresses(paper: Paper) -> None:
    """Its newest item is number 1, whatever it was before."""

    def numbered(*items: Item) -> list[Item]:
        return [replace(each, guid=str(n)) for n, each in enumerate(items, start=1)]

    paper.prints(*numbered(*ITEMS[:4]))
    news = replace(ITEMS[0], link="http://gazette.example/news/9", headline="Harbour shut", text="The flood is back.")
    visit = paper.prints(*numbered(news, *ITEMS[:4]))
    assert [each.headline for each in visit.fresh] == ["Harbour shut"]
    assert (told(visit), visit.changes) == ([("floods", "raised")], ())
    assert paper.prints(*numbered(news, *ITEMS[:4])).fresh == ()
    with paper.store.reading() as tx:
        assert tx.articles.count() == 5


def test_an_address_that_is_given_to_other_news_names_another_article(paper: Paper) -> None:
    def warning(n: int, headline: str, said: str) -> Item:
        return Item(guid=f"w{n}", link="http://gazette.example/warning", headline=headline, text=said)

    assert told(paper.prints(warning(1, "Flood expected tonight", "Stay away from the market."))) == [
        ("floods", "raised")
    ]
    visit = paper.prints(warning(2, "New flood at dawn", "Schools close until further notice."))
    assert (len(visit.fresh), told(visit), visit.changes) == (1, [("floods", "raised")], ())
    visit = paper.prints(warning(2, "New flood at dawn", "Schools close until further notice on Friday."))
    assert (visit.fresh, kinds(visit)) == ((), [ChangeKind.CORRECTED])


def test_an_article_at_a_new_address_under_its_id_is_the_same(paper: Paper) -> None:
    paper.prints(FLOOD)
    visit = paper.prints(replace(FLOOD, link="https://gazette.example/elsewhere"))
    assert (visit.fresh, visit.changes, visit.alerts) == ((), (), ())


def test_a_publisher_that_changes_all_its_ids_alerts_nobody(paper: Paper) -> None:
    first = paper.prints(*ITEMS)
    assert told(first) == [("floods", "raised")]
    visit = paper.prints(*(replace(each, guid=f"new-{each.guid}") for each in ITEMS))
    assert (visit.fresh, visit.alerts, visit.changes) == ((), (), ())


MOVED = tuple(
    replace(each, guid=f"new-{n}", link=f"https://gazette.example/{n}-{each.headline.lower().replace(' ', '-')}")
    for n, each in enumerate(ITEMS)
)


@pytest.mark.parametrize("at", [NOON - HOUR, None], ids=["dated", "undated"])
def test_a_publisher_that_changes_ids_and_addresses_together_alerts_nobody(paper: Paper, at: datetime | None) -> None:
    paper.prints()
    before = paper.prints(*(replace(each, at=at) for each in ITEMS))
    assert told(before) == [("floods", "raised")]
    visit = paper.prints(*(replace(each, at=at) for each in MOVED))
    assert (visit.fresh, visit.alerts, visit.changes) == ((), (), ())
    assert visit.rekeyed is not None
    assert visit.rekeyed.why == "rekeyed: 6 of 6 new keys name known articles"
    with paper.store.reading() as tx:
        assert tx.articles.count() == 6
    assert paper.article("Flood in the old town").url == "https://gazette.example/0-flood-in-the-old-town"


def test_after_that_the_articles_go_on_under_their_new_ids(paper: Paper) -> None:
    (was, *_) = paper.prints(*ITEMS).fresh
    paper.prints(*MOVED)
    assert (
        paper.prints(*MOVED, replace(ITEMS[1], guid="x", headline="Another", link="https://gazette.example/x")).rekeyed
        is None
    )
    visit = paper.prints(replace(MOVED[0], text="The flood broke a dam."), *MOVED[1:])
    (change,) = visit.changes
    assert change.after.id == was.id
    assert ("dams", "raised") in told(visit)


def test_the_news_among_changed_ids_are_told(paper: Paper) -> None:
    paper.prints(*ITEMS)
    news = replace(ITEMS[0], guid="n1", link="https://gazette.example/n1", headline="Flood in the harbour")
    visit = paper.prints(*MOVED, news)
    assert [each.headline for each in visit.fresh] == ["Flood in the harbour"]
    assert told(visit) == [("floods", "raised")]


def test_a_burst_of_news_is_told(paper: Paper) -> None:
    paper.prints(*ITEMS)
    burst = [
        Item(
            guid=f"b{n}",
            link=f"http://gazette.example/news/b{n}",
            headline=f"Flood reaches {name}",
            text=f"{name} is cut off.",
        )
        for n, name in enumerate(("Brod", "Kula", "Selo", "Polje", "Gora", "Luka"))
    ]
    visit = paper.prints(*burst)
    assert len(visit.alerts) == 6
    assert visit.rekeyed is not None
    assert not visit.rekeyed.articles


def test_the_first_poll_looks_for_no_changed_ids(paper: Paper) -> None:
    assert paper.prints(*ITEMS).rekeyed is None


def test_what_tells_entries_apart_is_chosen_at_the_first_poll(paper: Paper) -> None:
    same = [replace(each, guid="feed") for each in ITEMS]
    assert paper.prints(*same[:3]).visits.scheme is Scheme.LINK
    visit = paper.prints(same[0])
    assert (visit.fresh, visit.visits.scheme) == ((), Scheme.LINK)
    assert len(paper.prints(*same).fresh) == 3


# ------------------------------------------------------------------ gone and back


def test_an_article_that_comes_back_is_told_as_such_and_alerts_nobody(paper: Paper) -> None:
    paper.prints(*ITEMS)
    assert paper.prints(*ITEMS[1:]).changes == ()
    visit = paper.prints(*ITEMS)
    assert (kinds(visit), visit.fresh, visit.alerts) == ([ChangeKind.RESURFACED], (), ())
    assert paper.changes() == [("resurfaced", {})]
    paper.prints(*ITEMS[1:])
    assert paper.prints(*ITEMS).changes == ()
    paper.hours = 48
    paper.prints(*ITEMS[1:])
    assert kinds(paper.prints(*ITEMS)) == [ChangeKind.RESURFACED]


def test_an_article_that_comes_back_edited_is_both(paper: Paper) -> None:
    paper.prints(*ITEMS)
    paper.prints(*ITEMS[1:])
    visit = paper.prints(replace(ITEMS[0], text="The dam broke."), *ITEMS[1:])
    assert kinds(visit) == [ChangeKind.CORRECTED, ChangeKind.RESURFACED]
    assert told(visit) == [("dams", "raised")]


def test_after_an_empty_document_nothing_is_back(paper: Paper) -> None:
    paper.prints(*ITEMS)
    paper.prints()
    assert paper.prints(*ITEMS).changes == ()


def test_what_a_delta_leaves_out_was_not_dropped(paper: Paper) -> None:
    """RFC 3229: a server may answer with the new items alone."""
    paper.prints(*ITEMS[:4])
    paper.publisher.script("/feed.xml", Reply(status=226, body=rss(ITEMS[4]).encode(), headers={"ETag": '"delta"'}))
    paper.hours += 1
    assert len(paper.poll(NOON + paper.hours * HOUR).fresh) == 1
    visit = paper.prints(*ITEMS)
    assert ([each.headline for each in visit.fresh], visit.changes) == ([ITEMS[5].headline], ())


def test_an_edited_copy_stays_in_its_story(paper: Paper) -> None:
    told_at_length = replace(FLOOD, text=" ".join(prose.sentences("flood", 12)))
    (first,) = paper.prints(told_at_length).fresh
    paper.feed = feed("courier", url=paper.publisher.url("/other.xml"), allow_private=True)
    with paper.store.transaction() as tx:
        tx.feeds.take_up([paper.feed])
    copy = replace(told_at_length, link="http://courier.example/1")
    (its,) = paper.prints(copy, other="/other.xml").fresh
    paper.prints(replace(copy, text=f"{copy.text} Correction: it was Monday."), other="/other.xml")
    with paper.store.reading() as tx:
        kept = tx.articles.find(its.id)
    assert kept is not None
    assert kept.body != its.body
    assert kept.story == first.id != kept.id
