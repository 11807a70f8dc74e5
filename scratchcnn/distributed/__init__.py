"""One gradient from many machines (lesson 14): Dask sends the work round, this adds it up.

* sharding.py: a batch in a fixed number of shards, and their gradients added in a fixed order;
* cluster.py: the worker processes, here or on other machines;
* session.py: one training on them, and what it does about workers that hang;
* errors.py: what can go wrong, and what to do;
* simulator.py: what a step costs on more workers than anybody has at hand.
"""

from scratchcnn.distributed.cluster import Cluster, close_all, start
from scratchcnn.distributed.errors import ClusterError
from scratchcnn.distributed.sharding import ShardedExecutor, fit, shard_slices
from scratchcnn.distributed.simulator import (
    Case,
    Costs,
    dask_step,
    fitted_costs,
    messages,
    simulate,
)

__all__ = [
    "Case",
    "Cluster",
    "ClusterError",
    "Costs",
    "ShardedExecutor",
    "close_all",
    "dask_step",
    "fit",
    "fitted_costs",
    "messages",
    "shard_slices",
    "simulate",
    "start",
]
