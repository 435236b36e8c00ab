"""Evaluation over the doors: labelled questions, measures, reports; and the peer of the benchmark."""
