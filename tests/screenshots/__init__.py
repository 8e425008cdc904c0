"""Takes pictures of every page of the product: `make screenshots`."""
