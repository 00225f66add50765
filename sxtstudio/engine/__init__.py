"""The networks: planning, training and applying a cascade of 3D U-Nets. Only here is torch."""
