"""Server-rendered pages for people; they need no JavaScript."""
