"""What a network is made of, a subject a file."""
