"""HTTP: from sockets to requests, from responses to sockets.

    client ──▶ listener ──▶ server ──▶ dispatch ──▶ policies ──▶ graphql_door | REST routes

Read in this order: ``listener``, ``server``, ``dispatch``, ``reading``, ``graphql_door``, ``negotiation``,
``multipart``.
"""
