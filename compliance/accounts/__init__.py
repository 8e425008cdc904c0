"""Access to the product: roles, invitations and public links."""
