. "$(dirname "$0")/lib.sh"
TIMEFORMAT='%R wall %U user %S sys'
time make_vectors
ls -la $scratch
time build g++ -DCMAKE_CXX_COMPILER=g++ -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS=-O0
time check g++ scalar
