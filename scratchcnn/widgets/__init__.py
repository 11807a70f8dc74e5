"""Explorers: widgets to play with, each on one idea of the course.

They are built on the library; no module of the library imports them.
"""

from scratchcnn.widgets.filters import FilterExplorer
from scratchcnn.widgets.gradient import GradientExplorer
from scratchcnn.widgets.live import LiveTraining
from scratchcnn.widgets.pad import DigitPad
from scratchcnn.widgets.pooling import PoolingExplorer
from scratchcnn.widgets.recorder import Recorder
from scratchcnn.widgets.scrubber import TrainingScrubber
from scratchcnn.widgets.softmax import SoftmaxExplorer

__all__ = [
    "DigitPad",
    "FilterExplorer",
    "GradientExplorer",
    "LiveTraining",
    "PoolingExplorer",
    "Recorder",
    "SoftmaxExplorer",
    "TrainingScrubber",
]
