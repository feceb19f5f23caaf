"""Who works here, found as colleagues look for each other, and who is on duty: memory kept current by the log.

Reads the projections; proposes nothing, and knows no request.
"""
