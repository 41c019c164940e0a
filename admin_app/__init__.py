"""The back-office: staff manage contracts, licenses and what belongs to them."""
