"""The subgraph of goods: what is sold, over GraphQL and over plain REST."""
