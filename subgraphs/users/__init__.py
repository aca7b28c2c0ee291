"""The subgraph of accounts: who people are and which plan they pay for."""
