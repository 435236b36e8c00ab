"""lawkb: the knowledge base behind public legal services."""

__version__ = "0.1.0"
