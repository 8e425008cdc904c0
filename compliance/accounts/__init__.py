"""Who may use the product: roles, invitations and public links."""
