"""Questions that were asked (masked), what people say of the answers, and contacts left for a call back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Types are spelt out: a migration must make the same tables for ever, whatever the code becomes.
TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables; keep every row."""
    op.create_table(
        "asked_questions",
        sa.Column("position", NUMBER, sa.Identity(always=True), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("question", TEXT, nullable=False),
        sa.Column("origin", TEXT, nullable=False),
        sa.Column("answer_id", TEXT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("gap_closed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("position", name="pk_asked_questions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_asked_questions_at", "asked_questions", ["at"])
    op.create_table(
        "feedback",
        sa.Column("position", NUMBER, sa.Identity(always=True), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("verdict", TEXT, nullable=False),
        sa.Column("satisfied", sa.Integer(), nullable=True),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("question", TEXT, nullable=False),
        sa.Column("answer_id", TEXT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_feedback"),
        sa.CheckConstraint(
            "verdict IN ('adopted', 'wrong', 'missing', 'none_fits')", name=op.f("ck_feedback_verdict")
        ),
        sa.CheckConstraint("satisfied BETWEEN 1 AND 5", name=op.f("ck_feedback_satisfied")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feedback_at", "feedback", ["at"])
    op.create_index("ix_feedback_answer_id_revision", "feedback", ["answer_id", "revision"])
    op.create_table(
        "callbacks",
        sa.Column("id", NUMBER, sa.Identity(always=True), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("contact_encrypted", TEXT, nullable=False),
        sa.Column("note_encrypted", TEXT, nullable=False),
        sa.Column("due_until", MOMENT, nullable=False),
        sa.Column("handled_at", MOMENT, nullable=True),
        sa.Column("handled_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_callbacks"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_callbacks_due_until", "callbacks", ["due_until"])
