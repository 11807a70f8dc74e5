"""What a network is made of, a subject a file."""

from scratchcnn.layers.activations import Dropout, ReLU
from scratchcnn.layers.base import Layer
from scratchcnn.layers.convolution import Conv2D
from scratchcnn.layers.dense import Dense, Flatten
from scratchcnn.layers.normalization import BatchNorm
from scratchcnn.layers.pooling import AvgPool2D, GlobalAvgPool2D, MaxPool2D
from scratchcnn.layers.preprocessing import Rescaling, Reshape
from scratchcnn.layers.residual import Residual

__all__ = [
    "AvgPool2D",
    "BatchNorm",
    "Conv2D",
    "Dense",
    "Dropout",
    "Flatten",
    "GlobalAvgPool2D",
    "Layer",
    "MaxPool2D",
    "ReLU",
    "Rescaling",
    "Reshape",
    "Residual",
]
