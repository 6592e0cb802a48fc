"""A mocked OpenPhone server: the v1 contacts operations, stateful per API key, with latency, a rate limit and faults.

It runs on one event loop, so an injected delay costs no thread. Rules and error codes come from the vendor's OpenAPI
document (December 2025); what is known from observation alone is marked so where it stands.
"""
