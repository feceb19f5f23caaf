"""`python -m bench.gateway [topic ...]`: measures each topic and writes its rows."""

import bench.gateway
from bench.section import GATEWAY
from bench.topics import measure

if __name__ == "__main__":
    measure(bench.gateway, GATEWAY)
