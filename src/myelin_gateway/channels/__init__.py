"""The edges of the gateway: where the hospital's systems reach it, and where it reaches them."""
