"""What strategies ask of engines, and how answers are fused. Imports no other shelf."""
