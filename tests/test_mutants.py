"""The faults that tools/mutants.py puts into the library can still be put there."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GROUPS = tomllib.loads((ROOT / "tools" / "faults.toml").read_text(encoding="utf-8"))
FAULTS = [fault for faults in GROUPS.values() for fault in faults]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["what"])
def test_the_line_to_break_is_there_once_and_the_tests_exist(fault):
    source = (ROOT / "scratchcnn" / fault["file"]).read_text(encoding="utf-8")
    assert source.count(fault["line"]) == 1, "the library has changed: mend tools/faults.toml"
    assert fault["line"] != fault["fault"]
    for name in fault["tests"].split():
        assert (ROOT / "tests" / f"test_{name}.py").exists()


def test_at_least_ten_faults_are_in_the_layers():
    assert len(GROUPS["layers"]) >= 10
