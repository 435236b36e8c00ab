"""An installation opened in this process for measuring: store, serving generation and encoder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kb.cli import compose
from kb.encode.dense import DenseEncoder
from kb.index.manifest import Manifest, missing_error
from kb.index.ownership import take_ownership
from kb.search.bank_keeper import BankKeeper
from kb.search.generation import GenerationHolder
from kb.settings import Settings
from kb.store.database import Database


@dataclass(frozen=True)
class OpenedInstallation:
    """What a measurement works with; no service runs on it meanwhile."""

    database: Database
    holder: GenerationHolder
    encoder: DenseEncoder
    manifest: Manifest
    bank: BankKeeper


@contextmanager
def open_installation(settings: Settings) -> Iterator[OpenedInstallation]:
    """Open what ``settings`` say and close it again.

    Raises IndexStateError (``generation_missing``, ``generation_owned`` …), and as an encoder does.
    """
    database = compose.open_database(settings)
    generations = compose.open_generations(settings)
    ownership = take_ownership(settings.index_dir) if settings.index_engine == "edge" else None
    holder = GenerationHolder()
    try:
        manifest = generations.current()
        if manifest is None:
            raise missing_error(settings.index_dir)
        encoder = compose.open_encoder(settings)
        holder.switch(compose.open_serving(settings, generations, encoder.id))
        bank = compose.open_bank(settings, database, encoder)
        bank.refresh()
        yield OpenedInstallation(database, holder, encoder, manifest, bank)
    finally:
        holder.close()
        database.close()
        if ownership is not None:
            ownership.release()
