"""Data that ships: source manifests, dated corrections, word lists."""
