"""The bundled samples: small enough, described by the README beside them, rebuilt by a script."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from scratchcnn.data import fashion, mnist

SAMPLES = [mnist.SAMPLE, mnist.TEST_SAMPLE, fashion.SAMPLE]
TOOL = Path(__file__).parents[2] / "tools" / "build_samples.py"
every_sample = pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@every_sample
def test_the_readme_beside_the_sample_has_its_checksums(path):
    readme = path.with_name("README.md").read_text(encoding="utf-8")
    assert f"{sha256(path.read_bytes())}  {path.name}" in readme
    with np.load(path) as sample:
        assert sorted(sample) == ["images", "labels"]
        assert sha256(sample["images"].tobytes()) in readme
        assert sha256(sample["labels"].tobytes()) in readme


@every_sample
def test_a_sample_is_smaller_than_two_megabytes(path):
    assert path.stat().st_size < 2_000_000


def test_the_readme_has_the_licenses_of_what_is_bundled():
    readme = mnist.SAMPLE.with_name("README.md").read_text(encoding="utf-8")
    assert "CC BY-SA 3.0" in readme
    assert "Copyright 2017, Zalando SE" in readme
    assert "THE SOFTWARE IS PROVIDED" in readme


def test_the_script_builds_the_same_arrays_from_the_official_files(tmp_path):
    data = os.environ.get("SCRATCHCNN_DATA")
    if not data or not (Path(data) / "fashion").is_dir():
        pytest.skip("SCRATCHCNN_DATA names no folder with mnist/ and fashion/ in it")
    subprocess.run([sys.executable, TOOL, tmp_path], check=True, capture_output=True)
    for path in SAMPLES:
        with np.load(path) as bundled, np.load(tmp_path / path.name) as built:
            for name in ("images", "labels"):
                assert built[name].dtype == np.uint8
                assert np.array_equal(bundled[name], built[name])
