"""What is claimed of the app's speed, measured."""
