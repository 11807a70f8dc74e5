"""History: one value an epoch, and text that says so."""

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
