"""What the kernel makes of a line with %pip."""


async def get_transformed_code(arguments: list[str]) -> str:
    """Return the code to run instead."""
    return "import piplite; await piplite.install()"
