"""The configuration: ``router.yaml`` and what it may say.

    files ──▶ document ──▶ expand ──▶ load ──▶ Config

``model`` lists the blocks, each of which is a module of its own; ``section`` and ``units`` are what they are made of.
``documented`` knows the keys that are still to come. Configuration is read by those who build a snapshot, never while a
request is answered.
"""
