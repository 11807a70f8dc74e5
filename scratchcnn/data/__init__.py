"""Real images, offline from the first minute; and a user's own."""
