"""One file a program: instruction -> effects. `registry` says which file knows which program."""
