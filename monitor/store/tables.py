"""One table for each noun that outlives the process.

Instants are whole milliseconds since 1970 in UTC.  `due_at` alone is read from
the database's clock; every other instant was stamped by the program's clock.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

feeds = Table(
    "feed",
    metadata,
    Column("id", String, primary_key=True),
    Column("url", Text, nullable=False),
    Column("due_at", BigInteger),  # schedule, lease and fence; null: not in feeds.yaml any more
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", String),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("baseline_at", BigInteger),
    Column("polled_at", BigInteger),
    Column("succeeded_at", BigInteger),
    Column("outcome", String),
    Column("note", Text),
    Column("fault", Text),
    Column("host", String, index=True),  # of the url, as the table of hosts names it
    Column("weight", Float, nullable=False, server_default="0"),
    Column("brought_at", BigInteger),
    Column("longest_pause", BigInteger),  # milliseconds
    Column("rhythm", Text),  # JSON
    Column("listed", LargeBinary),  # fingerprints, eight bytes each
    Column("inside", String),
    Column("listed_at", BigInteger),
    Column("wishes", Text),  # what the last document asked for, as JSON
    Column("scheme", String),
    Column("moved_to", Text),
    Column("moved_at", BigInteger),
    Column("moved_times", Integer, nullable=False, server_default="0"),
    Column("gone_at", BigInteger),
    Column("gap_at", BigInteger),
    Column("health", String),
    Column("health_at", BigInteger, index=True),
)

hosts = Table(
    "host",
    metadata,
    Column("id", String, primary_key=True),
    Column("free_at", BigInteger, nullable=False),  # on the database's clock: until then none of its feeds is asked
    Column("worker", String),  # the process that asks it ...
    Column("leased_until", BigInteger),  # ... and no other does before then, on the database's clock
)

articles = Table(
    "article",
    metadata,
    Column("id", String, primary_key=True),
    Column("story_id", String, nullable=False, index=True),
    Column("feed_id", String),
    Column("url", Text, index=True),
    Column("headline", Text),
    Column("outlet", Text),
    Column("language", String),
    Column("published_at", BigInteger),
    Column("seen_at", BigInteger, nullable=False, index=True),
    Column("document", Text, nullable=False),  # the canonical article, as JSON
)

sightings = Table(
    "sighting",
    metadata,
    Column("feed_id", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("article_id", String, nullable=False),
    Column("first_seen_at", BigInteger, nullable=False),
    Column("listed_at", BigInteger, nullable=False, index=True),  # moved at most once a day
    Column("fingerprint", BigInteger),  # of the item as it was last written
)

pages = Table(
    "page",
    metadata,
    Column("id", String, primary_key=True),  # of the feed and the article
    Column("due_at", BigInteger, nullable=False, index=True),  # schedule, lease and fence
    Column("feed_id", String, nullable=False),
    Column("article", Text, nullable=False),  # as its feed has it, as JSON
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("added_at", BigInteger, nullable=False),
)

changes = Table(
    "change",
    metadata,
    Column("id", String, primary_key=True),
    Column("article_id", String, nullable=False, index=True),
    Column("kind", String, nullable=False),  # corrected, resurfaced
    Column("at", BigInteger, nullable=False, index=True),
    Column("fields", Text, nullable=False),  # field → what it said before, as JSON
)

stories = Table(
    "story",
    metadata,
    Column("id", String, primary_key=True),  # of its first article
    Column("seen_at", BigInteger, nullable=False, index=True),
    Column("appeared_at", BigInteger),
    Column("publisher", Text),
    Column("sketch", LargeBinary),  # of its first article; null once nothing can be a copy of it
)

landmarks = Table(
    "landmark",
    metadata,
    Column("hash", BigInteger, primary_key=True),
    Column("nth", Integer, primary_key=True, autoincrement=False),  # of the stories that have it: two at once collide
    Column("story_id", String, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

subscriptions = Table(
    "subscription",
    metadata,
    Column("id", String, primary_key=True),  # the feed's
    Column("due_at", BigInteger),  # when the hub is to be asked: schedule, lease and fence
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("allow_private", Boolean, nullable=False),
    Column("token", String, index=True),  # the end of the callback's address
    Column("secret", String),
    Column("state", String, nullable=False),  # wanted, active, demoted, refused, leaving
    Column("tries", Integer, nullable=False),
    Column("asked_at", BigInteger),
    Column("active_at", BigInteger),
    Column("leased_until", BigInteger),
    Column("pushed_at", BigInteger),
    Column("note", Text),
)

alerts = Table(
    "alert",
    metadata,
    Column("id", String, primary_key=True),
    Column("rule_id", String, nullable=False, index=True),
    Column("article_id", String, nullable=False, index=True),
    Column("story_id", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("raised_at", BigInteger, nullable=False, index=True),
    Column("data", Text, nullable=False),  # the payload's `data`, as JSON
    Column("revision", String, nullable=False, server_default=""),  # of an edited text that alerts again
)

messages = Table(
    "message",
    metadata,
    Column("id", String, primary_key=True),
    Column("type", String, nullable=False),
    Column("subject", String, nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),  # the bytes that every attempt sends
)

deliveries = Table(
    "delivery",
    metadata,
    Column("id", String, primary_key=True),
    Column("message_id", String, ForeignKey("message.id"), nullable=False, index=True),
    Column("channel_id", String, nullable=False),
    Column("state", String, nullable=False),
    Column("due_at", BigInteger),  # schedule, lease and fence; null once done or dead
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", BigInteger, nullable=False, index=True),
    Column("settled_at", BigInteger),
    Column("status", Integer),
    Column("note", Text),
)

attempts = Table(
    "attempt",
    metadata,
    Column("delivery_id", String, ForeignKey("delivery.id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("outcome", String, nullable=False),
    Column("status", Integer),
    Column("detail", Text),
)

channels = Table(
    "channel",
    metadata,
    Column("id", String, primary_key=True),
    Column("paused_until", BigInteger),  # on the database's clock
    Column("disabled_at", BigInteger),
    Column("note", Text),
)

chores = Table(
    "chore",
    metadata,
    Column("id", String, primary_key=True),
    Column("due_at", BigInteger),
)

configs = Table(
    "config",
    metadata,
    Column("name", String, primary_key=True),  # "accepted": the last set that loaded and passed its tests
    Column("hash", String, nullable=False),
    Column("files", Text, nullable=False),  # file name → text, as JSON
    Column("accepted_at", BigInteger, nullable=False),
)

# Only rows that fall due are in these: a million finished deliveries cost a claim nothing.
Index(
    "ix_feed_due",
    feeds.c.due_at,
    postgresql_where=feeds.c.due_at.is_not(None),
    sqlite_where=feeds.c.due_at.is_not(None),
)
Index(
    "ix_delivery_due",
    deliveries.c.channel_id,
    deliveries.c.due_at,
    postgresql_where=deliveries.c.due_at.is_not(None),
    sqlite_where=deliveries.c.due_at.is_not(None),
)
