"""A file too large for one request: split into parts, or sent in parts as one import."""
