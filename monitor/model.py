"""The nouns: small frozen values that every room shares and that know no room.

All instants are aware UTC unless a field says otherwise.  Text positions are
code points, 0-based, end exclusive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NewType
from urllib.parse import urlsplit

FeedId = NewType("FeedId", str)
ArticleId = NewType("ArticleId", str)
StoryId = NewType("StoryId", str)
RuleId = NewType("RuleId", str)
EntityId = NewType("EntityId", str)
AlertId = NewType("AlertId", str)
MessageId = NewType("MessageId", str)
DeliveryId = NewType("DeliveryId", str)
ChangeId = NewType("ChangeId", str)
ChannelId = NewType("ChannelId", str)

Clock = Callable[[], datetime]
"""The only way to learn the time: returns an aware UTC instant."""

Draw = Callable[[], float]
"""The only way to chance: returns a fraction in [0, 1)."""


def derive(kind: str, *parts: str) -> str:
    """Return the id of the *kind* of thing that *parts* identify.

    The same parts give the same id on every machine and for ever, so doing a
    step twice writes the same rows.  32 hexadecimal digits (128 bits) after a
    prefix of *kind*; parts are length-prefixed, so ("ab", "c") and ("a", "bc")
    differ.
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in (kind, *parts):
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return f"{kind}_{digest.hexdigest()}"


def host_of(url: str) -> str:
    """Return the host and port that *url* names, in small letters, as one publisher's; a user is none of it."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


# ---------------------------------------------------------------- the way in


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A source that the operator wants read, as feeds.yaml has it."""

    id: FeedId
    url: str
    outlet: str | None = None
    country: str | None = None  # ISO 3166-1 of the outlet, capitals
    language: str | None = None  # BCP 47 primary tag
    section: str | None = None
    timezone: str | None = None  # IANA name; the zone of dates that carry none
    full_text: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    max_lag: timedelta = timedelta(minutes=15)  # the longest wait between two polls of a healthy feed
    allow_private: bool = False
    host_gap: timedelta = timedelta(seconds=1)
    headers: Mapping[str, str] = field(
        default_factory=dict, repr=False
    )  # for its own site only; cookies are among them
    proxy: str | None = field(default=None, repr=False)  # the address of an HTTP proxy, its user and password included

    @property
    def host(self) -> str:
        """The host and port of its address: whom its polls burden."""
        return host_of(self.url)


class Health(StrEnum):
    """How a feed is, in the words of the `feed.health` message."""

    OK = "ok"
    FAILING = "failing"
    STALE = "stale"  # silent for longer than its own rhythm explains
    MOVED = "moved"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often a feed brings something new, and when in the day."""

    per_day: float  # new items a day
    days: float  # so long a time it rests on; the older, the less it counts
    hours: tuple[float, ...] = (1.0,) * 24  # by the hour in UTC; their mean is 1


class Scheme(StrEnum):
    """By what the entries of a feed are told apart."""

    GUID = "guid"
    LINK = "link"
    BOTH = "guid+link"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """What earlier polls of a feed taught us; the store keeps it between polls."""

    etag: str | None = None  # byte-exact, as the server sent it
    last_modified: str | None = None  # byte-exact, never re-formatted
    body_hash: str | None = None
    failures: int = 0  # in a row
    baseline_at: datetime | None = None  # the first poll that brought a document; None before it
    polled_at: datetime | None = None  # the last poll, whatever it came to
    succeeded_at: datetime | None = None  # the last poll that brought a document or "unchanged"
    outcome: str | None = None  # what the last poll came to, in a word
    note: str | None = None  # the last fault, for people
    fault: str | None = None  # why the document with *body_hash* could not be read; None if it could
    weight: float = 0.0  # of the failures in a row: a passing fault weighs less than a lasting one
    brought_at: datetime | None = None  # the last poll that brought a new item
    longest_pause: timedelta | None = None  # of late, between two polls that brought something new
    rhythm: Rhythm | None = None  # None until there is enough to go by
    listed: tuple[int, ...] = ()  # the fingerprints of the items in the last document, in its order
    inside: str | None = None  # their fingerprint together, see Listing; None where nothing can be told by it
    listed_at: datetime | None = None  # when "still listed" was last written down for them
    ttl: timedelta | None = None  # what the last document asked for, see Listing
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    scheme: Scheme | None = None  # what tells the feed's entries apart, chosen once
    moved_to: str | None = None  # where permanent redirects have led ...
    moved_at: datetime | None = None  # ... since then ...
    moved_times: int = 0  # ... so many times in a row
    gone_at: datetime | None = None  # the first 410 in a row
    gap_at: datetime | None = None  # the last poll after which items may be missing
    health: Health | None = None  # as it was last told; None before the first poll
    health_at: datetime | None = None  # since then


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """How the feeds beside a feed fare."""

    hosts: int = 0  # that were asked lately, its own among them
    unheard: int = 0  # of these, hosts that could not be asked anything
    failing: int = 0  # feeds of its own host whose last visit failed
    told_at: datetime | None = None  # when it was last told of one of them that it fails
    told: int = 0  # feeds of any host of which within the hour the same was told


@dataclass(frozen=True, kw_only=True)
class Document:
    """What came off the wire: one body, decompressed and bounded."""

    url: str  # after redirects
    body: bytes
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age: timedelta | None = None  # what Cache-Control or Expires asks us to wait
    moved_to: str | None = None  # where permanent redirects alone led
    links: tuple[tuple[str, str], ...] = ()  # relation and absolute address of what Link headers name (RFC 8288)
    is_delta: bool = False  # 226: the items that are new, and not the others (RFC 3229)

    @cached_property
    def body_hash(self) -> str:
        """What two documents with the same bytes have in common."""
        return hashlib.blake2b(self.body, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The server says (304) that nothing has changed."""

    etag: str | None = None
    last_modified: str | None = None
    max_age: timedelta | None = None
    moved_to: str | None = None  # where permanent redirects alone led


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """A poll that brought no document: why, and when the server wants us back."""

    reason: str  # one word for counting: dns, refused, timeout, tls, blocked, status, too_big, redirects, ...
    detail: str  # one line for people, secrets redacted
    status: int | None = None
    retry_after: timedelta | None = None
    max_age: timedelta | None = None


Fetched = Document | Unchanged | Unreachable


class SubscriptionState(StrEnum):
    """Where a subscription at a WebSub hub stands."""

    WANTED = "wanted"  # not confirmed yet
    ACTIVE = "active"
    DEMOTED = "demoted"  # it goes on, but an item came without a push: the schedule no longer counts on it
    REFUSED = "refused"  # the hub does not want us
    LEAVING = "leaving"  # we do not want it any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """The promise of a feed's WebSub hub to tell us when there is something new."""

    feed: FeedId
    hub: str
    topic: str  # the feed's address as the hub knows it
    allow_private: bool = False  # whether the hub may be on the operator's own network
    token: str | None = None  # the end of the callback's address; None until the hub is asked for the first time
    secret: str | None = None  # the hub signs with it
    state: SubscriptionState = SubscriptionState.WANTED
    tries: int = 0  # requests in a row that were not confirmed
    asked_at: datetime | None = None  # since when the hub owes us an answer; None: it does not
    active_at: datetime | None = None  # since when it has been active without a break
    leased_until: datetime | None = None
    pushed_at: datetime | None = None  # the last push whose signature was right
    note: str | None = None  # why it is not active, for people


class Precision(StrEnum):
    """How exactly a publisher said when."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"


class ZoneSource(StrEnum):
    """How the zone of a date is known."""

    EXPLICIT = "explicit"  # the date carries its offset or zone
    OUTLET = "outlet"  # the feed's `timezone`
    ASSUMED = "assumed"  # the format's own convention
    NONE = "none"  # not known: the instant is naive local time


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """When a publisher says that an article appeared."""

    at: datetime  # aware in the publisher's own offset; naive where zone_source is NONE
    precision: Precision = Precision.SECOND
    zone_source: ZoneSource = ZoneSource.EXPLICIT
    raw: str | None = None  # the publisher's own words
    clamped: bool = False  # they lie ahead of the first sight of the article, which *at* is in their place

    def instant(self) -> datetime:
        """Return the instant in UTC; a date without zone counts as UTC, which is at most 14 hours off."""
        return self.at.replace(tzinfo=UTC) if self.at.tzinfo is None else self.at.astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item as published: unclean, incomplete, markup and all."""

    id: str | None = None  # guid, atom:id, JSON Feed id
    url: str | None = None  # absolute
    title: str | None = None  # may hold markup
    summary: str | None = None  # description or summary; may hold markup
    content: str | None = None  # content:encoded, atom:content, content_html; may hold markup
    published: str | None = None  # the raw date text
    updated: str | None = None  # the raw date text
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    language: str | None = None
    source: str | None = None  # the agency or outlet that the item credits
    credit: str | None = None  # media:credit
    fingerprint: int | None = None  # of the whole item as it is written: 64 bits, signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a document turned out to hold: the feed's own words about itself, and its entries in their order."""

    title: str | None = None
    language: str | None = None
    home: str | None = None  # the address of the site, which no article can have as its own
    form: str = "xml"  # rss, atom, rdf, json, ...
    ttl: timedelta | None = None  # the least wait that the document asks for: ttl, sy:updatePeriod
    skip_hours: frozenset[int] = frozenset()  # hours of the day in UTC that it asks us to leave out
    skip_days: frozenset[int] = frozenset()  # days of the week, Monday is 0
    previous: str | None = None  # the address of the page with older entries (RFC 5005)
    hub: str | None = None  # the address of its WebSub hub ...
    topic: str | None = None  # ... and its own as the hub knows it
    note: str | None = None  # what was wrong with the document, if it had to be repaired
    listed: tuple[int, ...] = ()  # the fingerprints of all items in the document, the known ones included
    inside: str | None = None  # the fingerprint of all of them together, where they are one piece of its text
    entries: tuple[Entry, ...] = ()  # those that were wanted
    others: tuple[tuple[str | None, str | None], ...] = ()  # id and address of each of the known ones, left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """Text on a page that is not the article: shown by explain, never counted."""

    kind: str  # share, caption, source, related, teaser, comments, cookie, credit
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article, cleaned: the only text that rules see.  Its JSON is the contract's canonical article."""

    id: ArticleId
    url: str | None = None  # canonical
    headline: str | None = None
    section: str | None = None
    lede: str | None = None
    body: tuple[str, ...] = ()  # paragraphs
    source: str | None = None  # the agency credited
    byline: str | None = None
    credit: str | None = None  # of the photo
    published: Published | None = None
    unread_date: str | None = None  # what the publisher wrote in place of a date that can be read
    seen_at: datetime | None = None
    language: str | None = None
    outlet: str | None = None
    country: str | None = None
    feed: FeedId | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    related: tuple[str, ...] = ()
    furniture: tuple[Furniture, ...] = ()
    story: StoryId | None = None

    def instant(self) -> datetime | None:
        """Return when the publisher says that it appeared, in UTC; None if it is undated."""
        return None if self.published is None else self.published.instant()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """An article as one feed lists it; *key* identifies the entry within the feed."""

    key: str
    article: Article
    fingerprint: int | None = None  # of the item as it was written: the same again needs no second reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What the copies of an article are known by; articles/similar.py makes and compares it.

    Hashes of 32 bits, but for the landmarks: signed, of 64.
    """

    runs: tuple[int, ...]  # of each few words in a row, from the beginning of the text
    landmarks: frozenset[int]  # the few of them that a database finds it by
    words: frozenset[int]
    names: frozenset[int]  # those of the words that are names, as far as a capital tells
    figures: frozenset[int]
    headline: frozenset[int]  # the words of the headline ...
    headline_figures: frozenset[int]  # ... and the figures among them
    publisher: str | None  # the outlet, or the feed where that has none
    at: datetime  # when it appeared


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A story's first article, with which others are compared."""

    story: StoryId
    sketch: Sketch


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One event as several outlets tell it: an article and its copies, as known so far."""

    id: StoryId  # of the first article
    articles: int = 1
    outlets: tuple[str, ...] = ()  # in the order in which they brought it


class ChangeKind(StrEnum):
    """What may happen to an article after it was first seen."""

    CORRECTED = "corrected"  # its text says something else
    RESURFACED = "resurfaced"  # it is listed again after it was not


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that happened to an article after it was first seen."""

    id: ChangeId
    kind: ChangeKind
    before: Article
    after: Article
    fields: tuple[Field, ...] = ()  # those that say something else now


# ---------------------------------------------------------------- what to watch for


class EntityType(StrEnum):
    PERSON = "person"
    PLACE = "place"
    ORGANISATION = "organisation"
    DOCUMENT = "document"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Somebody or something with names (RULES section 4)."""

    id: EntityId
    type: EntityType = EntityType.OTHER
    names: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    forms: str | tuple[str, ...] = "auto"  # auto, none, or extra forms
    ids: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    line: int = 0


class Field(StrEnum):
    """The parts of an article that rules read."""

    HEADLINE = "headline"
    LEDE = "lede"
    BODY = "body"


class Stretch(StrEnum):
    """Within what two things stand together."""

    SENTENCE = "sentence"
    PARAGRAPH = "paragraph"


# A condition's `written` is the text that a person typed; it is evidence, not part of what the condition means.


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word, or a phrase of several: `word`, `"a phrase"`, `word~`, `=Word`."""

    text: str
    exact: bool = False  # = : case and accents count
    stemmed: bool = False  # ~ : any inflected form
    written: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wildcard:
    """One token of this shape: `word*`, `wom?n`."""

    pattern: str
    written: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An entity in all its names and forms: `$id`."""

    id: EntityId
    written: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A regular expression on one raw token, or on a sentence's text: `/regex/`, `sentence:/regex/`."""

    regex: str
    sentence: bool = False
    written: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InField:
    """Something that must hold of one field alone: `headline:x`."""

    field: Field
    of: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Two things with at most *within* tokens between their nearest ends: `NEAR/n`, `ONEAR/n`."""

    left: Condition
    right: Condition
    within: int
    ordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Some *left* that has no *right* so near: `NOT NEAR/n`."""

    left: Condition
    right: Condition
    within: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Two things in one sentence or paragraph: `SAME-SENTENCE`, `SAME-PARAGRAPH`."""

    left: Condition
    right: Condition
    stretch: Stretch


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast:
    """Something that occurs *count* times or more: `ATLEAST/n x`."""

    count: int
    of: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class All:
    """Each of these: `a AND b`, `all:`, the keys of one map."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """One of these or more: `a OR b`, `any:`."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """This nowhere: `NOT a`, `none:`."""

    of: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What a term adds to a score, once, however often it occurs."""

    of: Condition
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Terms whose weights add up to *at_least* or more."""

    at_least: float
    terms: tuple[Weight, ...]


Condition = Term | Wildcard | Named | Pattern | InField | Near | Apart | Together | AtLeast | All | AnyOf | Not | Score
"""What must hold of an article."""


class Severity(StrEnum):
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class StoryPolicy(StrEnum):
    """Which further copies of a story alert again."""

    FIRST = "first"
    EVERY = "every"


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Metadata that an article must have; an empty list asks for nothing."""

    section: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    feed: tuple[str, ...] = ()  # globs over feed ids
    outlet: tuple[str, ...] = ()
    strict: bool = False  # an article that lacks the metadata fails instead of passing


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTest:
    """One in-rule test: an article that must match, or must not."""

    matches: bool
    fields: Mapping[str, str]  # headline, lede, body, language, section, outlet, ...
    line: int  # where it stands in the rule's file
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What to watch for, and whom to tell."""

    id: RuleId
    title: str
    match: Condition
    severity: Severity = Severity.NORMAL
    labels: Mapping[str, str] = field(default_factory=dict)
    where: Where = field(default_factory=Where)
    notify: tuple[ChannelId, ...] = ()  # empty: the default channel
    story: StoryPolicy = StoryPolicy.FIRST
    was: RuleId | None = None
    tests: tuple[RuleTest, ...] = ()
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Where a clause was found: evidence that a person can check."""

    clause: str  # as written in the rule
    field: str  # headline, lede or body
    paragraph: int | None  # index into body; None in headline and lede
    text: str  # exactly what stands at start:end
    start: int
    end: int
    sentence: str
    form: str | None = None  # how an inflected form came about: "Vučićem = Vučić + -em"
    entity: Entity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A rule held on an article, with its evidence in reading order."""

    rule: Rule
    article: Article
    hits: tuple[Hit, ...]


# ---------------------------------------------------------------- whom to tell, and what


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where alerts go, as channels.yaml has it."""

    id: ChannelId
    type: str  # webhook or log
    url: str | None = field(default=None, repr=False)  # a chat service's address is its secret
    secrets: tuple[str, ...] = field(default=(), repr=False)  # whsec_...; all sign while a rotation lasts
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    rate: float | None = None  # sends a second at most; None is unlimited
    allow_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """The match becomes an alert, unless its id exists already."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """The match is kept with its article and told to nobody."""

    why: str


Verdict = Raise | Fold
"""What is decided about a match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What we tell people: once for a rule and a subject."""

    id: AlertId
    rule_id: RuleId
    article_id: ArticleId
    story_id: StoryId
    severity: Severity
    raised_at: datetime
    data: Mapping[str, object]  # the payload's `data` (CONTRACT section 5), frozen when it was raised
    notify: tuple[ChannelId, ...]
    revision: str = ""  # the hash of the matched text, where an edit alerts again


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something to be told, in the bytes that every attempt sends."""

    id: MessageId
    type: str  # alert.raised, test.ping, config.rejected, channel.disabled, ...
    subject: str  # what it is about: an alert's id, a channel's, ...
    body: bytes


class State(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DONE = "done"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message on its way to one channel.  Its id is the `webhook-id`."""

    id: DeliveryId
    message_id: MessageId
    channel: ChannelId
    state: State = State.PENDING
    attempts: int = 0  # answers and transport errors, not claims


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The receiver has it (2xx)."""

    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """Not now: a transport fault, or an answer that lets us try again."""

    reason: str  # one word for counting: dns, refused, timeout, tls, blocked, status, ...
    detail: str  # one line for people, secrets redacted
    status: int | None = None
    retry_after: timedelta | None = None  # what the receiver asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The receiver does not want this delivery (a 4xx other than 408, 410 and 429, a redirect)."""

    reason: str
    detail: str
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The receiver wants nothing any more (410)."""

    detail: str
    status: int = 410


Outcome = Accepted | Deferred | Refused | Gone
