"""Where networks are evaluated: by the engines, or by torch on devices. The bytes never depend on it."""

from __future__ import annotations

import atexit
import os
import re
from importlib.util import find_spec
from typing import TYPE_CHECKING

from nzip import _native, tasks
from nzip.errors import NzipError
from nzip.locks import ProcessLock

if TYPE_CHECKING:
    from nzip.models.contract import ByteModel
    from nzip.models.store import Loaded
    from nzip.models.torch_server import TorchServer

CPU = "cpu"
AUTO = "auto"
TORCH_CPU = "torch:cpu"
FORMS = "cpu, torch:cpu, cuda, cuda:0,1, auto"

_CUDA = re.compile(r"cuda(?::(\d{1,3}(?:,\d{1,3})*))?")

Devices = tuple[str, ...]  # torch's names; none: the engines evaluate their networks themselves

_lock = ProcessLock()
# By the network's id.
_exchanges: dict[tuple[str, Devices], tuple[_native.Exchange, list[TorchServer]]] = {}

os.register_at_fork(after_in_child=_exchanges.clear)  # where their threads do not exist


@atexit.register  # and so called before what tasks registers, which waits for all who wait for a device
def close_exchanges() -> None:
    """A thread that came back to the interpreter while that goes down would abort the process."""
    for exchange, servers in _exchanges.values():
        exchange.close()
        for server in servers:
            server.join()
    _exchanges.clear()


def check_device_name(name: str) -> None:
    """ValueError where that is no name of devices."""
    if name not in (CPU, AUTO, TORCH_CPU) and _CUDA.fullmatch(name) is None:
        raise ValueError(f"device {name!r} is not one of {FORMS}")


def find_devices(name: str) -> Devices:
    """The devices that a user names. ValueError where that is no name, NzipError where they are not here."""
    check_device_name(name)
    if name == CPU:
        return ()
    if name == AUTO:
        return tuple(f"cuda:{number}" for number in range(_gpus())) if _has_torch() else ()
    if not _has_torch():
        raise NzipError(f"device {name} needs torch: pip install 'nzip[gpu]'")
    if (cuda := _CUDA.fullmatch(name)) is None:
        return (CPU,)
    numbers = sorted({int(number) for number in (cuda[1] or "0").split(",")})
    if numbers[-1] >= _gpus():
        raise NzipError(f"device cuda:{numbers[-1]} is not here; torch sees {_gpus()}")
    return tuple(f"cuda:{number}" for number in numbers)


def _has_torch() -> bool:
    return find_spec("torch") is not None


def _gpus() -> int:
    try:
        import torch  # only where it is needed, for it takes seconds
    except ImportError as error:
        raise NzipError(f"torch is broken here: {error}") from None
    count: int = torch.cuda.device_count()
    return count


def exchange_for(network: Loaded[ByteModel], devices: Devices) -> _native.Exchange | None:
    """Where engines ask for the network's predictions; each block is with the device that has the fewest.

    None without devices that can, and when the interpreter ends: then they do without.
    """
    model = network.value.on_devices
    if not devices or model is None or tasks.ending():
        return None
    key = network.id, devices
    with _lock:
        if key not in _exchanges:
            from nzip.models.torch_server import TorchServer

            exchange = _native.Exchange(len(devices))
            servers = []
            for number, name in enumerate(devices):
                server = TorchServer(exchange, number, model, name)
                if tasks.start(server):
                    servers.append(server)
                else:
                    server.give_up()
            _exchanges[key] = exchange, servers
        return _exchanges[key][0]
