"""How fast citations are found: ``python -m tests.bench.citations [FILE…]``.

Without files it reads the default corpus. It prints seconds for 1,000,000 bytes of law, for the citation
graph, and for hostile texts of n and 2n characters: about 2 is linear, about 4 would be quadratic.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from kb.text.catalogue import TitleCatalogue, add_aliases, read_aliases
from kb.text.citations import find_in_provision, find_references, resolve_references
from tests.small_corpus import read_installed_bundles

BYTES = 1_000_000
GRAPH = 95_000
"""Provisions of the largest corpus that was tried."""
HOSTILE = (
    *(
        "《",
        "》",
        "《》",
        "<<",
        "第",
        "1",
        "1、",
        "第1",
        "第1条至第999条",
        "民法典第",
        "第一条第一款",
        "第一条（",
        "第一章",
    ),
    *(
        "第1款、",
        "、之二",
        "第1条1、",
        "（1）、",
        "《劳动法》第1条",
        "本法第",
        "第一条（一、",
        "第一条“",
        "“",
        "”",
        '"',
        "（以下简称",
    ),
    *(
        "《法》（以下简称《甲》）",
        "〔2020〕",
        "京〔2020〕1号",
        "令第1号",
        "前款",
        "前条第1至99项",
        "该法第1条",
        "第1条第1至60款、",
    ),
    *(
        "第一\n",
        "公司法解释",
        "最高人民法院",
        "关于",
        "\u3000",
        "第 ",
        "“第一条规定：“",
        "第1条规定：“",
        "勞",
        "第1条（甲）、",
    ),
)


def measure(work: Callable[[], object]) -> float:
    """The best of three runs, in seconds."""
    times = []
    for _ in range(3):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def time_finding(text: str, catalogue: TitleCatalogue) -> float:
    """Seconds that finding takes in ``text``."""
    return measure(lambda: find_references(text, catalogue))


def main(files: list[str]) -> None:
    """Print the figures."""
    bundles = read_installed_bundles()
    names: dict[str, list[str]] = {}
    for bundle in bundles:
        for name in (bundle.work.title, bundle.work.short_title, *bundle.work.aliases):
            if name:
                names.setdefault(name, []).append(bundle.work.id)
    started = time.perf_counter()
    catalogue = TitleCatalogue.build(add_aliases(names, read_aliases()))
    print(f"catalogue of {len(names)} names: {time.perf_counter() - started:.3f} s")

    provisions = [
        (bundle.work, one) for bundle in bundles for text in bundle.versions for one in text.provisions
    ]
    law = (
        "\n".join(Path(file).read_text("utf-8") for file in files)
        if files
        else "\n".join(one.text for _, one in provisions)
    )
    law = (law * (BYTES // max(len(law.encode()), 1) + 1)).encode()[:BYTES].decode(errors="ignore")

    def find_all() -> None:
        resolve_references(find_references(law, catalogue), catalogue, law)

    print(f"{BYTES} bytes of law: {measure(find_all):.3f} s")
    dense = "依据《劳动合同法》第三十八条第一款第（二）项、第四十六条和民法典第1254、1255条，" * (
        BYTES // 110
    )
    print(f"{len(dense.encode())} bytes of nothing but citations: {time_finding(dense, catalogue):.3f} s")

    started = time.perf_counter()
    rows = sum(len(find_in_provision(one, work, catalogue)) for work, one in provisions)
    took = time.perf_counter() - started
    per_graph = took / len(provisions) * GRAPH
    print(f"graph: {len(provisions)} provisions, {rows} rows, {took:.2f} s ({per_graph:.1f} s for {GRAPH})")

    worst = 0.0
    for piece in HOSTILE:
        once, twice = (time_finding(piece * (n // len(piece)), catalogue) for n in (100_000, 200_000))
        ratio = twice / max(once, 1e-3)
        worst = max(worst, ratio if twice > 0.05 else 0.0)
        print(f"  {piece!r:28} {once:7.3f} s {twice:7.3f} s  x{ratio:.2f}")
    print(f"worst ratio of runs above 50 ms: {worst:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
