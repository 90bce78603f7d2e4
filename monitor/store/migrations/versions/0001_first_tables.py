"""The first tables: feeds, articles, alerts, the outbox, channels, chores, the accepted config."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feed",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.Column("body_hash", sa.String()),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("baseline_at", sa.BigInteger()),
        sa.Column("polled_at", sa.BigInteger()),
        sa.Column("succeeded_at", sa.BigInteger()),
        sa.Column("outcome", sa.String()),
        sa.Column("note", sa.Text()),
    )
    op.create_table(
        "article",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("story_id", sa.String(), nullable=False),
        sa.Column("feed_id", sa.String()),
        sa.Column("url", sa.Text()),
        sa.Column("headline", sa.Text()),
        sa.Column("outlet", sa.Text()),
        sa.Column("language", sa.String()),
        sa.Column("published_at", sa.BigInteger()),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
    )
    op.create_index("ix_article_seen_at", "article", ["seen_at"])
    op.create_table(
        "sighting",
        sa.Column("feed_id", sa.String(), primary_key=True),
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("article_id", sa.String(), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("listed_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_sighting_listed_at", "sighting", ["listed_at"])
    op.create_table(
        "alert",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("article_id", sa.String(), nullable=False),
        sa.Column("story_id", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
    )
    op.create_index("ix_alert_rule_id", "alert", ["rule_id"])
    op.create_index("ix_alert_article_id", "alert", ["article_id"])
    op.create_index("ix_alert_raised_at", "alert", ["raised_at"])
    op.create_table(
        "message",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_message_subject", "message", ["subject"])
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column(
            "message_id", sa.String(), sa.ForeignKey("message.id", name="fk_delivery_message_id"), nullable=False
        ),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger()),
        sa.Column("status", sa.Integer()),
        sa.Column("note", sa.Text()),
    )
    op.create_index("ix_delivery_message_id", "delivery", ["message_id"])
    op.create_index("ix_delivery_created_at", "delivery", ["created_at"])
    op.create_table(
        "attempt",
        sa.Column(
            "delivery_id", sa.String(), sa.ForeignKey("delivery.id", name="fk_attempt_delivery_id"), primary_key=True
        ),
        sa.Column("n", sa.Integer(), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("detail", sa.Text()),
    )
    op.create_table(
        "channel",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("paused_until", sa.BigInteger()),
        sa.Column("disabled_at", sa.BigInteger()),
        sa.Column("note", sa.Text()),
    )
    op.create_table(
        "chore",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("due_at", sa.BigInteger()),
    )
    op.create_table(
        "config",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_feed_due", "feed", ["due_at"], postgresql_where=due, sqlite_where=due)
    op.create_index("ix_delivery_due", "delivery", ["channel_id", "due_at"], postgresql_where=due, sqlite_where=due)


def downgrade() -> None:
    for table in (
        "config", "chore", "channel", "attempt", "delivery", "message", "alert", "sighting", "article", "feed",
    ):  # fmt: skip
        op.drop_table(table)
