"""Sources to records: where bytes come from, how they become works, what is checked."""
