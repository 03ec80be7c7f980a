"""The images: found, fetched, verified, kept, or drawn."""
