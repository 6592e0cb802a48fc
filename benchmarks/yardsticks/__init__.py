"""What the import's speed is held against: how fast PostgreSQL takes in the same rows."""
