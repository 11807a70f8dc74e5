"""Real images, offline from the first minute."""
