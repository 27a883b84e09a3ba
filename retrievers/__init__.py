"""Ways of finding candidates: strategies, the engines that they ask, query understanding, encoders."""
