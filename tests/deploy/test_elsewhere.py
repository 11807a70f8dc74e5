"""Binder and dev containers: what their files name exists."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BINDER, HERE = ROOT / "deploy" / "binder", ROOT / ".binder"
DEVCONTAINER = ROOT / ".devcontainer" / "devcontainer.json"


def read(path):
    return path.read_text(encoding="utf-8")


def extras_in(text):
    return set(re.search(r"--editable '?\.\[([a-z,]+)\]", text)[1].split(","))


def files_in(requirements):
    """Return the files that a requirements file names, which pip takes from its own folder."""
    named = re.findall(r"^--(?:requirement|constraint) (\S+)$", read(requirements), re.M)
    return [(requirements.parent / name).resolve() for name in named]


def test_binder_finds_its_files_and_these_lead_to_those_of_the_course():
    assert files_in(HERE / "requirements.txt") == [BINDER / "requirements.txt"]
    assert files_in(BINDER / "requirements.txt") == [ROOT / "constraints.txt"]
    assert "deploy/binder/postBuild" in read(HERE / "postBuild")


def test_binder_takes_neither_keras_and_jax_nor_the_tools_of_the_tests():
    extras = extras_in(read(BINDER / "requirements.txt"))
    assert extras == {"course", "lab", "cluster"}
    assert extras <= PROJECT["optional-dependencies"].keys()


def test_binder_runs_a_python_that_the_course_supports():
    version = re.fullmatch(r"python-(3\.\d+)\n", read(HERE / "runtime.txt"))[1]
    assert f"Programming Language :: Python :: {version}" in PROJECT["classifiers"]


@pytest.mark.parametrize("script", [BINDER / "postBuild", HERE / "postBuild"])
def test_the_scripts_of_binder_can_be_run(script):
    subprocess.run(["bash", "-n", script], check=True)
    if sys.platform != "win32":
        assert os.access(script, os.X_OK)


def test_the_dev_container_installs_what_the_tests_need_with_the_versions_of_the_course():
    command = json.loads(read(DEVCONTAINER))["postCreateCommand"]
    makefile = read(ROOT / "Makefile")
    needed = re.search(r"^\.venv/installed-tests: WHAT = (.+)$", makefile, re.M)[1]
    assert extras_in(command) == set(re.search(r"\.\[([a-z,]+)\]", needed)[1].split(","))
    assert extras_in(command) <= PROJECT["optional-dependencies"].keys()
    hub = re.search(r"^HUB := (\S+)$", makefile, re.M)[1]
    assert "$(HUB)" in needed
    assert re.search(r"--requirement (\S+)", command)[1] == hub
    assert (ROOT / re.search(r"--constraint (\S+)", command)[1]).exists()


def test_no_link_names_a_repository_that_we_do_not_know():
    for page in (ROOT / "deploy").rglob("*.md"):
        for owner in re.findall(r"(?:mybinder\.org/v2/gh|github\.com)/([^/\s]+)/", read(page)):
            assert owner == "YOUR-ORGANIZATION", page


def test_the_same_proxy_is_installed_everywhere():
    places = [
        ROOT / "Makefile",
        ROOT / ".github" / "workflows" / "ci.yml",
        ROOT / "deploy" / "jupyterhub" / "README.md",
        ROOT / "deploy" / "jupyterhub" / "requirements.txt",
    ]
    versions = {tuple(re.findall(r"configurable-http-proxy@([\d.]+)", read(one))) for one in places}
    assert len(versions) == 1
