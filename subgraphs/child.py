"""Run a module as ``python -m`` would, until stdin closes: ``python -m subgraphs.child MODULE [ARGUMENT …]``.

Whoever starts a child with a pipe as its stdin holds the other end. That end closes when the parent dies, however it
dies, and the child then stops itself as if it had been asked to.
"""

import os
import runpy
import signal
import sys
import threading


def stop_with_parent() -> None:
    """Wait, in a thread of its own, for the end of stdin; then ask this process to stop."""
    # Not sys.stdin.read(): a thread that still waits in it when Python shuts down aborts the process.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=stop_with_parent, daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
