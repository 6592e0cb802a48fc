"""What load is made of: Locust users, and the recording of every request they make."""
