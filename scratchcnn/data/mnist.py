"""load_mnist and load_mnist_test: real handwritten digits that come with the package."""

from numbers import Integral
from pathlib import Path

from scratchcnn.data.datasets import DataFile, DataSet, Pair
from scratchcnn.data.samples import check_full, read_sample

SAMPLE = Path(__file__).with_name("mnist_sample.npz")
SAMPLE_TRAIN = 4_000
TEST_SAMPLE = Path(__file__).with_name("mnist_test_sample.npz")
TEST_IMAGES = 1_000

MNIST = DataSet(
    title="MNIST",
    folder="mnist",
    files=(
        DataFile(
            "train-images-idx3-ubyte",
            (60_000, 28, 28),
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        DataFile(
            "train-labels-idx1-ubyte",
            (60_000,),
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        DataFile(
            "t10k-images-idx3-ubyte",
            (10_000, 28, 28),
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        DataFile(
            "t10k-labels-idx1-ubyte",
            (10_000,),
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    # The original site, yann.lecun.com, returns 403 (forbidden) to programs.
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    loader="load_mnist",
    at_top=True,
)


def load_mnist(full: bool = False) -> tuple[Pair, Pair]:
    """Return MNIST's handwritten digits as ``(x_train, y_train), (x_test, y_test)``.

    Without arguments: 5,000 real training images that come with the package, the first 500
    of each digit in MNIST's own order. The first 4,000 are for training and the last 1,000
    for testing. Nothing is downloaded. (`load_mnist_test` has official test images.)

    With ``full=True``: all 60,000 and 10,000 images. Each of the four files is looked for first
    in the folder named by the environment variable ``SCRATCHCNN_DATA``, if it is set (in its
    subfolder ``mnist`` or in the folder itself), and then in the cache
    (``scratchcnn.data.downloads.cache_folder()``, again in ``mnist``). Files found in neither
    are downloaded, 12 MB in all, and cached. A file may be gzipped (``.gz``) or not, and called
    ``train-images-idx3-ubyte`` or ``train-images.idx3-ubyte``. Its SHA-256 is checked each time.

    Parameters
    ----------
    full : bool
        Whether to load all of MNIST instead of the sample.

    Returns
    -------
    x_train, x_test : ndarray of uint8 (N, 28, 28)
        Images; 0 is the background and 255 full ink.
    y_train, y_test : ndarray of intp (N,)
        The digits, 0 to 9. ``intp`` is NumPy's type for indices: int64 on almost every
        computer, int32 in a browser's Python, where ``np.bincount`` rejects int64. (The files
        have one byte per label, and with bytes ``y - 5`` would go wrong: 3 - 5 is 254.)

        Every call returns new arrays, which you may modify.

    Raises
    ------
    TypeError
        If ``full`` is not a bool.
    scratchcnn.data.idx.DataError
        (a ValueError) If a file in the folder is not MNIST's, if a file can neither be found
        nor downloaded, or if the sample is damaged.
    ImportError
        If a file is not in the folder and pooch, the downloader, is not installed.

    Warns
    -----
    RuntimeWarning
        If the cache cannot be written (full disk, no permission). The images are returned
        anyway, and downloaded again next time.

    References
    ----------
    Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
    """
    check_full(full)
    if full:
        return MNIST.load()
    x, y = read_sample(SAMPLE)
    return (x[:SAMPLE_TRAIN], y[:SAMPLE_TRAIN]), (x[SAMPLE_TRAIN:], y[SAMPLE_TRAIN:])


def load_mnist_test(n: int = TEST_IMAGES) -> Pair:
    """Return the first ``n`` of MNIST's official test images and their labels.

    They come with the package: nothing is downloaded. None of them is among the images that
    `load_mnist` returns without ``full=True``.

    Parameters
    ----------
    n : int
        How many, from 1 to 1,000.

    Returns
    -------
    x : ndarray of uint8 (n, 28, 28)
        Images; 0 is the background and 255 full ink.
    y : ndarray of intp (n,)
        The digits, 0 to 9. Every call returns new arrays, which you may modify.

    Raises
    ------
    TypeError
        If ``n`` is not an integer.
    ValueError
        If ``n`` is less than 1 or more than 1,000; or, as a `DataError`, if the sample is
        missing or damaged.

    References
    ----------
    Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
    """
    if isinstance(n, bool) or not isinstance(n, Integral):
        raise TypeError(f"n must be an integer from 1 to {TEST_IMAGES:,}, got {n!r}")
    if not 1 <= n <= TEST_IMAGES:
        raise ValueError(
            f"n is {n:,}, expected 1 to {TEST_IMAGES:,}: the package has the first "
            f"{TEST_IMAGES:,} test images. load_mnist(full=True) has all 10,000."
        )
    x, y = read_sample(TEST_SAMPLE)
    return x[:n].copy(), y[:n].copy()
