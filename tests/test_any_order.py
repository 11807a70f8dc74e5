"""Public forward and backward agree with plain loops, whatever has been called before.

A machine calls what a reader may call, in random order, and keeps in mind what each layer must
have seen last. Where a layer has seen nothing since it was built, copied, loaded or trained,
`backward` says so.
"""

import copy
import pickle
import tempfile
from pathlib import Path

import numpy as np
import pytest
from drawn import assert_close, examples
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from scratchcnn import SGD, Conv2D, Dense, Flatten, MaxPool2D, ReLU, Sequential, load_model
from scratchcnn.losses import softmax
from scratchcnn.reference import loops

pytestmark = pytest.mark.slow

IMAGE = (6, 6, 1)
TOLERANCE = 1e-9
places = st.integers(0, 4)
counts = st.integers(1, 2)
seeds = st.integers(0, 2**16)
# Sizes of batches and of data: the plain way, the fast way with one image, with some, and in
# parts. More than MIN_IMAGES_TO_PREDICT are predicted in the fast way.
trainings = st.sampled_from([(1, 2), (3, 4), (70, 70)])
many_or_few = st.sampled_from([1, 3, 66])


def random(shape, seed):
    return np.random.default_rng(seed).standard_normal(shape)


def oracle(place, weights):
    """Return the forward and backward of one layer as plain loops, for weights by name."""
    kernel, bias = weights.get("kernel"), weights.get("bias")
    return [
        (
            lambda x: loops.conv2d_forward(x, kernel, bias),
            lambda dy, x: loops.conv2d_backward(dy, x, kernel),
        ),
        (loops.relu_forward, lambda dy, x: (loops.relu_backward(dy, x),)),
        (loops.max_pool2d_forward, lambda dy, x: (loops.max_pool2d_backward(dy, x),)),
        (loops.flatten_forward, lambda dy, x: (loops.flatten_backward(dy, x),)),
        (
            lambda x: loops.dense_forward(x, kernel, bias),
            lambda dy, x: loops.dense_backward(dy, x, kernel),
        ),
    ][place]


class AnyOrder(RuleBasedStateMachine):
    """A network, and for each of its layers the images that it saw last, or None."""

    @initialize(seed=seeds)
    def make(self, seed):
        layers = [Conv2D(2, 3), ReLU(), MaxPool2D(2), Flatten(), Dense(3)]
        self.model = Sequential(layers, IMAGE, seed=seed, dtype="float64")
        self.seen = [None] * 5
        self.weights = self.model.get_weights()

    def loops_of(self, place):
        return oracle(place, dict(self.model.layers[place].params))

    def expected_scores(self, x):
        for place in range(5):
            x = self.loops_of(place)[0](x)
        return x

    @rule(place=places, count=counts, seed=seeds, training=st.booleans())
    def forward_of_a_layer(self, place, count, seed, training):
        layer = self.model.layers[place]
        x = random((count, *layer.input_shape), seed)
        y = layer.forward(x, training) if seed % 2 else layer(x, training)
        assert_close(y, self.loops_of(place)[0](x), TOLERANCE)
        self.seen[place] = x

    @rule(count=counts, seed=seeds, training=st.booleans())
    def forward_of_the_network(self, count, seed, training):
        x = random((count, *IMAGE), seed)
        scores = self.model.forward(x, training)
        for place in range(5):
            self.seen[place] = x
            x = self.loops_of(place)[0](x)
        assert_close(scores, x, TOLERANCE)

    @rule(place=places, seed=seeds)
    def backward_of_a_layer(self, place, seed):
        layer, x = self.model.layers[place], self.seen[place]
        if x is None:
            with pytest.raises(RuntimeError, match="call forward before backward"):
                layer.backward(random((1, *layer.output_shape), seed))
            return
        dy = random((len(x), *layer.output_shape), seed)
        dx = layer.backward(dy)
        expected = self.loops_of(place)[1](dy, x)
        for ours, theirs in zip([dx, *layer.grads.values()], expected, strict=True):
            assert_close(ours, theirs, TOLERANCE)

    @rule(seed=seeds)
    def backward_of_the_network(self, seed):
        """It goes through if all layers saw the same number of images, however they came there."""
        last = self.seen[4]
        dy = random((1 if last is None else len(last), 3), seed)
        for x in reversed(self.seen):
            if x is None or len(x) != len(dy):
                error = RuntimeError if x is None else ValueError
                with pytest.raises(error, match=r"call forward before|dy has shape"):
                    self.model.backward(dy)
                return
        dx = self.model.backward(dy)
        for place in reversed(range(5)):
            dy, *gradients = self.loops_of(place)[1](dy, self.seen[place])
            for ours, theirs in zip(
                self.model.layers[place].grads.values(), gradients, strict=True
            ):
                assert_close(ours, theirs, TOLERANCE)
        assert_close(dx, dy, TOLERANCE)

    @rule(training=trainings, seed=seeds)
    def fit(self, training, seed):
        batch_size, count = training
        twin = copy.deepcopy(self.model)
        x, y = random((count, *IMAGE), seed), np.arange(count) % 3
        self.model.fit(x, y, batch_size=batch_size, optimizer=SGD(0.05), verbose=False)
        self.seen = [None] * 5
        # One step after the other, layer by layer: the same order of images, the same updates.
        order = twin.rng.permutation(count)
        for start in range(0, count, batch_size):
            part = order[start : start + batch_size]
            logits = twin.forward(x[part], training=True)
            dlogits = loops.softmax_cross_entropy(logits, y[part])[1]
            twin.backward(dlogits)
            for name, layer in ((layer.name, layer) for layer in twin.layers if layer.trainable):
                for key, param in layer.params.items():
                    param -= 0.05 * twin.grads[f"{name}/{key}"]
        for ours, theirs in zip(self.model.get_weights(), twin.get_weights(), strict=True):
            assert_close(ours, theirs, TOLERANCE)
        self.weights = self.model.get_weights()

    @rule(count=many_or_few, seed=seeds)
    def predict(self, count, seed):
        x = random((count, *IMAGE), seed)
        probabilities = self.model.predict(x)
        assert_close(probabilities[-2:], softmax(self.expected_scores(x[-2:])), TOLERANCE)

    @rule(count=many_or_few, seed=seeds)
    def evaluate(self, count, seed):
        x, y = random((1, *IMAGE), seed), [seed % 3]
        loss, accuracy = self.model.evaluate(np.repeat(x, count, axis=0), np.repeat(y, count))
        scores = self.expected_scores(x)
        assert loss == pytest.approx(loops.softmax_cross_entropy(scores, y)[0], rel=TOLERANCE)
        assert accuracy == (scores.argmax() == y[0])

    @rule(how=st.sampled_from([copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))]))
    def copied(self, how):
        self.model, self.seen = how(self.model), [None] * 5

    @rule()
    def saved_and_loaded(self):
        with tempfile.TemporaryDirectory() as folder:
            self.model.save(Path(folder, "model.npz"))
            self.model, self.seen = load_model(Path(folder, "model.npz")), [None] * 5

    @rule(place=st.sampled_from([0, 4]), key=st.sampled_from(["kernel", "bias"]), seed=seeds)
    def edit_a_parameter(self, place, key, seed):
        layer = self.model.layers[place]
        values = random(layer.params[key].shape, seed)
        if seed % 2:
            layer.params[key] = values
        else:
            self.model.params[f"{layer.name}/{key}"] = values
        self.weights = self.model.get_weights()

    @rule(place=st.sampled_from([0, 4]))
    def freeze_or_not(self, place):
        layer = self.model.layers[place]
        layer.trainable = not layer.trainable

    @invariant()
    def nothing_else_changes_a_parameter(self):
        if hasattr(self, "model"):
            ours = self.model.get_weights()
            assert all(np.array_equal(*pair) for pair in zip(ours, self.weights, strict=True))


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=examples(120, 1000), stateful_step_count=25)
