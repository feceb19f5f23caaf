"""The composition root's parts: what builds each area, from the foundation that all of them share."""
