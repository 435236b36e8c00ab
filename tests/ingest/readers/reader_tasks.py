"""What the pool's children are given to do in the tests; functions of a module, as the pool wants."""

from __future__ import annotations

import os
import signal
import time

from kb.errors import BadInputError, LawkbError


def measure(content: bytes, name: str) -> tuple[str, int]:
    return name, len(content)


def obey(content: bytes, name: str) -> str:
    """Do what the file says: one bad file among good ones."""
    match content.decode().split():
        case ["hang"]:
            # Blocked signals stand for a library that never comes back to the interpreter.
            while True:
                time.sleep(60)
        case ["spin"]:
            while True:
                pass
        case ["hog"]:
            return str(len(bytearray(2 << 30)))
        case ["crash"]:
            os.kill(os.getpid(), signal.SIGSEGV)
        case ["leave"]:
            os._exit(3)
        case ["refuse"]:
            raise BadInputError("sample_refused", "样例拒绝", place=name, way_out="改一改")
        case ["fail"]:
            raise KeyError("样例")
        case ["dive"]:
            return obey(content, name)
        case ["stop"]:
            os.kill(os.getpid(), signal.SIGSTOP)
    return content.decode()


def error_code(result: object) -> str:
    return result.code if isinstance(result, LawkbError) else ""


def list_modules(content: bytes, name: str) -> list[str]:
    """What a child has imported."""
    import sys

    return sorted(module.partition(".")[0] for module in sys.modules)
