"""The milestones themselves, a file for each."""
