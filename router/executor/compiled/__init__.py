"""Plans turned into code: typed decoding in C, and generated loops, for answers that are as they should be.

    Program ──▶ layout ──▶ structs, source ──▶ CompiledPlan ──▶ SpeculativeRun ──▶ CompiledRun
                                                                               └─▶ PlanRun, for anything unusual

The interpreter (``router.executor.run``) is the reference and handles everything. What is here handles the usual case
and nothing else: each answer is decoded straight into typed structs, which checks it as projection would and creates
no dict. An error, a null where none may be, a value of another type, a key that nobody asked for: the run is given up,
the interpreter takes the answers that have arrived, and goes on from there.

How a plan is compiled, in the order of the data:

* ``selections`` reads what each fetch asks for, ``layout`` finds the ``places`` that its answers fill;
* ``structs`` makes the types that answers are decoded into, and that the response is encoded from;
* ``source`` writes loops; with it ``representing``, ``collecting`` and ``reuse`` write what makes requests, ``filling``
  what becomes of answers;
* ``compiled_plan`` puts it together.
"""
