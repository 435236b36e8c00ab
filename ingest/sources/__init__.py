"""One small file per source: where its bytes come from and how its rows are read."""
