"""What an ingest of files found, per document, ready for JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.assemble import Placed
from ingest.lines import Finding
from kb.domain.works import Version
from kb.errors import LawkbError


@dataclass(frozen=True)
class FileReport:
    """One dated text of one file, or the error that kept the file out."""

    file: str
    kind: str = ""
    title: str = ""
    part: str = ""
    work_id: str = ""
    version_id: str = ""
    provisions: int = 0
    candidates: int = 0
    unread: int = 0
    labels: tuple[str, ...] = ()
    dates: tuple[tuple[str, str], ...] = ()
    warnings: tuple[Finding, ...] = ()
    error: LawkbError | None = None

    def to_json(self) -> dict[str, object]:
        """Plain values; ``error`` null or code, message, place and way out."""
        error = self.error
        return {
            "file": self.file,
            "kind": self.kind or None,
            "title": self.title or None,
            "part": self.part or None,
            "work_id": self.work_id or None,
            "version_id": self.version_id or None,
            "provisions": self.provisions,
            "article_lines": self.candidates,
            "article_lines_unread": self.unread,
            "labels": list(self.labels),
            "dates": dict(self.dates),
            "warnings": [
                {"code": one.code, "message": one.message, "line": one.line or None, "lost": one.lost}
                for one in self.warnings
            ],
            "error": error
            and {
                "code": error.code,
                "message": error.message,
                "place": error.place,
                "way_out": error.way_out,
            },
        }


def report_placed(placed: Placed, version: Version | None) -> FileReport:
    """The entry of a draft and of the version that it became."""
    draft = placed.draft
    dates = [("version", placed.version_day.isoformat())]
    if version is not None:
        dates.append(("published", version.published_on.isoformat()))
        dates.append(("effective_from", version.effective_from.isoformat()))
        dates.append(("effective_from_certain", "true" if version.effective_from_certain else "false"))
        dates.append(("effective_from_source", version.date_source))
    if draft.expires_on is not None:
        dates.append(("expires", draft.expires_on.isoformat()))
    if draft.name_date is not None:
        dates.append(("file_name", draft.name_date.isoformat()))
    return FileReport(
        file=draft.file,
        kind=draft.kind.value,
        title=draft.title,
        part=draft.part,
        work_id=placed.work_id if placed.version_id else "",
        version_id=placed.version_id,
        provisions=len(draft.provisions),
        candidates=draft.candidates,
        unread=draft.unread,
        labels=tuple(one.label for one in draft.provisions),
        dates=tuple(dates),
        warnings=placed.findings,
    )


def total(documents: Sequence[FileReport]) -> dict[str, object]:
    """Sums over all documents, warnings and errors by code."""
    return {
        "files": len({document.file for document in documents}),
        "documents": sum(document.error is None for document in documents),
        "errors": sum(document.error is not None for document in documents),
        "provisions": sum(document.provisions for document in documents),
        "article_lines": sum(document.candidates for document in documents),
        "article_lines_unread": sum(document.unread for document in documents),
        "warnings": dict(sorted(Counter(one.code for doc in documents for one in doc.warnings).items())),
        "error_codes": dict(sorted(Counter(doc.error.code for doc in documents if doc.error).items())),
    }
