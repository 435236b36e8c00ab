"""Text to vectors: the dense encoder and the sparse encoder with their shipped assets."""
