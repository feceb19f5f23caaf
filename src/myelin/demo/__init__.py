"""`myelin demo`: a hospital that one can walk into, with colleagues who write and answer.

Owns its people, its groups, what is said there, and the links for three newcomers. Nothing else knows of it, and
none of it is ever part of a real hospital.
"""

from myelin.demo.running import demo, reset_demo

__all__ = ["demo", "reset_demo"]
