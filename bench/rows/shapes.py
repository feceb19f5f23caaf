"""The rooms that rows are measured in, and who sends there: always 16 people at once."""

from __future__ import annotations

from bench.load.ward import Shape, Spread

ROOMS_OF_2 = Shape(rooms=16, members=2)
ROOMS_OF_10 = Shape(rooms=16, members=10)
ROOMS_OF_50 = Shape(rooms=4, members=50)
FOUR_IN_FOUR = Spread(rooms=4, senders=4)
