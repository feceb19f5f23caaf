"""`python -m bench.daily [topic ...]`: measures each topic on a server of its own and writes its rows."""

import bench.daily
from bench.section import DAILY
from bench.topics import measure

if __name__ == "__main__":
    measure(bench.daily, DAILY)
