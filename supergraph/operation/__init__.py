"""A client's operation: parsed, validated and normalised into the tree that planner and executor share."""
