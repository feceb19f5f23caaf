"""The hash tree of RFC 6962: what lets anybody check that a log only ever grew.

Pure functions of bytes. Nothing here knows what an entry means.
"""
