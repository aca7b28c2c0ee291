"""Large graphs of objects, without the garbage collector walking them again and again.

Composing or reading a supergraph makes millions of objects that all stay; the collector's passes over them cost as much
as the work itself (measured on 200 subgraphs: 15.6 s with, 8.8 s without).
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """No collection inside; afterwards it is as it was."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def settle_memory() -> None:
    """Free what is unused, and let the collector leave alone what is there now: schemas and plans stay for long."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
