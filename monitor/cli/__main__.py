"""`python -m monitor.cli` is `inferwatch`; what `up` starts goes past the command line's parser."""

import sys

if __name__ == "__main__":
    if sys.argv[2:] == ["--lifeline"]:
        from monitor.cli.processes import run_supervised

        run_supervised(sys.argv[1])
    else:
        from monitor.cli.main import main

        main()
