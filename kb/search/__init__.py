"""The one search door: filters, the query pipeline, explanation of a hit."""
