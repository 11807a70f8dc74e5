"""What all tests share: Hypothesis profiles, and the libraries that may be missing.

`pytest --hypothesis-profile=thorough` draws many more configurations than the fast
profile, which every run uses.
"""

import pytest
from hypothesis import settings

settings.register_profile("fast", derandomize=True, deadline=None, max_examples=60)
settings.register_profile("thorough", derandomize=True, deadline=None, max_examples=600)
settings.load_profile("fast")

LIBRARIES = {"jax", "keras", "keras64"}


def pytest_itemcollected(item):
    """Mark every test that compares with JAX or Keras as slow: both take seconds to compile."""
    if not LIBRARIES.isdisjoint(item.fixturenames):
        item.add_marker("slow")


@pytest.fixture(scope="module")
def jax():
    """JAX in float64, or a skipped test; float32 again after the module's tests."""
    module = pytest.importorskip("jax", reason="JAX is not installed: pip install -e .[keras]")
    before = module.config.jax_enable_x64
    module.config.update("jax_enable_x64", True)
    yield module
    module.config.update("jax_enable_x64", before)


@pytest.fixture(scope="module")
def keras():
    """Keras on JAX, or a skipped test."""
    pytest.importorskip("jax", reason="JAX is not installed: pip install -e .[keras]")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_BACKEND", "jax")  # read when Keras is first imported
        yield pytest.importorskip("keras", reason="Keras is not installed: pip install -e .[keras]")


@pytest.fixture(scope="module")
def keras64(jax, keras):
    """Keras on JAX, computing in float64 from end to end; skipped where it is not installed."""
    from keras.src.backend.common import dtypes

    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    with pytest.MonkeyPatch.context() as patch:
        # On JAX, Keras would take means in float32, whatever JAX has been allowed.
        patch.setitem(dtypes.BIT64_TO_BIT32_DTYPE, "float64", "float64")
        yield keras
    keras.config.set_floatx(before[0])
    keras.config.set_dtype_policy(before[1])
