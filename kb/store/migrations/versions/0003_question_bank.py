"""The question bank: wordings with the provisions that they cite."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Types are spelt out: a migration must make the same tables for ever, whatever the code becomes.
TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table; keep every row."""
    op.create_table(
        "bank_questions",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.Identity(always=True),
            nullable=False,
        ),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("cites", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_bank_questions"),
        sa.CheckConstraint(
            "source IN ('answer', 'provision', 'labelled')", name=op.f("ck_bank_questions_source")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bank_questions_source_owner", "bank_questions", ["source", "owner"])
