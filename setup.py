"""What pyproject.toml cannot say: the extension module, which is left out where there is no C compiler."""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "router.executor.spliced._splicer",
            [f"router/executor/spliced/{name}.c" for name in ("cutter", "module", "requests", "splice", "splicer")],
            depends=[f"router/executor/spliced/{name}.h" for name in ("cut", "shape", "splice", "splicer", "values")],
            extra_compile_args=["-O3"],
            optional=True,
        )
    ]
)
