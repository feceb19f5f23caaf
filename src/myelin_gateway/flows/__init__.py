"""What the gateway does about what it hears: pure functions of a state, an event and a time, to a state and effects.

Nothing here reads a clock, waits, or knows a room, a table or a protocol; effects are carried out by others.
"""
