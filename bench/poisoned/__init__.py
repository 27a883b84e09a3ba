"""A site with listeners, and one visitor who would like to decide what all others see."""
