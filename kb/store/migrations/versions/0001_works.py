"""Sources, works, versions, provisions and the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Types are spelt out: a migration must make the same tables for ever, whatever the code becomes.
TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "sources",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("publisher", TEXT, nullable=False),
        sa.Column("licence", TEXT, nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("package_version", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("retrieved_on", sa.Date(), nullable=False),
        sa.Column("current_to", sa.Date(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sources"),
    )
    op.create_table(
        "works",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("short_title", TEXT, nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("statute_type", TEXT, nullable=False),
        sa.Column("issuing_body", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("region", TEXT, nullable=False),
        sa.Column("repealed_on", sa.Date(), nullable=True),
        sa.Column("repealed_on_certain", sa.Boolean(), nullable=False),
        sa.Column("successor", TEXT, nullable=False),
        sa.Column("title_search", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_works"),
    )
    op.create_index("ix_works_title", "works", ["title"])
    op.create_index("ix_works_short_title", "works", ["short_title"])
    op.create_index("ix_works_kind_region_topic", "works", ["kind", "region", "topic"])
    op.create_table(
        "versions",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("work_id", TEXT, nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("version_date", sa.Date(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_from_certain", sa.Boolean(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=False),
        sa.Column("effective_to_certain", sa.Boolean(), nullable=False),
        sa.Column("date_source", TEXT, nullable=False),
        sa.Column("declared_status", TEXT, nullable=False),
        sa.Column("text_sha256", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_versions"),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name="fk_versions_work_id"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_versions_source_id"),
        sa.CheckConstraint("effective_from <= effective_to", name=op.f("ck_versions_interval")),
    )
    op.create_index("ix_versions_work_id_effective_from", "versions", ["work_id", "effective_from"])
    op.create_index("ix_versions_source_id", "versions", ["source_id"])
    op.create_table(
        "provisions",
        sa.Column("version_id", TEXT, nullable=False),
        sa.Column("provision_id", TEXT, nullable=False),
        sa.Column("article", sa.Integer(), nullable=True),
        sa.Column("inserted", sa.Integer(), nullable=True),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("text_sha256", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("version_id", "provision_id", name="pk_provisions"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name="fk_provisions_version_id"),
        sa.CheckConstraint("(article IS NULL) = (inserted IS NULL)", name=op.f("ck_provisions_number")),
    )
    op.create_index("ix_provisions_provision_id", "provisions", ["provision_id"])
    op.create_table(
        "outbox",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.Identity(always=True),
            nullable=False,
        ),
        sa.Column("op", TEXT, nullable=False),
        sa.Column("provision_id", TEXT, nullable=False),
        sa.Column("version_id", TEXT, nullable=False),
        sa.Column("work_id", TEXT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_outbox"),
        sa.CheckConstraint("op IN ('upsert', 'delete')", name=op.f("ck_outbox_op")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "outbox_positions",
        sa.Column("generation", TEXT, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("generation", name="pk_outbox_positions"),
    )
