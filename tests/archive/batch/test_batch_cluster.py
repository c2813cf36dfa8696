"""Batch jobs on a Ray cluster: as on one machine, whatever becomes of workers."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from support import model_files
from support.batch_jobs import quick_job, rows, run_job
from support.trees import make_tree

pytest.importorskip("ray", reason="Ray is not installed (nzip[ray])")

import ray
from ray.cluster_utils import Cluster

from nzip.archive.batch import cluster as nzip_cluster
from nzip.archive.batch.cluster import open_cluster
from nzip.archive.batch.pack import Task

pytestmark = pytest.mark.slow

FILES = {f"{i}.txt": (b"%d " % i) * (3000 * (1 + i % 3)) for i in range(60)}


@pytest.fixture(scope="module")
def cluster():
    """Two nodes with a worker each."""
    two = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    two.add_node(num_cpus=1)
    two.wait_for_nodes()
    yield two
    two.shutdown()


@pytest.fixture
def folder(tmp_path):
    make_tree(tmp_path / "source", FILES)
    return tmp_path


def archives(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.nz")}


def worker_processes(cluster):
    """The processes that pack files, on any node."""
    for node in cluster.list_all_nodes():
        raylet = node.all_processes["raylet"][0].process.pid
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{raylet}/task/{raylet}/children").read_text().split()
            for pid in children:
                with contextlib.suppress(OSError):
                    if b"_pack_group" in Path(f"/proc/{pid}/cmdline").read_bytes():
                        yield int(pid)


def test_the_same_archives_although_a_worker_is_killed(cluster, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(nzip_cluster, "GROUP_BYTES", 150_000)  # a dozen files
    (tmp_path / "mine.nzm").write_bytes(model_files.network())
    (tmp_path / "prime").write_bytes(b"a prime " * 100)
    own = {"patterns": ["1*"], "model": str(tmp_path / "mine.nzm"), "prime": str(tmp_path / "prime")}
    run_job(quick_job(folder, rules=[own]))
    job = quick_job(
        folder,
        rules=[own],
        out=str(folder / "from_ray"),
        engine="ray",
        address=cluster.address,
        jobs=4,
    )
    killed: list[int] = []

    def kill():
        deadline = time.monotonic() + 60
        while not killed and time.monotonic() < deadline:
            time.sleep(0.001)
            if not archives(folder / "from_ray"):
                continue  # what it made before it died is to be made again
            for pid in worker_processes(cluster):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
                return

    thread = threading.Thread(target=kill)
    thread.start()
    run_job(job, open_engine=open_cluster)
    thread.join()
    assert killed
    assert set(rows(job, "state").values()) == {"done"}
    assert max(rows(job, "attempts").values()) == 2
    assert archives(folder / "from_ray") == archives(folder / "out")


def test_workers_need_not_have_the_base_network(cluster, folder, tmp_path, monkeypatch):
    (tmp_path / "base.nzm").write_bytes(model_files.network())
    monkeypatch.setenv("NZIP_MODELS", str(tmp_path))
    options = {"include": ["1.txt"], "rules": [{"patterns": ["*"], "level": 9, "prime": "none"}]}
    run_job(quick_job(folder, **options))
    away = {"out": str(folder / "from_ray"), "engine": "ray", "address": cluster.address, "jobs": 1}
    run_job(quick_job(folder, **options, **away), open_engine=open_cluster)
    assert archives(folder / "from_ray") == archives(folder / "out") != {}


def test_the_same_archives_of_several_files(cluster, folder):
    run_job(quick_job(folder, archives=200_000))
    job = quick_job(
        folder, archives=200_000, out=str(folder / "from_ray"), engine="ray", address=cluster.address
    )
    run_job(job, open_engine=open_cluster)
    assert set(rows(job, "state").values()) == {"done"}
    made = [
        {path.name: path.read_bytes() for path in (folder / out).glob("*.nza")} for out in ("out", "from_ray")
    ]
    assert len(made[0]) > 3
    assert made[0] == made[1]


def test_a_worker_with_another_nzip_is_refused(cluster, folder, monkeypatch):
    monkeypatch.setattr(nzip_cluster, "_VERSION", ("0.0", 0))
    job = quick_job(folder, engine="ray", address=cluster.address)
    with pytest.raises(OSError, match=r"not 0\.0 \(engine"):
        run_job(job, open_engine=open_cluster)
    assert set(rows(job, "state").values()) == {"pending"}


def test_what_keeps_killing_its_worker_fails_alone(monkeypatch):
    """Tried again, it has a task of its own."""
    tasks = [Task(i, f"{i}.txt", 10, 1, replaces=False, tried=i > 2) for i in range(5)]
    groups = [[task.id for task in group] for group in nzip_cluster._groups(tasks)]
    assert groups == [[0, 1, 2], [3], [4]]
    monkeypatch.setattr(nzip_cluster, "GROUP_BYTES", 15)
    assert [len(group) for group in nzip_cluster._groups(tasks)] == [1] * 5


def test_no_cluster_at_that_address(folder):
    job = quick_job(folder, engine="ray", address="127.0.0.1:1")
    with pytest.raises(ConnectionRefusedError):
        run_job(job, open_engine=open_cluster)
    assert not ray.is_initialized()
