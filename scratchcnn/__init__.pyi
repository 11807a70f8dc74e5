# What type checkers read instead of __init__.py, which loads these names when they are first used.
# A test holds the two equal.
from scratchcnn import callbacks as callbacks
from scratchcnn import exercises as exercises
from scratchcnn import keras_bridge as keras_bridge
from scratchcnn import plots as plots
from scratchcnn import reference as reference
from scratchcnn import widgets as widgets
from scratchcnn._utils.checkpoint import DivergenceError as DivergenceError
from scratchcnn.batches import Batches as Batches
from scratchcnn.batches import ShiftedBatches as ShiftedBatches
from scratchcnn.callbacks import EarlyStopping as EarlyStopping
from scratchcnn.callbacks import Recorder as Recorder
from scratchcnn.data.fashion import FASHION_CLASSES as FASHION_CLASSES
from scratchcnn.data.fashion import load_fashion_mnist as load_fashion_mnist
from scratchcnn.data.images import read_image as read_image
from scratchcnn.data.mnist import load_mnist as load_mnist
from scratchcnn.data.mnist import load_mnist_test as load_mnist_test
from scratchcnn.data.shapes import SHAPE_CLASSES as SHAPE_CLASSES
from scratchcnn.data.shapes import make_shapes as make_shapes
from scratchcnn.history import History as History
from scratchcnn.keras_bridge import to_keras as to_keras
from scratchcnn.keras_import import from_keras as from_keras
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
from scratchcnn.losses import SoftmaxCrossEntropy as SoftmaxCrossEntropy
from scratchcnn.losses import softmax as softmax
from scratchcnn.network import Sequential as Sequential
from scratchcnn.network import load_model as load_model
from scratchcnn.optimizers import SGD as SGD
from scratchcnn.optimizers import Adam as Adam
from scratchcnn.preprocessing import Rescaling as Rescaling
from scratchcnn.preprocessing import Reshape as Reshape
from scratchcnn.reference.gradient_check import check_gradients as check_gradients
from scratchcnn.schedules import cosine_decay as cosine_decay
from scratchcnn.schedules import step_decay as step_decay
from scratchcnn.training import Training as Training

__version__: str
