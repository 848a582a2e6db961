"""What the devices are connected to: cars, people, fault contacts, contactors."""
