"""A Ray cluster of two workers on loopback: prints its address, and ends a worker for each line of standard input."""

from __future__ import annotations

import sys
from importlib import import_module

if __name__ == "__main__":
    cluster = import_module("ray.cluster_utils").Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False}
    )
    nodes = [cluster.add_node(num_cpus=1, object_store_memory=100 << 20) for _ in range(2)]
    sys.stdout.write(cluster.address + "\n")
    sys.stdout.flush()
    for _ in sys.stdin:
        cluster.remove_node(nodes.pop(), allow_graceful=False)
        sys.stdout.write("removed\n")
        sys.stdout.flush()
    cluster.shutdown()
