"""HTTP/1.1 below the API: an asyncio.Protocol on httptools, so that a fault can be put on the socket itself."""
