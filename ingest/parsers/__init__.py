"""Rows and lines to domain records: pure functions, no files, no database."""
