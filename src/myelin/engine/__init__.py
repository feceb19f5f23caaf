"""The embedded PostgreSQL: found, initialised, started, joined, restarted and stopped.

Owns the folder `postgresql` under `data_dir` and everything in it. Knows nothing of what is stored in the
database, of settings or of the server around it; whoever has a PostgreSQL of their own never comes here.
Why not the wheel's own launcher: docs/decisions, "Embedded PostgreSQL".
"""

from myelin.engine.engine import Engine, embedded_engine
from myelin.engine.errors import EngineError

__all__ = ["Engine", "EngineError", "embedded_engine"]
