"""The command that builds the website loses nothing of anybody's."""

import make_site
import pytest


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(SystemExit, match="holds other things than this website"):
        make_site.check_ours(tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "mine"


def test_the_website_of_another_project_is_left_alone(tmp_path):
    (tmp_path / "objects.inv").write_bytes(b"# Sphinx inventory version 2\n# Project: other\n")
    with pytest.raises(SystemExit, match="holds other things than this website"):
        make_site.check_ours(tmp_path)


def test_a_new_an_empty_and_an_earlier_folder_are_taken(tmp_path):
    make_site.check_ours(tmp_path / "new")
    make_site.check_ours(tmp_path)
    header = b"# Sphinx inventory version 2\n# Project: scratchcnn\n# Version: \n"
    (tmp_path / "objects.inv").write_bytes(header)
    make_site.check_ours(tmp_path)


def test_a_folder_without_a_distribution_of_pyodide_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv(make_site.VARIABLE, str(tmp_path))
    with pytest.raises(SystemExit, match="is not a distribution of Pyodide"):
        make_site.pyodide()
