"""Push: follows the log and rings people's devices, at gateways that the site allows. Content-free by default."""
