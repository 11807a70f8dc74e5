"""scratchcnn: a convolutional neural network from nothing but NumPy, to read and to teach."""

from scratchcnn.activations import Dropout, ReLU
from scratchcnn.batches import Batches, ShiftedBatches
from scratchcnn.convolution import Conv2D
from scratchcnn.datasets import load_mnist
from scratchcnn.dense import Dense, Flatten
from scratchcnn.gradients import check_gradients
from scratchcnn.network import Sequential
from scratchcnn.optimizers import SGD, Adam
from scratchcnn.pooling import AvgPool2D, MaxPool2D
from scratchcnn.softmax import SoftmaxCrossEntropy, softmax
from scratchcnn.training import DivergenceError

__version__ = "0.1.0"

__all__ = [
    "SGD",
    "Adam",
    "AvgPool2D",
    "Batches",
    "Conv2D",
    "Dense",
    "DivergenceError",
    "Dropout",
    "Flatten",
    "MaxPool2D",
    "ReLU",
    "Sequential",
    "ShiftedBatches",
    "SoftmaxCrossEntropy",
    "check_gradients",
    "load_mnist",
    "softmax",
]
