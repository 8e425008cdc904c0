"""The pages, one file each; every one is behind sign-in unless it says otherwise."""
