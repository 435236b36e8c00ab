"""Works, their versions and their text over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api import catalogue
from api.backing import judge_currency
from api.detail_schemas import publish_details
from api.fields import PROVISION_ID, WORK_ID
from api.schemas import problem_responses
from api.services import Services
from api.work_schemas import (
    CurrencyOut,
    DatedText,
    DayQuestion,
    ListedWork,
    ProvisionAnswer,
    ProvisionOut,
    ProvisionVersionsAnswer,
    TextAnswer,
    TextQuestion,
    VersionOut,
    VersionsAnswer,
    VersionsQuestion,
    WorkAnswer,
    WorkOut,
    WorksAnswer,
    WorksQuestion,
)
from kb.clock import today

# The pattern is published but not enforced here: an id that we do not know is 404 whatever it looks like.
WorkId = Annotated[
    str,
    Path(description="作品编号", examples=["w0123456789ab"], json_schema_extra={"pattern": f"^{WORK_ID}$"}),
]
ProvisionId = Annotated[
    str,
    Path(
        description="条文编号",
        examples=["w0123456789ab:a17-1"],
        json_schema_extra={"pattern": f"^{PROVISION_ID}$"},
    ),
]


def works_router(services: Services) -> APIRouter:
    """Routes under ``/works`` and ``/provisions``."""
    router = APIRouter(tags=["法律和资料"], responses=problem_responses(404, 422, 503))
    database = services.database

    @router.get("/works", summary="法律和资料目录", response_model=WorksAnswer)
    def list_works(question: Annotated[WorksQuestion, Query()]) -> WorksAnswer:
        day = question.as_of or today()
        listings, total = catalogue.read_works(
            database,
            title=question.title.strip(),
            kind=question.kind,
            topic=question.topic,
            region=question.region,
            status=question.status,
            as_of=day,
            limit=question.limit,
            offset=question.offset,
        )
        return WorksAnswer(
            works=[
                ListedWork(**WorkOut.of(listing.work).model_dump(), status=listing.status)
                for listing in listings
            ],
            as_of=day,
            total=total,
            limit=question.limit,
            offset=question.offset,
        )

    @router.get("/works/{work_id}", summary="一部法律或一份资料", response_model=WorkAnswer)
    def read_work(work_id: WorkId, question: Annotated[DayQuestion, Query()]) -> WorkAnswer:
        shelf = catalogue.read_shelf(database, work_id)
        day = question.as_of or today()
        version = shelf.version_on(day)
        details, records = catalogue.read_beside(database, [version.id] if version else [], [work_id])
        return WorkAnswer(
            work=WorkOut.of(shelf.work),
            as_of=day,
            current=VersionOut.of(version, shelf.work, day) if version else None,
            currency=CurrencyOut.of(judge_currency(records.get(work_id))),
            details=publish_details(details.get(version.id)) if version else None,
        )

    @router.get("/works/{work_id}/versions", summary="全部版本", response_model=VersionsAnswer)
    def list_versions(work_id: WorkId, question: Annotated[VersionsQuestion, Query()]) -> VersionsAnswer:
        shelf = catalogue.read_shelf(database, work_id)
        day = question.as_of or today()
        held = catalogue.in_order(shelf, superseded=question.superseded)
        return VersionsAnswer(
            work=WorkOut.of(shelf.work),
            as_of=day,
            versions=[VersionOut.of(version, shelf.work, day) for version in held],
        )

    @router.get("/works/{work_id}/provisions", summary="全文", response_model=TextAnswer)
    def read_text(work_id: WorkId, question: Annotated[TextQuestion, Query()]) -> TextAnswer:
        reading = catalogue.read_text(database, work_id, question.as_of, question.version_id)
        return TextAnswer(
            work=WorkOut.of(reading.work),
            as_of=reading.as_of,
            version=VersionOut.of(reading.version, reading.work, reading.as_of),
            details=publish_details(reading.details),
            provisions=[
                ProvisionOut.of(provision, reading.states.get(provision.id, ()))
                for provision in reading.provisions
            ],
        )

    @router.get("/provisions/{provision_id}", summary="一条条文", response_model=ProvisionAnswer)
    def read_provision(
        provision_id: ProvisionId, question: Annotated[TextQuestion, Query()]
    ) -> ProvisionAnswer:
        reading = catalogue.read_provision(database, provision_id, question.as_of, question.version_id)
        return ProvisionAnswer(
            work=WorkOut.of(reading.work),
            as_of=reading.as_of,
            version=VersionOut.of(reading.version, reading.work, reading.as_of),
            provision=ProvisionOut.of(reading.provisions[0], reading.states.get(provision_id, ())),
        )

    @router.get(
        "/provisions/{provision_id}/versions",
        summary="一条条文在各版本中的原文",
        response_model=ProvisionVersionsAnswer,
    )
    def list_provision_versions(
        provision_id: ProvisionId, question: Annotated[DayQuestion, Query()]
    ) -> ProvisionVersionsAnswer:
        work, readings = catalogue.read_provision_versions(database, provision_id, question.as_of)
        return ProvisionVersionsAnswer(
            work=WorkOut.of(work),
            as_of=readings[0].as_of,
            texts=[
                DatedText(
                    version=VersionOut.of(reading.version, work, reading.as_of),
                    provision=ProvisionOut.of(reading.provisions[0]),
                )
                for reading in readings
            ],
        )

    return router
