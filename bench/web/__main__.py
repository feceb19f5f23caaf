"""`python -m bench.web [topic ...]`: measures each topic in a real browser and writes its rows."""

import bench.web
from bench.section import WEB
from bench.topics import measure

if __name__ == "__main__":
    measure(bench.web, WEB)
