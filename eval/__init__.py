"""Benchmarks and, later, evaluation suites over the doors."""
