"""The room: terminals report to their node, and its page shows every seat (contract §3b)."""
