"""load_fashion_mnist: small pictures of clothes, in the same form as MNIST's digits."""

from pathlib import Path

from scratchcnn.data.datasets import DataFile, DataSet, Pair
from scratchcnn.data.samples import check_full, read_sample

FASHION_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
SAMPLE = Path(__file__).with_name("fashion_sample.npz")
SAMPLE_TRAIN, SAMPLE_TEST = 3_000, 1_000

FASHION = DataSet(
    title="Fashion-MNIST",
    folder="fashion",
    files=(
        DataFile(
            "train-images-idx3-ubyte",
            (60_000, 28, 28),
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        ),
        DataFile(
            "train-labels-idx1-ubyte",
            (60_000,),
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        ),
        DataFile(
            "t10k-images-idx3-ubyte",
            (10_000, 28, 28),
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        ),
        DataFile(
            "t10k-labels-idx1-ubyte",
            (10_000,),
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    ),
    # The authors' own, which has no https (the checksum verifies the content), and Keras's.
    mirrors=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    ),
    loader="load_fashion_mnist",
)


def load_fashion_mnist(full: bool = False) -> tuple[Pair, Pair]:
    """Return Fashion-MNIST's pictures as ``(x_train, y_train), (x_test, y_test)``.

    Without arguments: a sample that comes with the package, the first 3,000 images of the
    official training file and the first 1,000 of the official test file. Nothing is
    downloaded. For a validation set, hold out some of the training images::

        (x_train, y_train), (x_test, y_test) = load_fashion_mnist()
        x_train, x_val = x_train[:2500], x_train[2500:]
        y_train, y_val = y_train[:2500], y_train[2500:]

    With ``full=True``: all 60,000 and 10,000 images. The four files are looked for in the
    subfolder ``fashion`` of the folder named by the environment variable ``SCRATCHCNN_DATA``,
    if it is set, and then in the cache (``scratchcnn.data.downloads.cache_folder()``, again in
    ``fashion``). Files found in neither are downloaded, 30 MB in all, and cached. File names
    and checks are the same as for `load_mnist`.

    Parameters
    ----------
    full : bool
        Whether to load all of Fashion-MNIST instead of the sample.

    Returns
    -------
    x_train, x_test : ndarray of uint8 (N, 28, 28)
        Images; 0 is the background.
    y_train, y_test : ndarray of intp (N,)
        Classes, 0 to 9; ``scratchcnn.FASHION_CLASSES`` has their names.

        Every call returns new arrays, which you may modify.

    Raises
    ------
    TypeError
        If ``full`` is not a bool.
    scratchcnn.data.idx.DataError
        (a ValueError) If a file in the folder is not Fashion-MNIST's, if a file can neither be
        found nor downloaded, or if the sample is damaged.
    ImportError
        If a file is not in the folder and pooch, the downloader, is not installed.

    Warns
    -----
    RuntimeWarning
        If the cache cannot be written. The images are returned anyway.

    References
    ----------
    H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking
    Machine Learning Algorithms", 2017, arXiv:1708.07747. Copyright 2017 Zalando SE, Expat
    (MIT) license.
    """
    check_full(full)
    if full:
        return FASHION.load()
    x, y = read_sample(SAMPLE)
    return (x[:SAMPLE_TRAIN], y[:SAMPLE_TRAIN]), (x[SAMPLE_TRAIN:], y[SAMPLE_TRAIN:])
