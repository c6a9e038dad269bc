"""What calls of contracts do: a file for each family of methods, all in `table`; `dispatch` reads a call."""
