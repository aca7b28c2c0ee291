"""The subgraph of purchases: orders, and what users and products have to do with them."""
