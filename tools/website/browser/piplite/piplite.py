"""Here the kernel writes its settings."""
