"""`python -m myelin_gateway` is `myelin-gateway`."""

import sys

from myelin_gateway.cli import main

sys.exit(main())
