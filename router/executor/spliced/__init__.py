"""Running plans without decoding answers: their bytes are checked, cut, and put together to the response.

    layout ──▶ cutting, shapes ──▶ SplicedPlan ──▶ SplicedRun
                                   Splicer (C) ──▶ Splice (C) ──┘

What clients see of an answer is what the subgraph wrote, so nearly all of a large answer is copied once, into the
response, and never becomes objects. Only what representations are made of is looked at, as bytes. The extension module
that does so is built when Supergate is installed, if there is a C compiler; without it plans are compiled as in
``router.executor.compiled``:

    cutter.c     checks an answer against a shape (shape.h, values.h) and cuts it (cut.h)
    splicer.c    checks a plan
    requests.c   finds the representations of a request and writes it
    splice.c     fills what was left free, and writes the response
    module.c     makes a module of them
"""
