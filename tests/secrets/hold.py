"""`python -m tests.secrets.hold ARGUMENTS`: runs one command of the CLI in this process and then stays, with
all that its memory has kept, until stdin is closed.
"""

import sys

from quorate.client.cli.main import execute

if __name__ == "__main__":
    code = execute(sys.argv[1:])
    print(f"held {int(code)}", flush=True)
    sys.stdin.read()
