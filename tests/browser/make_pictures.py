"""The README's pictures, taken from the real pages over the default corpus.

``python -m tests.browser.make_pictures`` starts ``lawkb run`` on a free port (settings such as
``LAWKB_DATA_DIR`` hold), photographs it into docs/pictures and stops it.
``--address http://…`` photographs a service that is already running.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kb.domain.works import WorkKind, work_id
from tests.browser.conftest import CHROMIUM_FLAGS

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
MAX_BYTES = 150_000
START_SECONDS = 900
CODE = work_id(WorkKind.STATUTE, "中华人民共和国民法典")
TRADEMARKS = work_id(WorkKind.STATUTE, "中华人民共和国商标法")
"""Two versions in the default corpus."""
GUIDE = work_id(WorkKind.GUIDE, "申请法律援助（民事、行政等事项）")
CITING = (
    "离婚后父母对子女仍有抚养义务（《民法典》第一千零八十四条）。原《婚姻法》第三十六条已不再适用。"
    "另见《劳动合同法实施条例》第5条、民法典第1300条。"
)


@dataclass(frozen=True)
class Shot:
    """A page at one window size; ``height`` in CSS pixels."""

    name: str
    path: str
    width: int = 1000
    height: int = 720
    typed: str = ""
    """Put into the page's text area and sent before the picture is taken."""


SHOTS = (
    Shot("home", "/", height=560),
    Shot("search", "/search?q=老板拖欠工资怎么办"),
    Shot("citation", "/search?q=民法典第1077条", height=520),
    Shot("law", f"/works/{CODE}#a1077", height=600),
    Shot("compare", f"/works/{TRADEMARKS}/compare", height=760),
    Shot("verify", "/verify", height=860, typed=CITING),
    Shot("guide", f"/works/{GUIDE}", height=820),
    Shot("phone", "/search?q=楼上漏水把我家泡了找谁赔", width=390, height=760),
)


@contextlib.contextmanager
def started_service() -> Iterator[str]:
    """Address of a service of our own, ready to search."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "kb.cli", "run", "--port", str(port)])
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_SECONDS
    try:
        while not is_ready(address):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("服务没有起来，见上面的说明")
            time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/ready", timeout=5) as reply:
            return reply.status == 200
    except (OSError, urllib.error.URLError):
        return False


def take_pictures(address: str) -> None:
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(parents=True, exist_ok=True)
    browser_path = (
        shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=CHROMIUM_FLAGS)
        for shot in SHOTS:
            page = browser.new_page(
                viewport={"width": shot.width, "height": shot.height}, locale="zh-CN", color_scheme="light"
            )
            page.goto(address + shot.path)
            if shot.typed:
                page.locator("textarea").fill(shot.typed)
                page.locator("main form button").first.click()
                page.wait_for_load_state()
            file = FOLDER / f"{shot.name}.png"
            page.screenshot(path=str(file))
            page.close()
            size = file.stat().st_size
            print(f"{file.name} {size // 1000} kB")
            if size > MAX_BYTES:
                raise SystemExit(f"{file.name} 超过 {MAX_BYTES // 1000} kB：请改小窗口")
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="拍摄 README 所用的页面图片")
    parser.add_argument("--address", help="已在运行的服务；不填则自己启动一个")
    address = parser.parse_args().address
    with contextlib.nullcontext(address) if address else started_service() as served:
        take_pictures(served)


if __name__ == "__main__":
    main()
