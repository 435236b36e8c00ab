"""The tables as they stand at the newest migration.

Works, versions and provisions are what is served; ``work_witnesses`` and ``witnesses`` are what each
source says of them, from which the served rows are decided. Texts are the truth here and nowhere else. A
provision is one row per version, so a text of an old day is never overwritten by a newer one. The tests
compare these tables with what the migrations make.
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
    sa.Column("priority", sa.Integer, nullable=False, server_default="50"),
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
    # Id of the reading that took this one's place under the same day; empty for a text that serves.
    sa.Column("superseded_by", StorableText, nullable=False, server_default=""),
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
    # Behind the columns above, so that SQLite reads them without following a long text to other pages.
    sa.Column("text", StorableText, nullable=False),
    # Where the text was read, for whoever shows the source; searching never asks for it.
    sa.Column("document_id", StorableText),
    sa.Column("line_from", sa.Integer),
    sa.Column("line_to", sa.Integer),
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

documents = sa.Table(
    "documents",
    metadata,
    # SHA-256 of the bytes.
    sa.Column("id", StorableText, primary_key=True),
    sa.Column("name", StorableText, nullable=False),
    sa.Column("format", StorableText, nullable=False),
    sa.Column("kind", KindText),
    sa.Column("source_id", StorableText, sa.ForeignKey("sources.id"), nullable=False),
    sa.Column("retrieved_at", UtcDateTime, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("findings", sa.JSON, nullable=False),
    # zlib; last, so that a list of documents does not read it.
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Index(None, "source_id"),
)

work_witnesses = sa.Table(
    "work_witnesses",
    metadata,
    sa.Column("work_id", StorableText, sa.ForeignKey("works.id"), primary_key=True),
    sa.Column("source_id", StorableText, sa.ForeignKey("sources.id"), primary_key=True),
    # The work as this source describes it.
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
    sa.Index(None, "source_id"),
)

witnesses = sa.Table(
    "witnesses",
    metadata,
    sa.Column("version_id", StorableText, sa.ForeignKey("versions.id"), primary_key=True),
    sa.Column("source_id", StorableText, sa.ForeignKey("sources.id"), primary_key=True),
    # The version as this source states it.
    sa.Column("published_on", sa.Date, nullable=False),
    sa.Column("stated_from", sa.Date, nullable=False),
    sa.Column("stated_from_certain", sa.Boolean, nullable=False),
    sa.Column("stated_to", sa.Date, nullable=False),
    sa.Column("stated_to_certain", sa.Boolean, nullable=False),
    sa.Column("date_source", StorableText, nullable=False),
    sa.Column("declared_status", StorableText, nullable=False),
    sa.Column("text_sha256", StorableText, nullable=False),
    # Digests of the bytes it was read from and of all that was given; empty: look at it again.
    sa.Column("bytes_sha256", StorableText, nullable=False),
    sa.Column("content_sha256", StorableText, nullable=False),
    # Ids of provisions whose text is another in this source; empty where it agrees with what is held.
    sa.Column("differing", TextTuple, nullable=False),
    sa.Index(None, "source_id"),
)

version_documents = sa.Table(
    "version_documents",
    metadata,
    sa.Column("version_id", StorableText, sa.ForeignKey("versions.id"), primary_key=True),
    sa.Column("source_id", StorableText, sa.ForeignKey("sources.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("document_id", StorableText, sa.ForeignKey("documents.id"), nullable=False),
    sa.Index(None, "document_id"),
)

version_details = sa.Table(
    "version_details",
    metadata,
    sa.Column("version_id", StorableText, sa.ForeignKey("versions.id"), primary_key=True),
    sa.Column("kind", KindText, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
)

citations = sa.Table(
    "citations",
    metadata,
    sa.Column("from_version", StorableText, sa.ForeignKey("versions.id"), primary_key=True),
    sa.Column("from_provision", StorableText, primary_key=True),
    # Order within the provision, from 0.
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("text", StorableText, nullable=False),
    sa.Column("span_from", sa.Integer, nullable=False),
    sa.Column("span_to", sa.Integer, nullable=False),
    sa.Column("title", StorableText, nullable=False),
    sa.Column("title_kind", StorableText, nullable=False),
    # Neither for a citation of a whole work.
    sa.Column("article", sa.Integer),
    sa.Column("inserted", sa.Integer),
    # [[款, 项, 目], …], empty for the whole article.
    sa.Column("units", sa.JSON, nullable=False),
    sa.Column("target_work", StorableText),
    sa.Index(None, "target_work", "article", "inserted"),
    sa.Index(None, "title"),
)

stated_repeals = sa.Table(
    "stated_repeals",
    metadata,
    sa.Column("by_version", StorableText, sa.ForeignKey("versions.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("by_provision", StorableText, nullable=False),
    sa.Column("title", StorableText, nullable=False),
    # kb.text.catalogue.short_key of the title.
    sa.Column("title_key", StorableText, nullable=False),
    sa.Column("article", sa.Integer),
    sa.Column("inserted", sa.Integer),
    sa.Column("units", sa.JSON, nullable=False),
    sa.Column("day", sa.Date),
    sa.Column("basis", StorableText, nullable=False),
    sa.Column("target_work", StorableText),
    sa.Index(None, "title_key"),
    sa.Index(None, "target_work"),
)

provision_states = sa.Table(
    "provision_states",
    metadata,
    sa.Column("source_id", StorableText, sa.ForeignKey("sources.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("provision_id", StorableText, nullable=False),
    # [款, 项, 目], null for the whole article.
    sa.Column("unit", sa.JSON(none_as_null=True)),
    sa.Column("from_day", sa.Date, nullable=False),
    sa.Column("to_day", sa.Date, nullable=False),
    sa.Column("state", StorableText, nullable=False),
    sa.Column("reason", StorableText, nullable=False),
    sa.Column("by", StorableText, nullable=False),
    sa.CheckConstraint("state IN ('repealed', 'suspended', 'adjusted')", name="state"),
    sa.CheckConstraint("from_day <= to_day", name="interval"),
    sa.Index(None, "provision_id"),
)

currency = sa.Table(
    "currency",
    metadata,
    # No foreign key: what was checked stays true while a work is out and in again.
    sa.Column("work_id", StorableText, primary_key=True),
    sa.Column("official_status", StorableText, nullable=False),
    sa.Column("official_start", sa.Date),
    sa.Column("checked_on", sa.Date, nullable=False),
    sa.Column("source", StorableText, nullable=False),
    sa.Column("next_due", sa.Date, nullable=False),
    sa.Column("note", StorableText, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Index(None, "next_due"),
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    # No foreign key: a source may fail before it is ever saved.
    sa.Column("source_id", StorableText, primary_key=True),
    sa.Column("file", StorableText, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("code", StorableText, nullable=False),
    sa.Column("reason", StorableText, nullable=False),
    sa.Column("sha256", StorableText, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

linked_versions = sa.Table(
    "linked_versions",
    metadata,
    # Goes with its version, whose links go too.
    sa.Column("version_id", StorableText, sa.ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True),
    # Digest of the text and of the finder whose citations and repeals are stored.
    sa.Column("recipe", StorableText, nullable=False),
)

bank_questions = sa.Table(
    "bank_questions",
    metadata,
    # Grows with every insert and is never used twice: with the count it tells whether the bank changed.
    sa.Column(
        "position",
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        sa.Identity(always=True),
        primary_key=True,
    ),
    sa.Column("source", StorableText, nullable=False),
    sa.Column("owner", StorableText, nullable=False),
    sa.Column("text", StorableText, nullable=False),
    sa.Column("topic", StorableText, nullable=False),
    # [[full title, label], …], best first.
    sa.Column("cites", sa.JSON, nullable=False),
    sa.CheckConstraint("source IN ('answer', 'provision', 'labelled')", name="source"),
    sa.Index(None, "source", "owner"),
    sqlite_autoincrement=True,
)

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("id", StorableText, primary_key=True),
    sa.Column("origin", StorableText, nullable=False),
    # Of the newest revision; the published one may be older.
    sa.Column("state", StorableText, nullable=False),
    # Grows with every change: a save with an older value is refused.
    sa.Column("lock", sa.Integer, nullable=False),
    sa.Column("head", sa.Integer, nullable=False),
    sa.Column("published", sa.Integer),
    sa.Column("title", StorableText, nullable=False),
    sa.Column("topic", StorableText, nullable=False),
    sa.Column("risk", StorableText, nullable=False),
    sa.Column("owner", StorableText, nullable=False),
    sa.Column("next_review", sa.Date),
    sa.Column("publish_on", sa.Date),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.CheckConstraint(
        "state IN ('draft', 'in_review', 'approved', 'published', 'due_for_review', 'retired')", name="state"
    ),
    sa.CheckConstraint("origin IN ('sample', 'edited')", name="origin"),
    sa.CheckConstraint("head >= 1", name="head"),
    sa.Index(None, "title", unique=True),
    sa.Index(None, "state"),
)

answer_revisions = sa.Table(
    "answer_revisions",
    metadata,
    sa.Column("answer_id", StorableText, sa.ForeignKey("answers.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    # Plain form of kb.domain.answers.StandardAnswer.
    sa.Column("record", sa.JSON, nullable=False),
    # [[key, title, label, provision, version, sha256 of the cited text], …]
    sa.Column("pinned", sa.JSON, nullable=False),
    sa.Column("author", StorableText, nullable=False),
    sa.Column("note", StorableText, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("digest", StorableText, nullable=False),
)

answer_events = sa.Table(
    "answer_events",
    metadata,
    sa.Column(
        "position",
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        sa.Identity(always=True),
        primary_key=True,
    ),
    sa.Column("answer_id", StorableText, sa.ForeignKey("answers.id"), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("action", StorableText, nullable=False),
    sa.Column("actor", StorableText, nullable=False),
    sa.Column("comment", StorableText, nullable=False),
    sa.Column("from_state", StorableText, nullable=False),
    sa.Column("to_state", StorableText, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index(None, "answer_id"),
)

answer_uses = sa.Table(
    "answer_uses",
    metadata,
    sa.Column(
        "position",
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        sa.Identity(always=True),
        primary_key=True,
    ),
    # No foreign key: what was told stays on record whatever becomes of the answer.
    sa.Column("answer_id", StorableText, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("channel", StorableText, nullable=False),
    sa.Column("reference", StorableText, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index(None, "answer_id", "revision"),
)

review_tasks = sa.Table(
    "review_tasks",
    metadata,
    sa.Column(
        "id",
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        sa.Identity(always=True),
        primary_key=True,
    ),
    sa.Column("answer_id", StorableText, sa.ForeignKey("answers.id"), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("reason", StorableText, nullable=False),
    sa.Column("severity", StorableText, nullable=False),
    sa.Column("title", StorableText, nullable=False),
    sa.Column("label", StorableText, nullable=False),
    sa.Column("old_text", StorableText, nullable=False),
    sa.Column("new_text", StorableText, nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("closed_by", StorableText, nullable=False),
    sa.CheckConstraint("severity IN ('notice', 'withdraw')", name="severity"),
    sa.Index(None, "answer_id"),
)

audit_entries = sa.Table(
    "audit_entries",
    metadata,
    # Counted by us, without gaps: a gap is a cut.
    sa.Column(
        "position",
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    # Everything that the hash covers is text, written once.
    sa.Column("at", StorableText, nullable=False),
    sa.Column("actor", StorableText, nullable=False),
    sa.Column("action", StorableText, nullable=False),
    sa.Column("subject", StorableText, nullable=False),
    sa.Column("data", StorableText, nullable=False),
    sa.Column("previous", StorableText, nullable=False),
    sa.Column("hash", StorableText, nullable=False),
    sa.Index(None, "subject"),
)

asked_questions = sa.Table(
    "asked_questions",
    metadata,
    sa.Column(
        "position",
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        sa.Identity(always=True),
        primary_key=True,
    ),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("channel", StorableText, nullable=False),
    # Personal data masked before it comes here.
    sa.Column("question", StorableText, nullable=False),
    sa.Column("origin", StorableText, nullable=False),
    # No foreign key, here and in feedback: what was told stays on record whatever becomes of the answer.
    sa.Column("answer_id", StorableText, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("topic", StorableText, nullable=False),
    sa.Column("confidence", sa.Float),
    sa.Column("gap_closed_at", UtcDateTime),
    sa.Index(None, "at"),
    # A gap is named by the position of a question in it: no number is given twice.
    sqlite_autoincrement=True,
)

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column(
        "position",
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        sa.Identity(always=True),
        primary_key=True,
    ),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("channel", StorableText, nullable=False),
    sa.Column("verdict", StorableText, nullable=False),
    sa.Column("satisfied", sa.Integer),
    # Text and question with personal data masked.
    sa.Column("text", StorableText, nullable=False),
    sa.Column("question", StorableText, nullable=False),
    sa.Column("answer_id", StorableText, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("reference", StorableText, nullable=False),
    sa.CheckConstraint("verdict IN ('adopted', 'wrong', 'missing', 'none_fits')", name="verdict"),
    sa.CheckConstraint("satisfied BETWEEN 1 AND 5", name="satisfied"),
    sa.Index(None, "at"),
    sa.Index(None, "answer_id", "revision"),
    sqlite_autoincrement=True,
)

callbacks = sa.Table(
    "callbacks",
    metadata,
    sa.Column(
        "id",
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        sa.Identity(always=True),
        primary_key=True,
    ),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("topic", StorableText, nullable=False),
    # The key lies outside the database; both are emptied when the request is closed.
    sa.Column("contact_encrypted", StorableText, nullable=False),
    sa.Column("note_encrypted", StorableText, nullable=False),
    sa.Column("due_until", UtcDateTime, nullable=False),
    sa.Column("handled_at", UtcDateTime),
    sa.Column("handled_by", StorableText, nullable=False),
    sa.Index(None, "due_until"),
    # The audit trail names requests by id: no id is given twice.
    sqlite_autoincrement=True,
)

accounts = sa.Table(
    "accounts",
    metadata,
    # As written; history names it, so that it never changes and is never given twice.
    sa.Column("name", StorableText, primary_key=True),
    # The same without regard to case and width.
    sa.Column("name_key", StorableText, nullable=False),
    sa.Column("roles", TextTuple, nullable=False),
    sa.Column("password_hash", StorableText, nullable=False),
    sa.Column("must_change", sa.Boolean, nullable=False),
    sa.Column("password_until", UtcDateTime),
    # The key lies outside the database.
    sa.Column("totp_sealed", StorableText, nullable=False),
    sa.Column("totp_pending", StorableText, nullable=False),
    sa.Column("totp_step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column("disabled_at", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Index(None, "name_key", unique=True),
)

account_sessions = sa.Table(
    "account_sessions",
    metadata,
    # Of the token, which only the browser has: a copy of the database signs nobody in.
    sa.Column("digest", StorableText, primary_key=True),
    sa.Column("account", StorableText, sa.ForeignKey("accounts.name"), nullable=False),
    sa.Column("stage", StorableText, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime, nullable=False),
    sa.CheckConstraint("stage IN ('second_step', 'must_change', 'open')", name="stage"),
    sa.Index(None, "account"),
    sa.Index(None, "ends_at"),
)

sign_in_failures = sa.Table(
    "sign_in_failures",
    metadata,
    sa.Column(
        "position",
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        sa.Identity(always=True),
        primary_key=True,
    ),
    # A digest of the name that was tried, whether or not there is such an account.
    sa.Column("subject", StorableText, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index(None, "subject"),
    sa.Index(None, "at"),
)
