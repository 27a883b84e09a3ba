"""People's queries played against systems that learn: what each arm brings is asked once, and shared by all."""
