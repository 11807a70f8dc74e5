"""Keras models as users write them."""


def written(keras, *layers, shape=(8, 8, 2)):
    """Return a Keras model as users write it."""
    return keras.Sequential([keras.Input(shape), *layers])
