#!/usr/bin/env bash
# The wheel: built twice in different folders it is the same, it is small, it brings what belongs to it, it needs no
# newer system than it says, and it installs and works where there is no compiler. Leaves it in dist/, with its hash.
. "$(dirname "$0")/lib.sh"
python -m pip install -q --retries 1 build auditwheel || skip "the tools cannot be installed"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 1700000000)
export SOURCE_DATE_EPOCH
most=$((24 * 1000 * 1000)) # bytes

# From the source distribution, so that this is whole, too.
python -m build -q --sdist -o "$scratch/sdist" .
for number in 1 2; do
  mkdir -p "$scratch/$number/$number"
  tar -xzf "$scratch"/sdist/*.tar.gz -C "$scratch/$number/$number"
  (
    cd "$scratch/$number/$number"/*/
    CCACHE_BASEDIR=$PWD "$PYTHON" -m build -q --wheel -o "$scratch/wheels$number" .
  )
done
wheel=$(echo "$scratch"/wheels1/*.whl)
cmp "$wheel" "$scratch"/wheels2/*.whl
size=$(stat -c %s "$wheel")
[ "$size" -le "$most" ] || {
  echo "the wheel has $size bytes, more than $most"
  exit 1
}
python -m zipfile -l "$wheel" >"$scratch/names"
for name in sboms/sbom.cdx.json licenses/LICENSE licenses/nanobind.txt share/man/man1/nzip.1 \
  bash-completion/completions/nzip zsh/site-functions/_nzip vendor_completions.d/nzip.fish share/nzip/magic; do
  grep -q "$name " "$scratch/names" || {
    echo "the wheel lacks $name"
    exit 1
  }
done
python -m zipfile -e "$wheel" "$scratch/content"
if grep -rlF -e "$scratch" -e "$HOME/" "$scratch/content"; then
  echo "these files name a folder of this machine"
  exit 1
fi
python -m auditwheel show "$wheel"

python3 -m venv "$scratch/fresh"
start=$SECONDS
CC=false CXX=false "$scratch/fresh/bin/pip" install -q --only-binary :all: "$wheel"
cp README.md "$scratch/README.md"
(cd "$scratch" && fresh/bin/nzip c README.md && fresh/bin/nzip d -c README.md.nz | cmp - README.md)
echo "from the wheel to a file that is compressed and restored: $((SECONDS - start)) s"
test -s "$scratch/fresh/share/man/man1/nzip.1"
mkdir -p dist
cp "$wheel" "$scratch"/sdist/*.tar.gz dist/
(cd dist && sha256sum ./*.whl ./*.tar.gz >SHA256SUMS)
echo "$size bytes, the same twice"
