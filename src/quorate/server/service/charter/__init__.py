"""What administrators sign, on its way to the signers: charter versions, orders, freezes, documents."""
