"""Infrastructure of every service. It knows no resource."""
