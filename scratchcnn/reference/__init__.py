"""What everything else is held to: plain loops, and central differences."""

from scratchcnn.reference import loops

__all__ = ["loops"]
