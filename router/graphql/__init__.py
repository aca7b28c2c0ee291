"""GraphQL: from the parameters of a request to the result of its operation.

    parameters ──▶ stage ──▶ planning (memo) ──▶ variables ──▶ executor ──▶ masking ──▶ result

``stage`` tells the whole way; the other modules are its steps, in this order.
"""
