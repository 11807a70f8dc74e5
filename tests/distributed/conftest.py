"""A cluster of real processes, which the tests of a file share."""

import pytest
from small_training import train

from scratchcnn import distributed


@pytest.fixture(scope="module")
def shared():
    pytest.importorskip(
        "distributed.client", reason="Dask is not installed: pip install -e .[cluster]"
    )
    with distributed.Cluster(workers=4) as running:
        yield running


@pytest.fixture
def cluster(shared):
    """The cluster with all its workers, also after a test that has killed some."""
    shared.limit = None
    shared.restore()
    shared.client.wait_for_workers(4, timeout=60)
    return shared


@pytest.fixture(scope="module")
def expected():
    """The weights after a training in this process."""
    return train()
