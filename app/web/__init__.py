"""HTTP: routes, keys, limits, problem+json."""
