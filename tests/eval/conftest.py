"""The small law in a real store and index, shared with the tests of the answer door."""

from __future__ import annotations

from tests.answer.conftest import world

__all__ = ["world"]
