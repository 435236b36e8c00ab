"""``python -m kb.cli``."""

from kb.cli.app import main

main()
