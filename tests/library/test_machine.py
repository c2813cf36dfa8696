"""What control groups allow, as Linux, Docker and systemd show them."""

from __future__ import annotations

import pytest

from nzip import cgroups, machine

V2 = "25 24 0:22 {root} {mount} rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate"
V1 = "30 24 0:26 {root} {mount} rw,nosuid shared:11 - cgroup cgroup rw,{controllers}"
ROOT = "21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw"


@pytest.fixture
def system(tmp_path):
    """Makes a /proc/self and the files of control groups; returns the path of the former."""

    def make(groups: str, mounts: list[str], files: dict[str, str]) -> str:
        proc = tmp_path / "proc"
        proc.mkdir()
        (proc / "cgroup").write_text(groups)
        lines = [ROOT, *mounts]
        (proc / "mountinfo").write_text("".join(f"{line}\n" for line in lines))
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{content}\n")
        return str(proc)

    return make


def test_version_2_and_the_groups_above(system, tmp_path):
    proc = system(
        "0::/a.slice/b.scope\n",
        [V2.format(root="/", mount=tmp_path / "sys")],
        {
            "sys/a.slice/b.scope/memory.max": "max",
            "sys/a.slice/b.scope/memory.high": "3000",
            "sys/a.slice/memory.max": "2000",
            "sys/a.slice/b.scope/cpu.max": "max 100000",
            "sys/a.slice/cpu.max": "150000 100000",
        },
    )
    assert cgroups.memory_limit(proc) == 2000
    assert cgroups.cpu_limit(proc) == 1.5


def test_the_soft_limit_of_version_2(system, tmp_path):
    proc = system(
        "0::/\n",
        [V2.format(root="/", mount=tmp_path / "sys")],
        {"sys/memory.max": "5000", "sys/memory.high": "4000"},
    )
    assert cgroups.memory_limit(proc) == 4000


def test_a_container_of_version_1(system, tmp_path):
    """Its groups' paths are those of the host, of which only its own is mounted."""
    proc = system(
        "5:cpu,cpuacct:/docker/12ab\n4:memory:/docker/12ab\n0::/\n",
        [
            V1.format(root="/docker/12ab", mount=tmp_path / "my\\040sys/memory", controllers="memory"),
            V1.format(root="/docker/12ab", mount=tmp_path / "cpu", controllers="cpu,cpuacct"),
        ],
        {
            "my sys/memory/memory.limit_in_bytes": "1000000",
            "cpu/cpu.cfs_quota_us": "50000",
            "cpu/cpu.cfs_period_us": "100000",
        },
    )
    assert cgroups.memory_limit(proc) == 1_000_000
    assert cgroups.cpu_limit(proc) == 0.5


def test_a_group_of_version_1(system, tmp_path):
    proc = system(
        "4:memory:/user/me\n",
        [V1.format(root="/", mount=tmp_path / "memory", controllers="memory")],
        {
            "memory/memory.limit_in_bytes": "9223372036854771712",
            "memory/user/memory.limit_in_bytes": "700",
            "memory/user/me/memory.limit_in_bytes": "800",
        },
    )
    assert cgroups.memory_limit(proc) == 700
    assert cgroups.cpu_limit(proc) is None


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"sys/memory.max": "", "sys/cpu.max": ""},
        {"sys/memory.max": "max", "sys/cpu.max": "max 100000"},
        {"sys/memory.max": "-1", "sys/cpu.max": "1 0", "sys/cpu.cfs_quota_us": "-1"},
    ],
)
def test_no_limit(system, tmp_path, files):
    proc = system("0::/\n", [V2.format(root="/", mount=tmp_path / "sys")], files)
    assert cgroups.memory_limit(proc) is None
    assert cgroups.cpu_limit(proc) is None


def test_a_system_without_control_groups(tmp_path):
    assert cgroups.memory_limit(str(tmp_path)) is None
    assert cgroups.cpu_limit(str(tmp_path)) is None


def test_what_the_defaults_make_of_it(monkeypatch):
    monkeypatch.setattr(cgroups, "memory_limit", lambda: 1_000_000_000)
    monkeypatch.setattr(cgroups, "cpu_limit", lambda: 1.5)
    monkeypatch.setattr(machine.os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert machine.default_memory_limit() == 500_000_000
    assert machine.available_cores() == 2
    monkeypatch.setattr(cgroups, "cpu_limit", lambda: 0.2)
    assert machine.available_cores() == 1
