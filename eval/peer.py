"""Run the search of ``china-law-mcp`` itself on given questions, in a process of its own.

It is the peer that ``lawkb bench`` measures us against; the service never uses its code. Standard input:
JSON list of questions. Standard output: one JSON object with the hits and milliseconds of each.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    """Answer the questions of standard input."""
    questions = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CHINA_LAW_INDEX"] = str(Path(folder) / "bm25.pkl")  # not into site-packages
        from china_law_mcp import retrieval

        retrieval.search("预热", top_k=10)
        answers = []
        for question in questions:
            started = time.perf_counter()
            hits = retrieval.search(question, top_k=10)
            took = (time.perf_counter() - started) * 1000
            answers.append({"names": [f"{h['law_name']}{h['article_no']}" for h in hits], "ms": took})
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    json.dump({"answers": answers, "resident_mb": resident / 1e6}, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
