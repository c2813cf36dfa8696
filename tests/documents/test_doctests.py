"""Every example in a docstring runs."""

import doctest
import importlib
import pkgutil

import pytest

import nzip

MODULES = ["nzip"] + [
    module.name
    for module in pkgutil.walk_packages(nzip.__path__, "nzip.")
    if module.name != "nzip.__main__" and not module.name.startswith("nzip._native")
]
OPTIONAL = {
    "torch",
    "triton",
    "safetensors",
    "tokenizers",
    "gguf",
    "llama_cpp",
    "numba",
    "matplotlib",
    "ray",
    "fsspec",
    "smart_open",
    "numcodecs",
    "zarr",
}


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name not in OPTIONAL:
            raise
        pytest.skip(f"{missing.name} is not installed")
    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert result.failed == 0


@pytest.mark.parametrize("name", [name for name in nzip.__all__ if callable(getattr(nzip, name))])
def test_everything_public_is_documented(name):
    assert getattr(nzip, name).__doc__
