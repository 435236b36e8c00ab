"""Vectors to ranked ids: one protocol, two engines, generations."""
