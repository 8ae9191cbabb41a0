#!/usr/bin/env bash
# The same run in two processes, three ways that give the same files. Usage: launchers/two_processes.sh IMAGES_DIR [OVERRIDES]
set -euo pipefail
run=(images_dir="$1" "${@:2}")

# 1. dcvlr starts them itself, through accelerate
python -m dcvlr "${run[@]}" output_dir=outputs/two_launched runtime.num_processes=2

# 2. accelerate starts them
accelerate launch --config_file "$(dirname "$0")/accelerate_cpu.yaml" \
  -m dcvlr "${run[@]}" output_dir=outputs/two_by_accelerate

# 3. two processes that know nothing of each other share one output_dir
python -m dcvlr "${run[@]}" output_dir=outputs/two_strangers &
other=$!
python -m dcvlr "${run[@]}" output_dir=outputs/two_strangers
wait "$other"
