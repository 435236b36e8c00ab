"""Documents, witnesses, details, citations, repeals, states, currency and quarantine.

What 0001 held becomes what its sources said: each version is witnessed by the source that gave it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Types are spelt out: a migration must make the same tables for ever, whatever the code becomes.
TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.DateTime().with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Add columns and tables; keep every row."""
    op.add_column("sources", sa.Column("priority", sa.Integer(), nullable=False, server_default="50"))
    op.add_column("versions", sa.Column("superseded_by", TEXT, nullable=False, server_default=""))
    op.add_column("provisions", sa.Column("document_id", TEXT, nullable=True))
    op.add_column("provisions", sa.Column("line_from", sa.Integer(), nullable=True))
    op.add_column("provisions", sa.Column("line_to", sa.Integer(), nullable=True))
    _make_documents()
    _make_witnesses()
    _make_details()
    _make_citations()
    _make_repeals()
    _make_currency()
    _fill_witnesses()


def _make_documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("format", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=True),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("retrieved_at", MOMENT, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_documents_source_id"),
    )
    op.create_index("ix_documents_source_id", "documents", ["source_id"])


def _make_witnesses() -> None:
    op.create_table(
        "work_witnesses",
        sa.Column("work_id", TEXT, nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
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
        sa.PrimaryKeyConstraint("work_id", "source_id", name="pk_work_witnesses"),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name="fk_work_witnesses_work_id"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_work_witnesses_source_id"),
    )
    op.create_index("ix_work_witnesses_source_id", "work_witnesses", ["source_id"])
    op.create_table(
        "witnesses",
        sa.Column("version_id", TEXT, nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("stated_from", sa.Date(), nullable=False),
        sa.Column("stated_from_certain", sa.Boolean(), nullable=False),
        sa.Column("stated_to", sa.Date(), nullable=False),
        sa.Column("stated_to_certain", sa.Boolean(), nullable=False),
        sa.Column("date_source", TEXT, nullable=False),
        sa.Column("declared_status", TEXT, nullable=False),
        sa.Column("text_sha256", TEXT, nullable=False),
        sa.Column("bytes_sha256", TEXT, nullable=False),
        sa.Column("content_sha256", TEXT, nullable=False),
        sa.Column("differing", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("version_id", "source_id", name="pk_witnesses"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name="fk_witnesses_version_id"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_witnesses_source_id"),
    )
    op.create_index("ix_witnesses_source_id", "witnesses", ["source_id"])
    op.create_table(
        "version_documents",
        sa.Column("version_id", TEXT, nullable=False),
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("document_id", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("version_id", "source_id", "position", name="pk_version_documents"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name="fk_version_documents_version_id"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_version_documents_source_id"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_version_documents_document_id"),
    )
    op.create_index("ix_version_documents_document_id", "version_documents", ["document_id"])


def _make_details() -> None:
    op.create_table(
        "version_details",
        sa.Column("version_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("version_id", name="pk_version_details"),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name="fk_version_details_version_id"),
    )


def _make_citations() -> None:
    op.create_table(
        "citations",
        sa.Column("from_version", TEXT, nullable=False),
        sa.Column("from_provision", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("span_from", sa.Integer(), nullable=False),
        sa.Column("span_to", sa.Integer(), nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("title_kind", TEXT, nullable=False),
        sa.Column("article", sa.Integer(), nullable=True),
        sa.Column("inserted", sa.Integer(), nullable=True),
        sa.Column("units", sa.JSON(), nullable=False),
        sa.Column("target_work", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("from_version", "from_provision", "position", name="pk_citations"),
        sa.ForeignKeyConstraint(["from_version"], ["versions.id"], name="fk_citations_from_version"),
    )
    op.create_index(
        "ix_citations_target_work_article_inserted", "citations", ["target_work", "article", "inserted"]
    )
    op.create_index("ix_citations_title", "citations", ["title"])


def _make_repeals() -> None:
    op.create_table(
        "stated_repeals",
        sa.Column("by_version", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("by_provision", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("title_key", TEXT, nullable=False),
        sa.Column("article", sa.Integer(), nullable=True),
        sa.Column("inserted", sa.Integer(), nullable=True),
        sa.Column("units", sa.JSON(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("basis", TEXT, nullable=False),
        sa.Column("target_work", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("by_version", "position", name="pk_stated_repeals"),
        sa.ForeignKeyConstraint(["by_version"], ["versions.id"], name="fk_stated_repeals_by_version"),
    )
    op.create_index("ix_stated_repeals_title_key", "stated_repeals", ["title_key"])
    op.create_index("ix_stated_repeals_target_work", "stated_repeals", ["target_work"])
    op.create_table(
        "provision_states",
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("provision_id", TEXT, nullable=False),
        sa.Column("unit", sa.JSON(), nullable=True),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("source_id", "position", name="pk_provision_states"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_provision_states_source_id"),
        sa.CheckConstraint(
            "state IN ('repealed', 'suspended', 'adjusted')", name=op.f("ck_provision_states_state")
        ),
        sa.CheckConstraint("from_day <= to_day", name=op.f("ck_provision_states_interval")),
    )
    op.create_index("ix_provision_states_provision_id", "provision_states", ["provision_id"])


def _make_currency() -> None:
    op.create_table(
        "currency",
        sa.Column("work_id", TEXT, nullable=False),
        sa.Column("official_status", TEXT, nullable=False),
        sa.Column("official_start", sa.Date(), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("next_due", sa.Date(), nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("work_id", name="pk_currency"),
    )
    op.create_index("ix_currency_next_due", "currency", ["next_due"])
    op.create_table(
        "quarantine",
        sa.Column("source_id", TEXT, nullable=False),
        sa.Column("file", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("source_id", "file", "position", name="pk_quarantine"),
    )
    op.create_table(
        "linked_versions",
        sa.Column("version_id", TEXT, nullable=False),
        sa.Column("recipe", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("version_id", name="pk_linked_versions"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["versions.id"], name="fk_linked_versions_version_id", ondelete="CASCADE"
        ),
    )


def _fill_witnesses() -> None:
    op.execute(
        """
        INSERT INTO work_witnesses (work_id, source_id, kind, title, short_title, aliases, statute_type,
            issuing_body, topic, region, repealed_on, repealed_on_certain, successor)
        SELECT works.id, given.source_id, works.kind, works.title, works.short_title, works.aliases,
            works.statute_type, works.issuing_body, works.topic, works.region, works.repealed_on,
            works.repealed_on_certain, works.successor
        FROM works JOIN (SELECT DISTINCT work_id, source_id FROM versions) AS given
            ON given.work_id = works.id
        """
    )
    # The digest of the bytes is that of the source; what was given is looked at again when it comes again.
    op.execute(
        """
        INSERT INTO witnesses (version_id, source_id, published_on, stated_from, stated_from_certain,
            stated_to, stated_to_certain, date_source, declared_status, text_sha256, bytes_sha256,
            content_sha256, differing)
        SELECT versions.id, versions.source_id, versions.published_on, versions.effective_from,
            versions.effective_from_certain, versions.effective_to, versions.effective_to_certain,
            versions.date_source, versions.declared_status, versions.text_sha256, sources.sha256, '', '[]'
        FROM versions JOIN sources ON sources.id = versions.source_id
        """
    )
