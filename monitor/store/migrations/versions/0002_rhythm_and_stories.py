"""What feeds teach us about their rhythm, busy hosts, edits of articles, sketches of stories, WebSub."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("fault", sa.Text()),
        sa.Column("host", sa.String()),
        sa.Column("weight", sa.Float(), nullable=False, server_default="0"),
        sa.Column("brought_at", sa.BigInteger()),
        sa.Column("longest_pause", sa.BigInteger()),
        sa.Column("rhythm", sa.Text()),
        sa.Column("listed", sa.LargeBinary()),
        sa.Column("inside", sa.String()),
        sa.Column("listed_at", sa.BigInteger()),
        sa.Column("wishes", sa.Text()),
        sa.Column("scheme", sa.String()),
        sa.Column("moved_to", sa.Text()),
        sa.Column("moved_at", sa.BigInteger()),
        sa.Column("moved_times", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("gone_at", sa.BigInteger()),
        sa.Column("gap_at", sa.BigInteger()),
        sa.Column("health", sa.String()),
        sa.Column("health_at", sa.BigInteger()),
    ):
        op.add_column("feed", column)
    op.create_index("ix_feed_host", "feed", ["host"])
    op.create_index("ix_feed_health_at", "feed", ["health_at"])
    op.add_column("sighting", sa.Column("fingerprint", sa.BigInteger()))
    op.create_index("ix_article_url", "article", ["url"])
    op.add_column("alert", sa.Column("revision", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "host",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("free_at", sa.BigInteger(), nullable=False),
        sa.Column("worker", sa.String()),
        sa.Column("leased_until", sa.BigInteger()),
    )
    op.create_table(
        "page",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("feed_id", sa.String(), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_page_due_at", "page", ["due_at"])
    op.create_table(
        "change",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("article_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
    )
    op.create_index("ix_change_article_id", "change", ["article_id"])
    op.create_index("ix_change_at", "change", ["at"])
    op.create_index("ix_article_story_id", "article", ["story_id"])
    op.create_table(
        "story",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("appeared_at", sa.BigInteger()),
        sa.Column("publisher", sa.Text()),
        sa.Column("sketch", sa.LargeBinary()),
    )
    op.create_index("ix_story_seen_at", "story", ["seen_at"])
    op.execute("INSERT INTO story (id, seen_at) SELECT id, seen_at FROM article")  # until now each told its own
    op.create_table(
        "landmark",
        sa.Column("hash", sa.BigInteger(), primary_key=True),
        sa.Column("nth", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("story_id", sa.String(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subscription",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("allow_private", sa.Boolean(), nullable=False),
        sa.Column("token", sa.String()),
        sa.Column("secret", sa.String()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.BigInteger()),
        sa.Column("active_at", sa.BigInteger()),
        sa.Column("leased_until", sa.BigInteger()),
        sa.Column("pushed_at", sa.BigInteger()),
        sa.Column("note", sa.Text()),
    )
    op.create_index("ix_subscription_token", "subscription", ["token"])
