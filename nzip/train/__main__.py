"""``python -m nzip.train``"""

import sys

if __name__ == "__main__":
    try:
        from nzip.train.cli import main
    except ModuleNotFoundError as missing:
        if missing.name not in {"numpy", "safetensors", "torch"}:
            raise
        sys.exit(f"{missing}: training needs pip install 'nzip[train]'")
    main(prog_name="python -m nzip.train")
