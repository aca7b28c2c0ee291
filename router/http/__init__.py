"""HTTP: from sockets to requests, from responses to sockets.

    client ──▶ listener ──▶ dispatch ──▶ policies ──▶ graphql_door | REST routes

Read in this order: ``listener``, ``dispatch``, ``reading``, ``graphql_door``, ``negotiation``, ``multipart``.
"""
