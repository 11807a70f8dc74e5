"""The parts of the course's website."""
