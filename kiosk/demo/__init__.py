"""All roles on loopback, with sample meetings: one command that shows the main job."""
