"""Real images that work offline, and tools to load your own."""
