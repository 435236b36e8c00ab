"""Accounts of the people who work here, their sessions, and sign-ins that failed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Types are spelt out: a migration must make the same tables for ever, whatever the code becomes.
TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables; keep every row."""
    op.create_table(
        "accounts",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("name_key", TEXT, nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("password_hash", TEXT, nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("password_until", MOMENT, nullable=True),
        sa.Column("totp_sealed", TEXT, nullable=False),
        sa.Column("totp_pending", TEXT, nullable=False),
        sa.Column("totp_step", NUMBER, nullable=False),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_accounts"),
    )
    op.create_index("ix_accounts_name_key", "accounts", ["name_key"], unique=True)
    op.create_table(
        "account_sessions",
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("account", TEXT, nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_account_sessions"),
        sa.ForeignKeyConstraint(["account"], ["accounts.name"], name="fk_account_sessions_account"),
        sa.CheckConstraint(
            "stage IN ('second_step', 'must_change', 'open')", name=op.f("ck_account_sessions_stage")
        ),
    )
    op.create_index("ix_account_sessions_account", "account_sessions", ["account"])
    op.create_index("ix_account_sessions_ends_at", "account_sessions", ["ends_at"])
    op.create_table(
        "sign_in_failures",
        sa.Column("position", NUMBER, sa.Identity(always=True), nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_sign_in_failures"),
    )
    op.create_index("ix_sign_in_failures_subject", "sign_in_failures", ["subject"])
    op.create_index("ix_sign_in_failures_at", "sign_in_failures", ["at"])
