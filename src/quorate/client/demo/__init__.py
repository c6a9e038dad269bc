"""The demo: the whole system on one machine, told as a story whose every step is checked."""
