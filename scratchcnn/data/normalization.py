"""in_mnist_form: turn ink of any size into an image, following MNIST's procedure.

Drawings (`strokes.as_mnist`) and photographs (`images.read_image`) both use this function, so
a network sees them in the same form.
"""

import numpy as np

SIZE, BOX = 28, 20  # pixels of an MNIST image, and of the box that its digit fills
FINE = 8  # ink is placed on a grid this many times finer, and averaged


def in_mnist_form(ink: np.ndarray) -> np.ndarray:
    """Move the center of mass of fine ink to the middle, and average it to 28 x 28 pixels.

    Parameters
    ----------
    ink : ndarray of uint8 or float (H, W)
        0 is paper and 255 ink, at `FINE` times the resolution of the image. The digit should
        fill a box of ``BOX * FINE`` pixels; paper around it does not matter.

    Returns
    -------
    image : ndarray of uint8 (28, 28)
        0 is paper, 255 ink. If there is no ink, the image is empty.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
    recognition", Proceedings of the IEEE 86 (11), 1998, section III A.
    """
    if not ink.any():
        return np.zeros((SIZE, SIZE), np.uint8)
    half = SIZE * FINE // 2
    row, column = (round(place) for place in center_of_mass(ink))
    # Add paper all around, so that the crop never goes beyond the sheet.
    sheet = np.pad(ink, half)
    cut = sheet[row : row + 2 * half, column : column + 2 * half]
    # (28 * 8, 28 * 8) -> (28, 8, 28, 8) -> (28, 28)
    means: np.ndarray = cut.reshape(SIZE, FINE, SIZE, FINE).mean(axis=(1, 3))
    return np.asarray(np.rint(means), np.uint8)


def center_of_mass(image: np.ndarray) -> tuple[float, float]:
    """Return (row, column) of the center of mass of an image (H, W) that is not empty.

    Positions are measured from the image's edge: the middle of pixel 0 is at 0.5.
    """
    weights = image.astype(float)
    total = weights.sum()
    rows, columns = (np.arange(size) + 0.5 for size in image.shape)
    return (float(weights.sum(axis=1) @ rows / total), float(weights.sum(axis=0) @ columns / total))
