"""The running service: brings itself up in the background, serves, follows the store and the pointer."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import yaml

from api.services import Readiness, ReadinessState
from ingest.linking import link_texts
from kb.answer.ask import AskService
from kb.answer.desk import AnswerDesk
from kb.answer.recording import UseRecorder
from kb.cli import answering, compose
from kb.cli.chores import DailyChores
from kb.cli.desk import open_auditor
from kb.cli.ingesting import ingest_sources
from kb.domain.ask import Asked, AskRequest
from kb.domain.search import SearchRequest, SearchResult
from kb.encode.dense import DenseEncoder
from kb.encode.vector_cache import PassageVectors
from kb.errors import IndexStateError, LawkbError, ServiceError
from kb.index.follow import BATCH, apply_outbox, pending_count
from kb.index.generations import GenerationStore
from kb.index.ownership import Ownership, take_ownership
from kb.index.protocol import DENSE
from kb.index.rebuild import build_from_store
from kb.search.bank_keeper import BankKeeper
from kb.search.door import SearchService
from kb.search.generation import GenerationHolder, ServingGeneration
from kb.settings import Settings
from kb.store.database import Database
from kb.store.provisions import corpus_digest

log = logging.getLogger(__name__)

WATCH_SECONDS = 1.0
WARM_UP_QUESTION = "老板拖欠工资怎么办"
Report = Callable[[str, int, int], None]
STARTER_FILE = "starter_works.yaml"
BULK = 2_000
"""So many waiting changes become a new generation in another process: encoding them here would slow every
search for minutes."""
REBUILDABLE = frozenset(
    {"generation_missing", "generation_corrupt", "generation_foreign", "encoder_mismatch"}
    | {"sparse_encoder_mismatch", "idf_unreadable", "idf_damaged"}
)
"""States of the index that a new build cures; the text is in the store, so nothing is lost."""


def starter_titles() -> list[str]:
    """Full titles of the works that are searchable first."""
    titles = yaml.safe_load(files("corpora").joinpath(STARTER_FILE).read_text("utf-8"))
    return [str(title) for title in titles]


@dataclass
class _Parts:
    encoder: DenseEncoder | None = None
    vectors: PassageVectors | None = None
    bank: BankKeeper | None = None
    encoder_error: LawkbError | None = None


class Service:
    """Everything behind the web application, from cold start to shutdown.

    ``build`` lets it load the default corpus and build generations (``lawkb run``); without it the service
    only serves what is there (``lawkb serve``). ``report`` hears about progress.
    """

    def __init__(self, settings: Settings, database: Database, report: Report, *, build: bool) -> None:
        """Nothing is started yet."""
        self._settings = settings
        self._database = database
        self._report = report
        self._build = build
        self._holder = GenerationHolder()
        self._door: SearchService | None = None
        self._asker: AskService | None = None
        self._recorder: UseRecorder | None = None
        auditor = open_auditor(settings, database)
        self._chores = DailyChores(settings, database, AnswerDesk(database, auditor), auditor)
        self._state = Readiness(ReadinessState.STARTING, "正在启动", 0.0)
        self._background = ""
        self._parts = _Parts()
        self._stopping = threading.Event()
        self._child: subprocess.Popen[str] | None = None
        self._owner: Ownership | None = None
        self._partial = False
        self._child_failed = False
        self._links_due = build
        self._generations: GenerationStore | None = None
        self._thread = threading.Thread(target=self._live, name="lawkb-service", daemon=True)
        self.failure: LawkbError | None = None
        self.ended = threading.Event()
        self.on_ready: Callable[[], None] = lambda: None

    def start(self, url: str) -> None:
        """Take the index directory and begin; returns at once.

        Raises IndexStateError ``generation_owned`` when another process serves this directory.
        """
        self._generations = compose.open_generations(self._settings)
        if self._settings.index_engine == "edge":
            self._owner = take_ownership(self._settings.index_dir, url)
        self._thread.start()

    def stop(self) -> None:
        """Stop building, close the index, give the directory back."""
        self._stopping.set()
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
        self._thread.join(timeout=20)
        if self._recorder is not None:
            self._recorder.close()
        self._holder.close()
        if self._owner is not None:
            self._owner.release()

    def readiness(self) -> Readiness:
        """State of the service as routes and pages show it."""
        state = self._state
        if state.serves and self._background:
            return Readiness(state.state, self._background, state.progress)
        return state

    def search(self, request: SearchRequest) -> SearchResult:
        """The search door; raises ServiceError ``not_ready`` until it is open."""
        door = self._door
        if door is None:
            raise ServiceError(
                "not_ready", f"服务还没有就绪：{self._state.detail}", way_out="请稍候片刻再试；进度见 /ready"
            )
        return door.search(request)

    def ask(self, request: AskRequest) -> Asked:
        """The answer door; raises ServiceError ``not_ready`` until it is open."""
        asker = self._asker
        if asker is None:
            raise ServiceError("not_ready", "问答还没有就绪", way_out="请稍候片刻再试；进度见 /ready")
        return asker.ask(request)

    # -- life of the background thread -----------------------------------------------------------

    def _live(self) -> None:
        try:
            self._live_until_stopped()
        finally:
            self.ended.set()

    def _live_until_stopped(self) -> None:
        try:
            self._bring_up()
        except LawkbError as error:
            if not self._stopping.is_set():
                self._fail(error)
            return
        except Exception:
            log.exception("the service could not start")
            self._fail(ServiceError("start_failed", "服务启动失败", way_out="详情见日志"))
            return
        while not self._stopping.wait(WATCH_SECONDS):
            try:
                self._follow()
            except Exception:
                log.exception("following the store failed; trying again")
            self._chores.run_if_due()

    def _fail(self, error: LawkbError) -> None:
        self.failure = error
        self._state = Readiness(ReadinessState.STARTING, f"{error.message}（{error.code}）", 0.0)
        log.error("%s", error.render())

    def _bring_up(self) -> None:
        loading = threading.Thread(target=self._load_encoder, name="lawkb-encoder")
        loading.start()
        if self._build:
            self._tell("读取来源", 0, 1)
            ingest_sources(self._settings, self._database, (), progress=self._tell)
        self._tell("加载编码器", 0, 1)
        loading.join()
        self._tell("加载编码器", 1, 1)
        if self._parts.encoder_error is not None:
            log.error("%s", self._parts.encoder_error.render())
        try:
            self._open_current()
        except IndexStateError as error:
            if not self._build or error.code not in REBUILDABLE:
                raise
            log.warning("building a starter generation: %s", error)
            self._build_generation(starter_titles())
            self._open_current()
        self._warm_up()
        self.on_ready()
        self._open_asker()
        if self._build and not self._is_building() and self._is_outdated():
            self._build_in_child()

    def _load_encoder(self) -> None:
        """Words alone can answer, so an encoder that does not load degrades and does not stop us."""
        try:
            self._parts.encoder = compose.open_encoder(self._settings)
            self._parts.vectors = compose.open_vectors(self._settings, self._parts.encoder)
            self._parts.bank = compose.open_bank(self._settings, self._database, self._parts.encoder)
        except LawkbError as error:
            self._parts.encoder_error = error

    def _tell(self, stage: str, done: int, total: int) -> None:
        if self._stopping.is_set():
            raise ServiceError("stopping", "服务正在停止")
        if not self._state.serves:
            self._state = Readiness(ReadinessState.BUILDING, stage, done / max(total, 1))
        self._report(stage, done, total)

    # -- generations -------------------------------------------------------------------------------

    @property
    def _store(self) -> GenerationStore:
        assert self._generations is not None, "start() was not called"
        return self._generations

    def _open_current(self) -> None:
        """Open the current generation, bring it up to the store, then serve it.

        Much to bring up (a corpus exchanged while we were down) is done while it serves.
        """
        encoder = self._parts.encoder
        serving = compose.open_serving(self._settings, self._store, encoder.id if encoder else None)
        try:
            if pending_count(self._database, serving.id) < BATCH:
                self._catch_up(serving)
            if self._parts.bank is not None:
                self._parts.bank.refresh()
            door = self._make_door()
        except BaseException:
            serving.close()
            raise
        self._holder.switch(serving)
        self._door = door
        self._partial = bool(serving.partial)

    def _make_door(self) -> SearchService:
        keeper = self._parts.bank
        bank = None if keeper is None else lambda: keeper.bank
        encoder = self._parts.encoder
        reranking = compose.open_reranking(self._settings, self._database) if encoder else None
        return SearchService(self._database, self._holder, encoder, bank=bank, reranking=reranking)

    def _catch_up(self, serving: ServingGeneration) -> int:
        """Apply what the store has and ``serving`` has not; a starter generation is replaced instead."""
        if serving.partial or not pending_count(self._database, serving.id, 1):
            return 0
        encoder = self._parts.encoder if serving.has_dense else None
        applied = apply_outbox(
            self._database, serving.id, serving.index, serving.sparse, encoder, self._parts.vectors
        )
        log.info("applied %s changes to %s", applied, serving.id)
        return applied

    def _warm_up(self) -> None:
        """The first question pays for dictionaries and pages of memory; better us than a citizen."""
        assert self._door is not None
        for _ in range(2):
            self._door.search(SearchRequest(WARM_UP_QUESTION))
        if self._partial:
            self._state = Readiness(ReadinessState.DEGRADED, compose.PARTIAL)
        elif self._parts.encoder_error is not None:
            self._state = Readiness(ReadinessState.DEGRADED, "含义检索不可用，只按词语检索")
        else:
            self._state = Readiness(ReadinessState.READY, "服务就绪")

    def _open_asker(self) -> None:
        """The answer door, once searching is open: preparing its answers may take seconds the first time."""
        self._recorder = answering.open_recorder(self._settings, self._database)
        try:
            asker = answering.open_ask(
                self._settings,
                self._database,
                self._parts.encoder,
                lambda: self,
                lambda: self._holder.current_id or "",
                self._recorder,
            )
            asker.prepare()
        except LawkbError as error:  # searching goes on without it
            log.error("%s", error.render())
            return
        self._asker = asker
        asker.try_out(AskRequest(WARM_UP_QUESTION))

    def _is_outdated(self) -> bool:
        """Whether the serving generation lacks texts, or the meanings that we could give it."""
        manifest = self._store.current()
        if manifest is None or (self._parts.encoder is not None and DENSE not in manifest.modes):
            return True
        if self._parts.bank is not None and not self._parts.bank.complete:
            return True
        with self._database.reading() as connection:
            return manifest.corpus_digest != corpus_digest(connection)

    def _build_generation(self, titles: list[str] | None) -> None:
        encoders = compose.open_encoders(self._settings, self._parts.encoder)
        build_from_store(
            self._database,
            self._store,
            encoders,
            self._tell,
            starter_titles=titles,
            keep=self._settings.keep_generations,
        )

    def _build_in_child(self) -> None:
        """Build the full generation in another process, so that searches keep their speed."""
        command = [sys.executable, "-m", "kb.cli", "index", "build", "--progress", "json"]
        if self._parts.encoder is None:
            command.append("--words-only")  # all of it by words is more than a few works
        log.info("building in a child process")
        self._child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        threading.Thread(target=self._hear_child, args=(self._child,), daemon=True).start()

    def _hear_child(self, child: subprocess.Popen[str]) -> None:
        assert child.stdout is not None
        for line in child.stdout:
            try:
                said = json.loads(line)
                stage, done, total = str(said["stage"]), int(said["done"]), int(said["total"])
            except (ValueError, KeyError, TypeError):
                continue
            self._background = f"后台建库：{stage} {done * 100 // max(total, 1)}%"
            self._report(stage, done, total)
        if child.wait() != 0 and not self._stopping.is_set():
            self._child_failed = True
            self._background = "后台建库失败，仍用原有索引；请运行 lawkb index build 查看原因"
            log.error("the building process ended with %s", child.returncode)
        else:
            self._child_failed = False
            self._background = ""

    def _is_building(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def _is_bulk(self, serving: ServingGeneration) -> bool:
        """Whether what waits for ``serving`` is left to a new generation."""
        if not self._build or self._child_failed:
            return False
        return pending_count(self._database, serving.id, BULK) >= BULK

    def _follow(self) -> None:
        """Switch when the pointer moved; apply what the store has and the index has not."""
        manifest = self._store.current()
        if manifest is not None and manifest.id != self._holder.current_id:
            self._open_current()
            self._warm_up()
            log.info("now serving %s", manifest.id)
            self._report("切换索引", 1, 1)
            return
        with self._holder.borrow() as serving:
            if self._is_bulk(serving):
                if not self._is_building():
                    self._build_in_child()
            elif self._catch_up(serving):  # a new work may be cited by its title from now on
                self._door = self._make_door()
                self._links_due = self._build
        if self._parts.bank is not None:
            self._parts.bank.refresh()
        if self._links_due and not self._is_building():
            self._links_due = False
            link_texts(self._database, workers=1)


def log_to_file(folder: Path) -> None:
    """Send warnings and errors to ``folder/lawkb.log``: a terminal belongs to the person at it."""
    handler = logging.FileHandler(folder / "lawkb.log", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
