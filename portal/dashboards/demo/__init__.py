"""The demo district: real geography, invented Ortsvereine and people."""
