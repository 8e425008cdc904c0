"""How the product is packaged and deployed, and what it is made of."""
