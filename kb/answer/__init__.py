"""The answer door: checking what is said against what the law says."""
