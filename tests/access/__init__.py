"""Accounts, passwords, second step and sessions."""
