"""The same numbers, sooner (lessons 12 and 13)."""
