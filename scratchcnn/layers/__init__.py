"""The layers that networks are made of, one topic per file."""

from scratchcnn.layers.activations import Dropout as Dropout
from scratchcnn.layers.activations import ReLU as ReLU
from scratchcnn.layers.base import Layer as Layer
from scratchcnn.layers.convolution import Conv2D as Conv2D
from scratchcnn.layers.dense import Dense as Dense
from scratchcnn.layers.dense import Flatten as Flatten
from scratchcnn.layers.normalization import BatchNorm as BatchNorm
from scratchcnn.layers.pooling import AvgPool2D as AvgPool2D
from scratchcnn.layers.pooling import GlobalAvgPool2D as GlobalAvgPool2D
from scratchcnn.layers.pooling import MaxPool2D as MaxPool2D
from scratchcnn.layers.residual import Residual as Residual
