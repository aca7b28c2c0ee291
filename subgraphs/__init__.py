"""Three example subgraphs: users, orders and products.

Each is a Strawberry service that runs alone (``python -m subgraphs.users``) and knows nothing of the gateway. They are
here to try the gateway with, and to show what a subgraph has to do: see ``README.md``.
"""
