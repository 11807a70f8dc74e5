"""Make working copies of the workbook, or start one over.

python -m scratchcnn.exercises              copies of all workbooks, in notebooks/my_workbook
python -m scratchcnn.exercises afresh 05    a new copy of workbook 05; yours is kept
"""

import argparse

from scratchcnn.exercises.copies import my_workbook, start_afresh


def main() -> None:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m scratchcnn.exercises",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", nargs="?", choices=["copy", "afresh"], default="copy")
    parser.add_argument("name", nargs="?", help="with afresh: its number, such as 05")
    arguments = parser.parse_args()
    if arguments.command == "copy":
        my_workbook()
    elif arguments.name:
        start_afresh(arguments.name)
    else:
        parser.error("which workbook? For example: afresh 05")


if __name__ == "__main__":
    main()
