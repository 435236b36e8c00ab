"""The tables as they stand at the newest migration.

Texts are the truth here and nowhere else. A provision is one row per version, so a text of an old
day is never overwritten by a newer one. The tests compare these tables with what the migrations make.
"""

from __future__ import annotations

import sqlalchemy as sa

from kb.store.columns import KindText, StorableText, TextTuple, UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

sources = sa.Table(
    "sources",
    metadata,
    sa.Column("id", StorableText, primary_key=True),
    sa.Column("title", StorableText, nullable=False),
    sa.Column("publisher", StorableText, nullable=False),
    sa.Column("licence", StorableText, nullable=False),
    sa.Column("url", StorableText, nullable=False),
    sa.Column("package_version", StorableText, nullable=False),
    sa.Column("sha256", StorableText, nullable=False),
    sa.Column("retrieved_on", sa.Date, nullable=False),
    sa.Column("current_to", sa.Date, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

works = sa.Table(
    "works",
    metadata,
    sa.Column("id", StorableText, primary_key=True),
    sa.Column("kind", KindText, nullable=False),
    sa.Column("title", StorableText, nullable=False),
    sa.Column("short_title", StorableText, nullable=False),
    sa.Column("aliases", TextTuple, nullable=False),
    sa.Column("statute_type", StorableText, nullable=False),
    sa.Column("issuing_body", StorableText, nullable=False),
    sa.Column("topic", StorableText, nullable=False),
    sa.Column("region", StorableText, nullable=False),
    sa.Column("repealed_on", sa.Date),
    sa.Column("repealed_on_certain", sa.Boolean, nullable=False),
    sa.Column("successor", StorableText, nullable=False),
    # Title, short title and aliases, one a line, case-folded: what a part of a title is looked for in.
    sa.Column("title_search", StorableText, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Index(None, "title"),
    sa.Index(None, "short_title"),
    sa.Index(None, "kind", "region", "topic"),
)

versions = sa.Table(
    "versions",
    metadata,
    sa.Column("id", StorableText, primary_key=True),
    sa.Column("work_id", StorableText, sa.ForeignKey("works.id"), nullable=False),
    sa.Column("source_id", StorableText, sa.ForeignKey("sources.id"), nullable=False),
    sa.Column("version_date", sa.Date, nullable=False),
    sa.Column("published_on", sa.Date, nullable=False),
    sa.Column("effective_from", sa.Date, nullable=False),
    sa.Column("effective_from_certain", sa.Boolean, nullable=False),
    sa.Column("effective_to", sa.Date, nullable=False),
    sa.Column("effective_to_certain", sa.Boolean, nullable=False),
    sa.Column("date_source", StorableText, nullable=False),
    sa.Column("declared_status", StorableText, nullable=False),
    sa.Column("text_sha256", StorableText, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.CheckConstraint("effective_from <= effective_to", name="interval"),
    sa.Index(None, "work_id", "effective_from"),
    sa.Index(None, "source_id"),
)

provisions = sa.Table(
    "provisions",
    metadata,
    sa.Column("version_id", StorableText, sa.ForeignKey("versions.id"), primary_key=True),
    sa.Column("provision_id", StorableText, primary_key=True),
    # 第十七条之一 is article 17, inserted 1; an unnumbered block has neither.
    sa.Column("article", sa.Integer),
    sa.Column("inserted", sa.Integer),
    sa.Column("label", StorableText, nullable=False),
    sa.Column("path", TextTuple, nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("text_sha256", StorableText, nullable=False),
    # Last, so that SQLite reads the columns above without following a long text to other pages.
    sa.Column("text", StorableText, nullable=False),
    sa.CheckConstraint("(article IS NULL) = (inserted IS NULL)", name="number"),
    sa.Index(None, "provision_id"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column(
        "position",
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        sa.Identity(always=True),
        primary_key=True,
    ),
    sa.Column("op", StorableText, nullable=False),
    sa.Column("provision_id", StorableText, nullable=False),
    sa.Column("version_id", StorableText, nullable=False),
    sa.Column("work_id", StorableText, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.CheckConstraint("op IN ('upsert', 'delete')", name="op"),
    # A position must never be used twice, also not after old rows are gone.
    sqlite_autoincrement=True,
)

outbox_positions = sa.Table(
    "outbox_positions",
    metadata,
    sa.Column("generation", StorableText, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)
