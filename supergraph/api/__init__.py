"""What clients see of a supergraph: hidden elements and the machinery of federation are gone."""
