"""The page of 新旧对照: what changed stands open, what did not is folded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import catalogue
from api.comparing import read_comparison
from api.pages.contents import form_of
from api.pages.render import compress_page, render_page
from api.problems import from_lawkb_error
from api.services import Services
from kb.domain.comparison import CHANGE_LABELS, ChangeKind, ProvisionChange, SegmentKind
from kb.domain.works import Provision, Version
from kb.errors import LawkbError, NotFoundError

QUIET = (ChangeKind.UNCHANGED, ChangeKind.RENUMBERED)
"""Kinds that are folded when their wording stayed."""

TOLD_IN_ORDER = (
    *(ChangeKind.CHANGED, ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.RENUMBERED),
    *(ChangeKind.MOVED, ChangeKind.UNCHANGED),
)

Stretch = tuple[SegmentKind, str]


@dataclass(frozen=True)
class SideLine:
    """One paragraph of one side in stretches; ``form`` as ``contents.Paragraph``."""

    form: str
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True)
class Row:
    """One provision with both its sides, or one that stands on one side."""

    change: ProvisionChange
    old: tuple[SideLine, ...]
    new: tuple[SideLine, ...]

    @property
    def label(self) -> str:
        """``旧第五条 → 新第六条`` for one that bears another number, else the number."""
        old, new = self.change.old, self.change.new
        if old and new and old.label != new.label:
            return f"旧{old.label} → 新{new.label}"
        one = new or old
        return one.label or "正文" if one else ""


@dataclass(frozen=True)
class Run:
    """Rows that stand together: one that changed, or several that did not (``folded``)."""

    kind: ChangeKind
    rows: tuple[Row, ...]
    folded: bool

    @property
    def title(self) -> str:
        """What the folded rows are: ``第一条至第八条，共 8 条，未变``."""
        labels = [row.change.new.label or "正文" for row in self.rows if row.change.new]
        span = labels[0] if len(labels) == 1 else f"{labels[0]}至{labels[-1]}"
        if self.kind is ChangeKind.UNCHANGED:
            return f"{span}，共 {len(self.rows)} 条，未变"
        before = [row.change.old.label or "正文" for row in self.rows if row.change.old]
        if len(self.rows) == 1:
            return f"旧{before[0]} → 新{span}，文字未变"
        return f"旧{before[0]}至{before[-1]} → 新{span}，共 {len(self.rows)} 条，文字未变"


def compare_pages(services: Services) -> APIRouter:
    """Page ``/works/{id}/compare``."""
    router = APIRouter(include_in_schema=False)
    database = services.database

    @router.get("/works/{work_id}/compare")
    def show_comparison(work_id: str, request: Request) -> Response:
        parameters = request.query_params
        shelf = catalogue.read_shelf(database, work_id)
        try:
            compared = read_comparison(
                database, work_id, parameters.get("old") or None, parameters.get("new") or None
            )
        except LawkbError as error:
            problem = from_lawkb_error(error)
            wanted = parameters.get("old"), parameters.get("new")
            return render_page(
                "compare.html",
                status=problem.status,
                problem=problem,
                work=shelf.work,
                choices=choices_of(shelf.versions, ()),
                chosen=wanted,
                retry=not isinstance(error, NotFoundError) or len(shelf.versions) > 1,
                compared=None,
                runs=(),
                counts=(),
                quiet=0,
            )
        counts = compared.comparison.count()
        page = render_page(
            "compare.html",
            problem=None,
            work=shelf.work,
            choices=choices_of(shelf.versions, (compared.old, compared.new)),
            chosen=(compared.old.id, compared.new.id),
            retry=True,
            compared=compared,
            runs=gather_runs(compared.comparison.changes),
            counts=[(kind, CHANGE_LABELS[kind], counts[kind]) for kind in TOLD_IN_ORDER if counts[kind]],
            quiet=sum(
                change.kind is ChangeKind.RENUMBERED and not change.text_changed
                for change in compared.comparison.changes
            ),
        )
        page.headers["Cache-Control"] = "private, no-cache"
        return compress_page(page, request)

    return router


def choices_of(versions: Sequence[Version], chosen: Iterable[Version]) -> list[Version]:
    """The versions to choose from, the latest first; a superseded one only when it is shown."""
    held = {version.id: version for version in (*versions, *chosen)}
    return sorted(held.values(), key=lambda one: (one.effective_from, one.version_date, one.id), reverse=True)


def gather_runs(changes: Iterable[ProvisionChange]) -> list[Run]:
    """Changes in order, those whose wording stayed gathered into runs of one kind."""
    runs: list[Run] = []
    for change in changes:
        folded = change.kind in QUIET and not change.text_changed
        row = Row(change, *split_sides(change))
        if folded and runs and runs[-1].folded and runs[-1].kind is change.kind:
            runs[-1] = Run(change.kind, (*runs[-1].rows, row), True)
        else:
            runs.append(Run(change.kind, (row,), folded))
    return runs


def split_sides(change: ProvisionChange) -> tuple[tuple[SideLine, ...], tuple[SideLine, ...]]:
    """Old and new side in paragraphs; an empty side for a provision that stands on the other alone."""
    if change.segments and change.text_changed:
        stretches = [(segment.kind, segment.text) for segment in change.segments]
        return _lines(stretches, SegmentKind.INSERT), _lines(stretches, SegmentKind.DELETE)
    return _plain(change.old), _plain(change.new)


def _plain(provision: Provision | None) -> tuple[SideLine, ...]:
    return _lines([(SegmentKind.EQUAL, provision.text)], None) if provision else ()


def _lines(stretches: Iterable[Stretch], without: SegmentKind | None) -> tuple[SideLine, ...]:
    lines: list[list[Stretch]] = [[]]
    for kind, text in stretches:
        if kind is without:
            continue
        first, *rest = text.split("\n")
        lines[-1].append((kind, first))
        lines += [[(kind, part)] for part in rest]
    made = []
    for line in lines:
        kept = tuple((kind, text) for kind, text in line if text)
        if kept:
            made.append(SideLine(form_of("".join(text for _, text in kept).strip()), kept))
    return tuple(made)
