"""From a supergraph document to a view per subgraph.

    supergraph SDL ──▶ document ──▶ features ──▶ views ──▶ Supergraph
                       ▲ you are here

``document`` parses and merges extensions, ``features`` resolves what is linked under which name, ``views`` reads the
join directives since 0.2 and ``fed1`` those of 0.1, ``field_sets`` cleans key, requires and provides.
"""
