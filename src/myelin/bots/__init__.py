"""Programs that are members of rooms: a client of the server like any other, encrypted, on matrix-nio.

Owns an account's one device, its identity, and the way of a message in and out. Knows nothing of the server's inside
and of what its owner says. Wants the packages of `myelin[demo]`.
"""
