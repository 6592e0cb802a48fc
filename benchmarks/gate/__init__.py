"""The regression gate: two trees of this project measured side by side, and whether the newer one got slower."""
