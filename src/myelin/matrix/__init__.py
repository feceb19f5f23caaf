"""The words and bytes of the Matrix standard: identifiers, events, hashes, signatures, room versions, errors.

Pure values and functions. Nothing here knows a log, a room's state, a table or a request.
"""
