"""Questions into the question bank of the store: what ships, and labelled files of the user's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from kb.domain.bank import BankQuestion, BankSource, CitedProvision
from kb.errors import BadInputError, SourceError
from kb.store.bank import bank_owners, replace_bank
from kb.store.database import Database
from kb.store.works import all_works, title_catalogue
from kb.text.catalogue import TitleCatalogue, add_aliases, read_aliases
from kb.text.citations import find_citations, resolve_citations
from kb.text.numerals import format_article_label
from kb.text.question_files import read_provision_questions


def load_shipped_questions(database: Database) -> int:
    """Make the bank's questions of provisions those that ship; published answers bring their own.

    Returns how many files changed. Raises SourceError ``questions_malformed``.
    """
    wanted: dict[str, list[BankQuestion]] = {}
    for one in read_provision_questions():
        wanted.setdefault(one.owner, []).append(one)
    with database.writing() as connection:
        gone = bank_owners(connection, BankSource.PROVISION) - wanted.keys()
        return replace_bank(connection, BankSource.PROVISION, {**dict.fromkeys(gone, ()), **wanted})


def import_labelled(database: Database, path: Path) -> tuple[int, int]:
    """Labelled questions of ``path`` into the bank; returns (questions taken, citations not resolved).

    One JSON object a line: ``{"id", "question", "cites": [name or {"name"}]}``. Only citations of works that
    are held are kept, by the work's full title; a question none of whose citations is held is not taken.
    Raises BadInputError ``questions_missing``, SourceError ``questions_malformed`` naming the line; nothing
    is written then.
    """
    if not path.is_file():
        raise BadInputError("questions_missing", f"找不到问题文件 {path.name}", place=str(path))
    with database.reading() as connection:
        catalogue = TitleCatalogue.build(add_aliases(title_catalogue(connection), read_aliases()))
        titles = {work.id: work.title for work in all_works(connection)}
    taken: dict[str, list[BankQuestion]] = {}
    lost = 0
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            identity, text = str(record["id"]), str(record["question"])
            names = [one if isinstance(one, str) else str(one["name"]) for one in record["cites"]]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise SourceError(
                "questions_malformed",
                "问题文件有一行读不懂",
                place=f"{path.name}:{number}",
                way_out="每行应为含 id、question 与 cites 的 JSON 对象",
            ) from error
        cites: list[CitedProvision] = []
        for name in names:
            found = _resolve(name, catalogue, titles)
            lost += not found
            cites += found
        if cites:
            unique = tuple(dict.fromkeys(cites))
            taken[identity] = [BankQuestion(text, BankSource.LABELLED, identity, unique)]
    with database.writing() as connection:
        replace_bank(connection, BankSource.LABELLED, taken)
    return len(taken), lost


def _resolve(name: str, catalogue: TitleCatalogue, titles: Mapping[str, str]) -> list[CitedProvision]:
    return [
        CitedProvision(titles[one.work_id or ""], format_article_label(one.number))
        for one in resolve_citations(find_citations(name, catalogue), catalogue)
        if one.work_id in titles and one.number is not None
    ]
