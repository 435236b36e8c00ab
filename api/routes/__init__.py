"""Routes of the HTTP API: thin, one per question that a program may ask."""
