"""Standard answers with their revisions, events, uses and review tasks, and the audit chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Types are spelt out: a migration must make the same tables for ever, whatever the code becomes.
TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables; keep every row."""
    _make_answers()
    _make_events()
    _make_tasks()
    op.create_table(
        "audit_entries",
        sa.Column("position", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("data", TEXT, nullable=False),
        sa.Column("previous", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_audit_entries"),
    )
    op.create_index("ix_audit_entries_subject", "audit_entries", ["subject"])


def _make_answers() -> None:
    op.create_table(
        "answers",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("origin", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("lock", sa.Integer(), nullable=False),
        sa.Column("head", sa.Integer(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=True),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("risk", TEXT, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("next_review", sa.Date(), nullable=True),
        sa.Column("publish_on", sa.Date(), nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_answers"),
        sa.CheckConstraint(
            "state IN ('draft', 'in_review', 'approved', 'published', 'due_for_review', 'retired')",
            name=op.f("ck_answers_state"),
        ),
        sa.CheckConstraint("origin IN ('sample', 'edited')", name=op.f("ck_answers_origin")),
        sa.CheckConstraint("head >= 1", name=op.f("ck_answers_head")),
    )
    op.create_index("ix_answers_title", "answers", ["title"], unique=True)
    op.create_index("ix_answers_state", "answers", ["state"])
    op.create_table(
        "answer_revisions",
        sa.Column("answer_id", TEXT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("pinned", sa.JSON(), nullable=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("answer_id", "number", name="pk_answer_revisions"),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name="fk_answer_revisions_answer_id"),
    )


def _make_events() -> None:
    op.create_table(
        "answer_events",
        sa.Column("position", NUMBER, sa.Identity(always=True), nullable=False),
        sa.Column("answer_id", TEXT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("comment", TEXT, nullable=False),
        sa.Column("from_state", TEXT, nullable=False),
        sa.Column("to_state", TEXT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_answer_events"),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name="fk_answer_events_answer_id"),
    )
    op.create_index("ix_answer_events_answer_id", "answer_events", ["answer_id"])
    op.create_table(
        "answer_uses",
        sa.Column("position", NUMBER, sa.Identity(always=True), nullable=False),
        sa.Column("answer_id", TEXT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_answer_uses"),
    )
    op.create_index("ix_answer_uses_answer_id_revision", "answer_uses", ["answer_id", "revision"])


def _make_tasks() -> None:
    op.create_table(
        "review_tasks",
        sa.Column("id", NUMBER, sa.Identity(always=True), nullable=False),
        sa.Column("answer_id", TEXT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("severity", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("old_text", TEXT, nullable=False),
        sa.Column("new_text", TEXT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review_tasks"),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name="fk_review_tasks_answer_id"),
        sa.CheckConstraint("severity IN ('notice', 'withdraw')", name=op.f("ck_review_tasks_severity")),
    )
    op.create_index("ix_review_tasks_answer_id", "review_tasks", ["answer_id"])
