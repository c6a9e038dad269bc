"""The approver's side: find out by itself what is asked, show it, and sign a statement about it."""
