"""What this signer or its operator knows beside the bytes: own addresses, trusted contracts, ABIs."""
