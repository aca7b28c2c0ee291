"""What pyproject.toml cannot say: the extension module, which is left out where there is no C compiler."""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "router.executor.spliced._cutter",
            ["router/executor/spliced/cutter.c"],
            depends=["router/executor/spliced/shape.h", "router/executor/spliced/values.h"],
            extra_compile_args=["-O3"],
            optional=True,
        )
    ]
)
