"""ViddlWS, the Video Download Web Service."""
