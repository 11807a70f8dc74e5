"""The files around the library say what is true: README, environment.yml, Makefile, and so on."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

import scratchcnn

ROOT = Path(__file__).parent.parent


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


README, MAKEFILE, CONTRIBUTING = read("README.md"), read("Makefile"), read("CONTRIBUTING.md")
CHANGELOG, ENVIRONMENT = read("CHANGELOG.md"), read("environment.yml")
PROJECT = tomllib.loads(read("pyproject.toml"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
REQUIREMENT = re.compile(r"([a-z0-9-]+)(>=|==)([0-9.]+)")
# Tools for the library's own developers, and for teachers; conda's environment does without.
NOT_FOR_CONDA = {"mutation", "site", "teach"}


def pyproject_requirements(without=()):
    extras = [items for extra, items in EXTRAS.items() if extra not in without]
    return sorted({*PROJECT["dependencies"], *(item for items in extras for item in items)})


def environment_requirements():
    items = re.findall(r"^ *- (\S+)$", ENVIRONMENT, re.M)
    return sorted(
        item for item in items if REQUIREMENT.fullmatch(item) and not item.startswith("python>")
    )


def constraints():
    """Return the pinned version of each package that constraints.txt names."""
    lines = [line for line in read("constraints.txt").splitlines() if line and line[0] != "#"]
    return dict(line.split("==") for line in lines)


def numbers_of(version):
    return tuple(int(number) for number in re.findall(r"\d+", version))


def tree_of_the_readme():
    """Return the paths that the README's tree lists, as written there."""
    block = re.search(r"```text\n(.*?)```", README, re.S).group(1)
    folders, paths = [], []
    for line in filter(str.strip, block.splitlines()):
        depth = (len(line) - len(line.lstrip())) // 2
        name = line.split()[0]
        folders = [*folders[:depth], name]
        paths.append("".join(folders))
    return paths


def test_the_core_needs_numpy_alone():
    assert [REQUIREMENT.fullmatch(item)[1] for item in PROJECT["dependencies"]] == ["numpy"]


def test_every_requirement_names_its_oldest_version():
    assert all(REQUIREMENT.fullmatch(item) for item in pyproject_requirements())


def test_every_requirement_is_named_once():
    names = [REQUIREMENT.fullmatch(item)[1] for item in pyproject_requirements()]
    assert sorted(set(names)) == sorted(names)


def test_environment_yml_asks_for_the_same_packages_as_pyproject():
    assert environment_requirements() == pyproject_requirements(without=NOT_FOR_CONDA)


def test_environment_yml_asks_for_the_same_python():
    assert f"- python{PROJECT['requires-python']}\n" in ENVIRONMENT


@pytest.mark.parametrize("requirement", pyproject_requirements())
def test_the_constraints_pin_a_version_that_pyproject_allows(requirement):
    name, how, version = REQUIREMENT.fullmatch(requirement).groups()
    pinned, bound = numbers_of(constraints()[name]), numbers_of(version)
    assert pinned == bound if how == "==" else pinned >= bound


def test_the_constraints_name_each_package_once_and_pin_it():
    lines = [line for line in read("constraints.txt").splitlines() if line and line[0] != "#"]
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][0-9.]*", line) for line in lines)
    assert len(constraints()) == len(lines) > 20


def test_the_oldest_versions_are_the_lower_bounds(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tools")
    oldest = sys.modules.get("oldest") or __import__("oldest")
    assert oldest.requirements() == pyproject_requirements()
    assert oldest.oldest(["numpy>=2.0", "ruff==0.17.6"]) == ["numpy==2.0", "ruff==0.17.6"]


@pytest.mark.parametrize("bad", ["numpy", "numpy<3", "numpy>=2.0,<3", "numpy>2", "numpy>="])
def test_a_requirement_without_an_oldest_version_is_refused(monkeypatch, bad):
    monkeypatch.syspath_prepend(ROOT / "tools")
    oldest = sys.modules.get("oldest") or __import__("oldest")
    with pytest.raises(ValueError, match=re.escape(bad)):
        oldest.oldest([bad])


def test_every_place_that_installs_the_course_installs_the_same_extras():
    (default,) = re.findall(r"^EXTRAS \?= (.*)$", MAKEFILE, re.M)
    makefile = MAKEFILE.replace("$(EXTRAS)", default)
    for text in (README, makefile, read(".github/workflows/ci.yml"), read("constraints.txt")):
        asked = re.findall(r"-(?:e|-editable) \"\.\[([a-z,]+)\]", text)
        readers = "course,lab,keras,cluster"
        allowed = {readers, f"{readers},test", f"{readers},site,test", "mutation", "course,teach"}
        assert {f"{readers},test", f"{readers},site,test"} & set(asked)
        assert set(asked) <= allowed


def test_both_licenses_come_with_their_text():
    assert PROJECT["license"] == "MIT AND CC-BY-SA-3.0"
    for pattern in PROJECT["license-files"]:
        assert list(ROOT.glob(pattern))
    assert "Attribution-ShareAlike 3.0 Unported" in read("LICENSES/CC-BY-SA-3.0.txt")
    assert "Permission is hereby granted, free of charge" in read("LICENSE")


def test_the_changelog_begins_with_this_version():
    versions = re.findall(r"^## (\S+)", CHANGELOG, re.M)
    assert versions[0] == PROJECT["version"]
    assert sorted(versions, key=numbers_of, reverse=True) == versions


def test_the_version_is_the_same_in_package_and_project():
    assert scratchcnn.__version__ == PROJECT["version"]


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z]+)", README))))
def test_every_make_target_of_the_readme_exists(target):
    assert re.search(rf"^{target}:", MAKEFILE, re.M)


def test_the_readme_names_the_two_commands():
    assert "make lab" in README
    assert "make test" in README


def test_every_path_of_the_readmes_tree_exists():
    paths = tree_of_the_readme()
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_readmes_tree_lists_every_notebook_and_every_module_of_the_core():
    package = ROOT / "scratchcnn"
    core = [*package.glob("[!_]*.py"), *package.glob("[!_]*/__init__.py")]
    for folder in ("layers", "reference"):
        core += (package / folder).glob("[!_]*.py")
    paths = [path.parent if path.name == "__init__.py" else path for path in core]
    expected = {path.relative_to(ROOT).as_posix() + "/" * path.is_dir() for path in paths}
    expected |= {path.relative_to(ROOT).as_posix() for path in ROOT.glob("notebooks/*.ipynb")}
    assert expected - set(tree_of_the_readme()) == set()


@pytest.mark.parametrize("text", [README, CONTRIBUTING, CHANGELOG])
def test_every_local_link_leads_somewhere(text):
    for target in re.findall(r"\]\(([^)#:]+)\)|src=\"([^\":]+)\"", text):
        assert (ROOT / "".join(target)).exists(), target
