"""A cluster of real processes; most tests of this folder share it."""

import pytest

from scratchcnn import distributed


@pytest.fixture(scope="module")
def cluster():
    pytest.importorskip(
        "distributed.client", reason="Dask is not installed: pip install -e .[cluster]"
    )
    with distributed.Cluster(workers=4) as running:
        yield running
