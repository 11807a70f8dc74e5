"""Speed-ups of many workers: what a model says, and what was measured."""

from panels import legend

from scratchcnn import plots


def test_each_panel_shows_the_model_and_the_measured_points_on_the_same_axes():
    figure = plots.speedup_curves(
        [1, 2, 3, 4], {"fixed": [1, 1.8, 2.3, 2.6], "growing": [1, 2, 3, 4]},
        {"fixed": {1: 1.0, 2: 1.7}, "growing": {1: 1.0, 4: 3.5}},
    )  # fmt: skip
    fixed, growing = figure.axes
    assert [axis.get_title() for axis in figure.axes] == ["fixed", "growing"]
    assert list(fixed.lines[1].get_ydata()) == [1, 1.8, 2.3, 2.6]
    assert [tuple(point) for point in growing.lines[2].get_xydata()] == [(1, 1.0), (4, 3.5)]
    assert fixed.get_ylim() == growing.get_ylim()
    assert legend(fixed) == ["as many times as workers", "model", "measured"]
    assert list(fixed.get_xticks()) == [1, 2, 4]
    assert "the model says 2.6 with 4 workers; measured 1 with 1 and 1.7 with 2" in figure.alt
