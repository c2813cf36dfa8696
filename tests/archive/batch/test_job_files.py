"""Job files: what they say of a job, and what makes no sense."""

from __future__ import annotations

import pytest
from support.trees import make_tree

from nzip.archive.batch.job import JobError, make_job, read_job


def test_a_job_file(tmp_path):
    make_tree(tmp_path, {"in/a": b"a"})
    file = tmp_path / "job.toml"
    file.write_text(
        'source = "in"\nout = "packed"\nlevel = 1\nmemory = "1G"\nblock_size = "64K"\n'
        'ledger = "records"\n[[rules]]\npatterns = ["*.csv"]\nlevel = 3\nmodel = "none"\n'
    )
    job = make_job(read_job(str(file)))
    assert (job.place.source, job.place.target) == (str(tmp_path / "in"), str(tmp_path / "packed"))
    assert (job.memory, job.ledger) == (1 << 30, str(tmp_path / "records"))
    assert [rule.encoding.options.level for rule in job.rules] == [3, 1]
    assert job.rules[0].encoding.options.block_size == 64 << 10
    assert (job.rule_for("x/y.csv"), job.rule_for("z")) == (0, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source =", "Invalid value"),
        ("colour = 1", "'colour' is not known"),
        ("jobs = 'two'", "jobs is 'two'; a number is wanted"),
        ("jobs = true", "jobs is True; a number is wanted"),
        ("jobs = 0", "at least 1"),
        ("level = 12", "level 12"),
        ("include = [1]", "include is a list of patterns"),
        ("memory = 'lots'", "memory: 'lots' is not a size"),
        ("engine = 'spark'", "engine 'spark'"),
        ("address = 'a:1'", "for the engine ray"),
        ("rules = [1]", "rules are tables"),
        ("[[rules]]\nlevel = 3", "a rule needs patterns"),
        ("[[rules]]\npatterns = ['*']\njobs = 3", "'jobs' is not known"),
    ],
)
def test_job_files_that_make_no_sense(tmp_path, text, message):
    make_tree(tmp_path, {"in/a": b"a"})
    file = tmp_path / "job.toml"
    file.write_text(text if text == "source =" else f'source = "in"\nout = "packed"\n{text}\n')
    with pytest.raises(JobError, match=message):
        make_job(read_job(str(file)))
