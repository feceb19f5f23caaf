"""`myelin-gateway`: the messages of the hospital's systems find their people, and what must be answered is answered.

A process of its own beside the HIS. It knows the homeserver as an end-to-end encrypted client does, over HTTP, and
nothing of its inside.
"""
