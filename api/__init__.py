"""HTTP: routes, schemas and pages; nothing here decides about law."""
