"""What the Matrix specification decides: who may do what, who may see what, and what is worth a notice.

Pure functions of events and facts. Nothing here reads a clock, a table or the network, and nothing here
knows about hospital policy: that is `policy`.
"""
