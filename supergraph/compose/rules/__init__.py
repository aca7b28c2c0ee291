"""The rules that each subgraph must keep by itself, one concept a module."""
