"""Static figures, each a function that returns a matplotlib Figure; `show` displays one."""

from scratchcnn.plots.arrays import draw_images, draw_matrices
from scratchcnn.plots.style import new_figure, show, to_png

__all__ = ["draw_images", "draw_matrices", "new_figure", "show", "to_png"]
