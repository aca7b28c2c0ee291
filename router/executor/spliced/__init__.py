"""Running plans without decoding answers: their bytes are checked, cut, and put together to the response.

    layout ──▶ cutting, shapes ──▶ SplicedPlan ──▶ SplicedRun
                                   Cutter (cutter.c) ──┘

What clients see of an answer is what the subgraph wrote, so nearly all of a large answer is copied and never becomes
objects. Only what representations are made of is looked at, as bytes. The extension module that reads answers is built
when Supergate is installed, if there is a C compiler; without it plans are compiled as in ``router.executor.compiled``.
"""
