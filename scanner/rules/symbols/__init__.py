"""How code uses a listed symbol: roles of its uses, flow of its values, re-exports between modules."""
