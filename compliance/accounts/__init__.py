"""Access control: roles, invitations and public links."""
