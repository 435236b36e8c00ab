"""The answer door put together from the settings: shelf, matcher, search, tokens, model server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kb.answer.ask import AskService, Parts
from kb.answer.ask_fallback import Fallback
from kb.answer.ask_matching import MatcherKeeper
from kb.answer.ask_shelf import PublishedAnswers
from kb.answer.conversation import TokenMaker, open_key
from kb.answer.matching_model import load_calibration
from kb.answer.recording import UseRecorder
from kb.answer.rephrase import Rephraser
from kb.answer.rest_days import load_rest_days
from kb.answer.safety_watch import DangerWatch, load_danger_model
from kb.answer.shelf import StoreShelf
from kb.cli import compose
from kb.domain.search import SearchDoor
from kb.settings import Settings
from kb.store.database import Database
from kb.text.tokenise import LegalTokeniser

if TYPE_CHECKING:
    from kb.encode.dense import DenseEncoder


def open_shelf(settings: Settings, database: Database) -> PublishedAnswers:
    """The published answers."""
    return StoreShelf(database, serve_samples=settings.serve_samples)


def open_ask(
    settings: Settings,
    database: Database,
    encoder: DenseEncoder | None,
    door: Callable[[], SearchDoor],
    generation: Callable[[], str],
    recorder: UseRecorder | None = None,
) -> AskService:
    """The answer door; ``door`` and ``generation`` are those of the moment, as an index may be exchanged.

    ``recorder`` hears of every reply; whoever made it closes it.

    Raises SourceError ``calibration_unreadable``, StoreError ``key_unusable``.
    """
    cache = settings.data_dir / "cache"
    keeper = MatcherKeeper(
        load_calibration(Path(settings.answer_calibration) if settings.answer_calibration else None),
        LegalTokeniser(cache_dir=cache),
        encoder,
        compose.open_question_vectors(settings, encoder) if encoder else None,
        compose.open_vectors(settings, encoder) if encoder else None,
    )
    return AskService(
        Parts(
            shelf=open_shelf(settings, database),
            keeper=keeper,
            fallback=Fallback(door, database),
            tokens=TokenMaker(open_key(settings.data_dir), settings.conversation_minutes * 60),
            rest_days=load_rest_days(),
            generation=generation,
            watch=open_watch(settings, encoder),
            rephraser=_open_rephraser(settings),
            record=recorder.record if recorder is not None else None,
        )
    )


def open_recorder(settings: Settings, database: Database) -> UseRecorder:
    """What writes down questions and answers given; to be closed before ``database``."""
    return UseRecorder(database, keep_questions=settings.keep_questions_days > 0)


def open_watch(settings: Settings, encoder: DenseEncoder | None) -> DangerWatch:
    """The watch for danger; by characters alone where the model was made for another encoder.

    Raises SourceError ``danger_model_unreadable``.
    """
    model = load_danger_model(Path(settings.danger_model) if settings.danger_model else None)
    fits = encoder is not None and encoder.id == model.encoder
    return DangerWatch(model, encoder.encode_query if encoder is not None and fits else None)


def _open_rephraser(settings: Settings) -> Rephraser | None:
    if not settings.model_url:
        return None
    from kb.answer.model_call import ModelServer

    server = ModelServer(settings.model_url, settings.model_key, settings.model_name, settings.model_seconds)
    return Rephraser(server)
