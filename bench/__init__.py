"""Measures Myelin beside Synapse and ejabberd: `python -m bench`.

`launch` starts servers, `load` is the load generator (a process of its own), `rows` holds one module for each line of
the table. Nothing here imports `myelin`: every server is seen through its wire only.
"""
