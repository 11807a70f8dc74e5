"""NotDone: what a stub of the workbook raises until a student has written the function."""


class NotDone(Exception):
    """Says that a function is still to be written: ``raise NotDone("correlate")``.

    A notebook shows the sentence alone, without a traceback.
    """

    def __init__(self, name: str = "This function") -> None:
        self.exercise = name
        super().__init__(f"{name} waits for your answer.")

    def _render_traceback_(self) -> list[str]:
        return [str(self)]
