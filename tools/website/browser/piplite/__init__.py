"""In place of the kernel's installer of packages: the running course installs nothing.

The kernel's own asks a registry, which is another address than the page's. All that the course
needs is in the lock file, and is loaded when a cell imports it.
"""

WORDS = (
    "You can't install packages on this page. Everything that the course needs is already here. To "
    "use other packages, run the course on your own computer."
)


async def install(*requirements: object, **options: object) -> None:
    """Say that nothing can be installed."""
    print(WORDS)
