"""hashmatch: perceptual hashes, exact Hamming search and the national hash database."""
