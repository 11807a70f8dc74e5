"""History: one value an epoch, and text that says so."""

import re
import subprocess
import sys

import pytest

from scratchcnn.history import History


def filled():
    history = History()
    history.append(loss=2.30259, accuracy=0.1)
    history.append(loss=1.0, accuracy=0.75)
    return history


def test_it_starts_empty():
    assert History().history == {}
    assert "0 epochs" in repr(History())


def test_each_epoch_adds_a_value_to_each_list():
    assert filled().history == {"loss": [2.30259, 1.0], "accuracy": [0.1, 0.75]}


def test_values_are_plain_floats_that_json_can_write():
    import json

    import numpy as np

    history = History()
    history.append(loss=np.float32(0.5), accuracy=np.float64(1))
    assert json.loads(json.dumps(history.history)) == {"loss": [0.5], "accuracy": [1.0]}


def test_the_last_epoch_reads_as_a_line_with_three_decimals():
    assert filled().last_line() == "loss 1.000  accuracy 0.750"


def test_its_text_counts_the_epochs_and_ends_with_the_last():
    assert "2 epochs" in repr(filled())
    assert filled().last_line() in repr(filled())


def test_one_epoch_is_not_called_epochs():
    history = History()
    history.append(loss=1.0)
    assert repr(history) == "<History of 1 epoch: loss 1.000>"


def test_its_length_is_the_number_of_epochs():
    assert (len(History()), len(filled())) == (0, 2)


def test_in_a_notebook_it_is_a_table_with_a_row_an_epoch():
    html = filled()._repr_html_()
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in html.split("<tr>")[1:]]
    expected = [["epoch", "loss", "accuracy"], ["1", "2.303", "0.100"], ["2", "1.000", "0.750"]]
    assert rows == expected
    for tag in ("table", "thead", "tbody", "tr", "td", "th"):
        assert html.count(f"<{tag}>") + html.count(f"<{tag} ") == html.count(f"</{tag}>") > 0


def test_an_empty_table_has_its_head_alone():
    assert "epoch" in History()._repr_html_()
    assert "<td" not in History()._repr_html_()


def test_names_are_escaped_in_html():
    history = History()
    history.append(**{"<script>": 1.0})
    assert "<script>" not in history._repr_html_()


def test_plot_returns_a_figure_of_every_value():
    loss, accuracy = filled().plot().axes
    assert loss.lines[0].get_xydata().tolist() == [[1, 2.30259], [2, 1]]
    assert accuracy.lines[0].get_xydata().tolist() == [[1, 0.1], [2, 0.75]]


def test_there_is_nothing_to_plot_before_the_first_epoch():
    with pytest.raises(ValueError, match="call fit first"):
        History().plot()


def test_matplotlib_is_loaded_by_plot_and_not_before():
    code = (
        "import sys; from scratchcnn.history import History; h = History(); h.append(loss=1, "
        "accuracy=0); h._repr_html_(); before = 'matplotlib' in sys.modules; h.plot(); "
        "print(before, 'matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
