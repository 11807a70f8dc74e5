"""What several modules share: checks of arguments, files, progress, HTML."""
