"""OpenPhone (now Quo), API v1: contacts pushed from the outbox, paced, each exactly once by its externalId."""
