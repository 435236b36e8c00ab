"""Plain frozen types of the field; no input or output happens here."""
