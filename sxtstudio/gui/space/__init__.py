"""The 3D view: what it shows, how it is cut, coloured and pictured."""
