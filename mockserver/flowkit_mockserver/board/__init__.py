"""The board: web pages of jobs, their components and results, read through a client of the server they are about."""
