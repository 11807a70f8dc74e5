"""Draw docs/network.png, the picture at the top of the README, with a freshly trained network.

python tools/picture.py
"""

from pathlib import Path

import numpy as np

from scratchcnn import SGD, Conv2D, Dense, Flatten, MaxPool2D, Sequential, load_mnist
from scratchcnn.plots import forward_pass, to_png

PICTURE = Path(__file__).parent.parent / "docs" / "network.png"

(x_train, y_train), (x_test, y_test) = load_mnist()
x_train, x_test = (x[..., None] / np.float32(255) - np.float32(0.5) for x in (x_train, x_test))

layers = [Conv2D(8, 3, use_bias=False), MaxPool2D(2), Flatten(), Dense(10)]
model = Sequential(layers, input_shape=(28, 28, 1), seed=0)
model.fit(x_train[:1000], y_train[:1000], epochs=5, batch_size=1, optimizer=SGD(0.01))

image = x_test[y_test == 4][:1]
feature_maps = layers[0].forward(image)
pooled = layers[1].forward(feature_maps)
figure = forward_pass(
    image[0, :, :, 0],
    feature_maps[0],
    pooled[0],
    model.predict(image)[0],
    notes=(
        "784 numbers",
        "8 kernels of 3 × 3",
        "the largest of each 2 × 2",
        "1,352 · 10 weights, 10 biases",
    ),
)
PICTURE.parent.mkdir(exist_ok=True)
PICTURE.write_bytes(to_png(figure))
