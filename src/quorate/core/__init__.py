"""What decides, as pure code: no sockets, no clock, no files, no SDKs. Time, keys and facts are arguments."""
