"""The command line and the composition root: the only place that knows all parts."""

from kb.cli.app import main

__all__ = ["main"]
