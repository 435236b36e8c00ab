"""Readers: bytes of one format to lines or rows with places; no law is decided here."""
