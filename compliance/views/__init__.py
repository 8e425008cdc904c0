"""The pages, one module each. Every page requires a sign-in unless its view is marked otherwise."""
