"""End-to-end encryption and send-to-device messages, as the client-server API has them."""
