#!/usr/bin/env bash
# The tests of training and of devices, which the other stages do without: they need torch, here its build for the CPU.
. "$(dirname "$0")/lib.sh"
need g++ g++
python -m pip install -q --retries 1 torch==2.13.0 safetensors matplotlib tokenizers gguf || skip "torch cannot be installed"
python -m pip install -q --retries 1 triton || echo "Triton cannot be installed: its kernels are not tested"
# Each worker has a core: threads of torch that wait for one another on fewer cores would take minutes.
OMP_NUM_THREADS=1 "$(dirname "$PYTHON")/pytest" -n auto tests/train tests/cli/test_cli_train.py tests/cli/test_cli_device.py tests/resources/test_devices.py \
  tests/models/test_torch_network.py tests/models/test_gpu_recurrence.py tests/documents/test_doctests.py
