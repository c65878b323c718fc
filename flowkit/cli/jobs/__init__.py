"""Commands that follow jobs: they submit, wait and judge."""
