"""What one user works on, in one file that never breaks."""
