"""What stands beside a text over HTTP: 新旧对照, sources, citations both ways, the original lines."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api import catalogue
from api.backing import read_backing, read_original
from api.citing import read_cited_by, read_cites
from api.comparing import read_comparison
from api.record_schemas import (
    BackingAnswer,
    CitedByAnswer,
    CitedByQuestion,
    CitesAnswer,
    CitesOut,
    CompareAnswer,
    CompareQuestion,
    OriginalAnswer,
)
from api.routes.works import ProvisionId, WorkId
from api.schemas import problem_responses
from api.services import Services
from api.work_schemas import TextQuestion, VersionOut, WorkOut
from kb.clock import today

NEAREST = "不给 version_id 时取 as_of 当天有效的文本，当天没有时取最近的文本。"


def records_router(services: Services) -> APIRouter:
    """Routes under ``/works/{id}`` and ``/provisions/{id}``."""
    router = APIRouter(tags=["对照、引用和来源"], responses=problem_responses(404, 422, 503))
    database = services.database

    @router.get(
        "/works/{work_id}/compare",
        summary="新旧对照",
        description="逐条对照两个版本：新增、删除、条序变化、修改（逐词）、移动位置、未变。"
        "默认对照最新的两个文本；先施行的总是 old。",
        response_model=CompareAnswer,
    )
    def compare_versions(work_id: WorkId, question: Annotated[CompareQuestion, Query()]) -> CompareAnswer:
        return CompareAnswer.of(read_comparison(database, work_id, question.old, question.new), today())

    @router.get(
        "/works/{work_id}/sources",
        summary="来源、文件和时效核对",
        description=NEAREST,
        response_model=BackingAnswer,
    )
    def read_sources(work_id: WorkId, question: Annotated[TextQuestion, Query()]) -> BackingAnswer:
        reading = catalogue.read_version(database, work_id, question.as_of, question.version_id)
        return BackingAnswer.of(
            WorkOut.of(reading.work),
            reading.as_of,
            VersionOut.of(reading.version, reading.work, reading.as_of),
            read_backing(database, reading),
        )

    @router.get(
        "/provisions/{provision_id}/cited-by", summary="哪些条文引用了这一条", response_model=CitedByAnswer
    )
    def list_citing(
        provision_id: ProvisionId, question: Annotated[CitedByQuestion, Query()]
    ) -> CitedByAnswer:
        page = read_cited_by(
            database,
            provision_id,
            as_of=question.as_of,
            everything=question.include_not_in_force,
            limit=question.limit,
            offset=question.offset,
        )
        return CitedByAnswer.of(provision_id, page, question)

    @router.get(
        "/provisions/{provision_id}/cites",
        summary="这一条引用了什么",
        description=NEAREST,
        response_model=CitesAnswer,
    )
    def list_cited(provision_id: ProvisionId, question: Annotated[TextQuestion, Query()]) -> CitesAnswer:
        reading, cites = read_cites(database, provision_id, question.as_of, question.version_id)
        return CitesAnswer(
            provision_id=provision_id,
            work=WorkOut.of(reading.work),
            as_of=reading.as_of,
            version=VersionOut.of(reading.version, reading.work, reading.as_of),
            citations=[CitesOut.of(one) for one in cites],
        )

    @router.get(
        "/provisions/{provision_id}/source",
        summary="这一条在来源文件中的位置和原样文字",
        description="原样文字取自保存的文件，未经规范化；只有文本类文件给出，Word、PDF、网页等只给出位置。"
        + NEAREST,
        response_model=OriginalAnswer,
    )
    def read_source(provision_id: ProvisionId, question: Annotated[TextQuestion, Query()]) -> OriginalAnswer:
        original = read_original(database, provision_id, question.as_of, question.version_id)
        return OriginalAnswer.of(provision_id, original, original.reading.as_of)

    return router
