"""Alembic's scripts; ``kb.store.schema`` runs them, no ini file is needed."""
