"""A CSV's way through: intake -> source -> layout -> normalise -> load, driven by run."""
