"""The one family of errors that reaches a person: stable code, Chinese message, place, way out.

Whoever raises picks a class (which fixes exit code and HTTP status) and a code in lower_snake_case;
codes are part of the interface and never change their meaning.
"""

from __future__ import annotations


class LawkbError(Exception):
    """Base of all errors that we explain to a person.

    Args:
        code: stable machine-readable code such as ``query_empty``.
        message: Chinese sentence saying what is wrong.
        place: where (file, line, field, 条), empty when it says nothing more.
        way_out: Chinese sentence saying what to do about it.
    """

    exit_code = 1
    http_status = 500

    def __init__(  # noqa: D107 - the class docstring lists the arguments
        self, code: str, message: str, *, place: str = "", way_out: str = ""
    ) -> None:
        super().__init__(f"[{code}] {message}")
        self.code = code
        self.message = message
        self.place = place
        self.way_out = way_out

    def render(self) -> str:
        """One block of text for a terminal."""
        lines = [f"错误 [{self.code}] {self.message}"]
        if self.place:
            lines.append(f"位置：{self.place}")
        if self.way_out:
            lines.append(f"办法：{self.way_out}")
        return "\n".join(lines)


class BadInputError(LawkbError):
    """The caller sent something that cannot be understood or is out of range."""

    exit_code = 2
    http_status = 422


class NotFoundError(LawkbError):
    """The id is well formed and names nothing that we hold."""

    exit_code = 3
    http_status = 404


class SourceError(LawkbError):
    """A corpus or document is missing, truncated, changed or not what its manifest says."""

    exit_code = 4


class IndexStateError(LawkbError):
    """The index generation is missing, foreign, corrupt, owned by another process or mismatched."""

    exit_code = 5
    http_status = 503


class StoreError(LawkbError):
    """The database cannot be opened, migrated or written (disk full, locked, wrong URL)."""

    exit_code = 6
    http_status = 503


class ServiceError(LawkbError):
    """The service cannot start or answer (port in use, still warming up)."""

    exit_code = 7
    http_status = 503


class ConflictError(LawkbError):
    """Somebody else was faster, or the thing is in a state in which this cannot be done."""

    exit_code = 8
    http_status = 409


class ForbiddenError(LawkbError):
    """The person may not do this."""

    exit_code = 9
    http_status = 403
