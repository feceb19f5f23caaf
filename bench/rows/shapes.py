"""The rooms that rows are measured in: always 16 senders."""

from __future__ import annotations

from bench.load.ward import Shape

ROOMS_OF_2 = Shape(rooms=16, members=2)
ROOMS_OF_10 = Shape(rooms=16, members=10)
ROOMS_OF_50 = Shape(rooms=4, members=50, senders_per_room=4)
