"""The flow in of an article that its feed cuts short: claim → page → whole text → match → decide → outbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from monitor.articles.bounds import bounded
from monitor.articles.whole import whole
from monitor.feeds.pages import again, text_of
from monitor.model import Alert, Article, Clock, Document, Feed, FeedId, Unreachable
from monitor.store import Store, Tx
from monitor.store.pages import PageClaim
from monitor.tell import Watch, tell

PATIENCE = timedelta(hours=1)  # an article that has waited so long for its page is told without it
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
OVERDUE = Unreachable(reason="overdue", detail="its host had no turn for it in an hour")
UNWANTED = Unreachable(reason="unwanted", detail="full_text is not set any more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What a page came to."""

    feed_id: FeedId
    article: Article  # as it is kept now
    fault: Unreachable | None = None  # why its page gave nothing
    again_in: timedelta | None = None  # when that is asked for again; None: its feed's text has to do
    alerts: tuple[Alert, ...] = ()
    folded: Mapping[str, int] = field(default_factory=dict)


FetchPage = Callable[[Feed, str, datetime], Awaitable[Document | Unreachable]]
ReadPage = Callable[[Document, Feed, Article, datetime], Awaitable[Article | Unreachable]]


async def complete(
    claim: PageClaim,
    feed: Feed | None,
    watch: Watch,
    *,
    fetch: FetchPage,
    read: ReadPage,
    store: Store,
    clock: Clock,
) -> Completion:
    """Bring the article of *claim* whole from its page to the outbox; *feed* is None where it is read no more.

    A page that cannot be had now is put off, and one that cannot be had at all
    leaves the article as its feed has it: either way it is matched, once, in
    the commit that ends its waiting.  Raises LeaseLost if somebody else took
    over meanwhile.
    """
    found = await _whole(claim, feed, fetch, read, clock)
    return await store.run(partial(keep, claim=claim, watch=watch, found=found, now=clock()))


async def _whole(
    claim: PageClaim, feed: Feed | None, fetch: FetchPage, read: ReadPage, clock: Clock
) -> Article | Unreachable:
    if feed is None or not feed.full_text or claim.article.url is None:
        return UNWANTED
    if clock() - claim.added_at > PATIENCE:
        return OVERDUE
    page = await fetch(feed, claim.article.url, clock())
    return page if isinstance(page, Unreachable) else await read(page, feed, claim.article, clock())


def read_page(page: Document, feed: Feed, short: Article, seen_at: datetime) -> Article | Unreachable:
    """Return *short* with the text of its *page*, in the killable process that this runs in."""
    return whole(short, bounded(_article(text_of(page), feed, page.url, seen_at)))


def warm_up() -> None:
    """Load what reading the first page needs, which takes a second or two."""
    _article(f"<body><h1>A page</h1><p>{'This is not the news. ' * 10}</p></body>", None, None, LONG_AGO)


def _article(text: str, feed: Feed | None, url: str | None, seen_at: datetime) -> Article:
    # The reader of pages and its tables are 20 MB, which only the process that reads them has to have.
    from monitor.articles.page import article_from_html  # noqa: PLC0415

    return article_from_html(text, feed, url=url, seen_at=seen_at)


def keep(tx: Tx, *, claim: PageClaim, watch: Watch, found: Article | Unreachable, now: datetime) -> Completion:
    """Write down in one transaction what a page brought, and return it."""
    fault = found if isinstance(found, Unreachable) else None
    tries = claim.tries + (fault is None or fault.reason != "busy")  # who was not asked has not failed
    wait = again(fault, tries) if fault else None
    if wait is not None:
        tx.pages.put_off(claim, wait, tries=tries)
        return Completion(feed_id=claim.feed_id, article=claim.article, fault=fault, again_in=wait)
    article = claim.article if isinstance(found, Unreachable) else found
    kept = tx.articles.find(article.id)
    if kept is not None and kept.feed == article.feed:  # another feed's copy is that feed's to speak for
        article = _as_edited(article, kept)
        tx.articles.renew([article], now)
    # What was young enough when it was listed has not grown too old by waiting.
    told = tell(tx, [article], watch, baseline=False, now=now, judged_at=claim.added_at)
    tx.pages.finish(claim)
    return Completion(feed_id=claim.feed_id, article=article, fault=fault, alerts=told.alerts, folded=told.folded)


def _as_edited(article: Article, kept: Article) -> Article:
    """Return *article* with what its feed has changed of it while it waited."""
    return replace(
        article, headline=kept.headline or article.headline, lede=kept.lede or article.lede, story=kept.story
    )
