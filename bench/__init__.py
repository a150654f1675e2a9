"""What is measured, against whom. Every figure is a ratio of two things measured in the same run."""
