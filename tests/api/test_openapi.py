"""The published schema is true: every operation is called with what it allows and what it forbids.

Operations without parameters or body forbid nothing, so they are only called as they are.
"""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.schemas import OpenApiSchema

from api.app import create_app
from api.services import Services
from kb.access.administration import OPERATOR
from kb.domain.editing import Role
from tests.access.staff import PASSWORD

DESK = "/api/v1/desk/answers"
CALLS = [
    pytest.param(path, method, mode, id=f"{method} {path} {mode.value}")
    for path, methods in create_app(Services(None, None, None)).openapi()["paths"].items()
    for method, operation in methods.items()
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if mode is GenerationMode.POSITIVE or "parameters" in operation or "requestBody" in operation
]


@pytest.fixture(scope="session")
def api_schema(services: Services) -> OpenApiSchema:
    # A body of too many bytes is refused for its size, whatever else is wrong with it.
    config = SchemathesisConfig.from_dict(
        {"checks": {"negative_data_rejection": {"expected-statuses": [400, 404, 405, 406, 413, 415, 422]}}}
    )
    return schemathesis.openapi.from_asgi("/openapi.json", create_app(services), config=config)


@pytest.fixture(scope="session")
def badge(services: Services) -> dict[str, str]:
    """Headers of somebody who is signed in with every role."""
    access = services.access
    assert access is not None
    one_time = access.accounts.add("全能", list(Role), OPERATOR)
    signed = access.door.change_password(access.door.sign_in("全能", one_time), one_time, PASSWORD)
    return {
        "Cookie": f"lawkb={signed.token}",
        "X-CSRF-Token": signed.csrf,
        "Sec-Fetch-Site": "same-origin",
    }


@pytest.mark.parametrize(("path", "method", "mode"), CALLS)
def test_every_operation_keeps_its_promises(
    api_schema: OpenApiSchema, badge: dict[str, str], path: str, method: str, mode: GenerationMode
) -> None:
    # What a whole answer must be is more than a schema says: its positive case is called from outside.
    whole = (method, path) in (("post", DESK), ("put", f"{DESK}/{{answer_id}}"))
    headers = {} if whole and mode is GenerationMode.POSITIVE else badge
    operation = api_schema[path][method]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=15,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def call(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=headers)

    call()


def test_every_operation_is_described_in_chinese(services: Services) -> None:
    document = create_app(services).openapi()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert any("\u4e00" <= char <= "\u9fff" for char in operation["summary"]), path
            for parameter in operation.get("parameters", ()):
                assert parameter["description"], (path, parameter["name"])
    assert "HTTPValidationError" not in document["components"]["schemas"]
