"""Helpers shared by several modules: argument checks, files, progress bars, HTML."""
