"""The services under test behind one interface (base.py), embedded on this machine (local.py)."""
