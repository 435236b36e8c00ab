"""The desk of standard answers: store, workflow, audit trail, impact of changes of law."""
