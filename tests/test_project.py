"""The files around the library say what is true: README, environment.yml, Makefile."""

import re
import tomllib
from pathlib import Path

import pytest

import scratchcnn

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REQUIREMENT = re.compile(r"^([A-Za-z0-9_-]+)(>=[0-9.]+)$")


def pyproject_requirements():
    extras = PROJECT["optional-dependencies"].values()
    return sorted([*PROJECT["dependencies"], *(item for extra in extras for item in extra)])


def environment_requirements():
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    items = [line.strip().removeprefix("- ") for line in lines if line.strip().startswith("- ")]
    return sorted(
        item for item in items if REQUIREMENT.match(item) and not item.startswith("python>")
    )


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


def test_every_requirement_names_its_oldest_version():
    assert all(REQUIREMENT.match(item) for item in pyproject_requirements())


def test_environment_yml_asks_for_the_same_packages_as_pyproject():
    assert environment_requirements() == pyproject_requirements()


def test_environment_yml_asks_for_the_same_python():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert f"- python{PROJECT['requires-python']}\n" in text


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


def test_the_readmes_tree_lists_every_module_and_notebook():
    listed = set(tree_of_the_readme())
    modules = {f"scratchcnn/{path.name}" for path in (ROOT / "scratchcnn").glob("[!_]*.py")}
    notebooks = {f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert (modules | notebooks) - listed == set()


@pytest.mark.parametrize("text", [README, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")])
def test_every_local_link_leads_somewhere(text):
    for target in re.findall(r"\]\(([^)#:]+)\)|src=\"([^\":]+)\"", text):
        assert (ROOT / "".join(target)).exists(), target
