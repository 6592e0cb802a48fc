"""Imports that are disturbed on purpose, and counted: whether anything is lost or doubled, whatever is killed."""
