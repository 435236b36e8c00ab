"""Pure functions on Chinese legal text."""
