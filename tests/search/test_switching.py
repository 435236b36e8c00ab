"""Exchanging the generation under running searches loses none."""

from __future__ import annotations

import threading
from pathlib import Path

from kb.cli import compose
from kb.domain.search import SearchRequest
from kb.search.door import SearchService
from kb.search.generation import GenerationHolder
from kb.settings import Settings
from kb.store.database import Database
from tests.conftest import build_index
from tests.small_corpus import copy_data_dir

SEARCHERS = 4
QUESTION = "从建筑物中抛掷物品"


def test_a_switch_under_searching_threads_loses_no_search(words_only_dir: Path, tmp_path: Path) -> None:
    settings = Settings(data_dir=copy_data_dir(words_only_dir, tmp_path / "data"))
    database = Database(settings.resolved_database_url)
    generations = compose.open_generations(settings)
    holder = GenerationHolder()
    first = compose.open_serving(settings, generations, None)
    holder.switch(first)
    door = SearchService(database, holder, None)
    expected = [hit.provision_id for hit in door.search(SearchRequest(QUESTION)).hits]
    assert expected
    enough, failures, seen = threading.Event(), list[BaseException](), list[set[str]]()

    def search_on() -> None:
        mine = set[str]()
        try:
            while not enough.is_set():
                found = door.search(SearchRequest(QUESTION))
                assert [hit.provision_id for hit in found.hits] == expected
                mine.add(found.generation)
        except BaseException as error:
            failures.append(error)
        seen.append(mine)

    threads = [threading.Thread(target=search_on) for _ in range(SEARCHERS)]
    for thread in threads:
        thread.start()
    ids = [first.id]
    for _ in range(3):
        ids.append(build_index(settings, database, None))
        holder.switch(compose.open_serving(settings, generations, None))
    last = door.search(SearchRequest(QUESTION))
    enough.set()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert last.generation == ids[-1]
    assert set().union(*seen) <= set(ids)
    assert len(set().union(*seen)) > 1, "no search ran between two switches"
    holder.close()
    # Every generation but the open one was given back: all of them can be pruned.
    assert sorted(generations.prune(keep=1)) == sorted(ids[:-1])
    database.close()
