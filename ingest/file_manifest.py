"""The manifest of a source of files: a folder that somebody keeps, or a list of addresses to fetch."""

from __future__ import annotations

import datetime as dt
import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ingest.strict_yaml import read_strict_yaml
from kb.domain.works import Source, WorkKind
from kb.errors import BadInputError

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
SourceId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,60}$")]

LOCAL_FILES = "local_files"
"""The source of files that are given on the command line without a manifest."""
LOCAL_PRIORITY = 40
"""Below the default corpus (50): a file found somewhere does not overrule a checked source."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExpectedFiles(_Strict):
    """What the source must hold; a difference stops the run before anything is written."""

    files: int | None = Field(None, ge=1)
    works: int | None = Field(None, ge=1)
    provisions: int | None = Field(None, ge=1)


class TextFix(_Strict):
    """A known mistake in a file: ``wrong`` must occur in it exactly once."""

    file: Text
    wrong: Text
    right: Annotated[str, StringConstraints(max_length=500)]
    reason: Text


class FileManifest(_Strict):
    """A source of files: publisher, licence, kind, where the files are, what they must hold, known mistakes.

    ``folder`` is relative to the manifest. ``complete`` says that the folder is all there is: what
    vanished from it is withdrawn. ``hosts`` are the only ones that ``urls`` may lead to.
    """

    id: SourceId
    type: Literal["folder", "urls"]
    title: Text
    publisher: Text
    licence: Text
    url: str = ""
    kind: WorkKind | None = None
    folder: str = ""
    urls: list[Text] = []
    hosts: list[Text] = []
    seconds_between: float = Field(1.0, ge=0.0, le=600.0)
    priority: int = Field(LOCAL_PRIORITY, ge=0, le=100)
    complete: bool = False
    retrieved_on: dt.date
    current_to: dt.date | None = None
    expected: ExpectedFiles = ExpectedFiles()
    fixes: list[TextFix] = []
    aliases: dict[Text, list[Text]] = {}

    @model_validator(mode="after")
    def _names_its_files(self) -> Self:
        if self.type == "folder" and (not self.folder or self.urls or self.hosts):
            raise ValueError("类型 folder 须写 folder，不写 urls 与 hosts")
        if self.type == "urls" and (not self.urls or not self.hosts or self.folder):
            raise ValueError("类型 urls 须写 urls 与 hosts，不写 folder")
        for url in self.urls:
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or parts.hostname not in self.hosts:
                raise ValueError(f"地址不是 http(s) 或其主机不在 hosts 中：{url}")
        return self

    def describe(self, digest: str) -> Source:
        """The source record; ``digest`` is over everything that decides its records."""
        return Source(
            id=self.id,
            title=self.title,
            publisher=self.publisher,
            licence=self.licence,
            url=self.url,
            package_version="",
            sha256=digest,
            retrieved_on=self.retrieved_on,
            current_to=self.current_to or self.retrieved_on,
            priority=self.priority,
        )


def list_shipped_sources() -> tuple[str, ...]:
    """Names of the manifests in ``corpora/sources``, the package source among them."""
    folder = files("corpora") / "sources"
    return tuple(sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".yaml")))


def load_file_manifest(path: Path) -> tuple[FileManifest, str]:
    """A manifest file and its digest.

    Raises BadInputError ``manifest_unreadable``, SourceError (``yaml_…``).
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInputError(
            "manifest_unreadable",
            f"来源清单读不出来：{error.strerror}",
            place=path.name,
            way_out="请核对路径与权限",
        ) from None
    return read_strict_yaml(content, FileManifest, path.name), hashlib.sha256(content).hexdigest()
