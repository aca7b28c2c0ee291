"""Where a supergraph comes from: a file, or subgraphs to compose, each by file, by URL or in place."""
