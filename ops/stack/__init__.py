"""Starts a whole Parley on this machine: PostgreSQL, Redis, Janus, coturn, nginx and the four services, all of them private
to one folder and on loopback. Used by ops/run and by the browser tests. Python 3.11, standard library only."""
