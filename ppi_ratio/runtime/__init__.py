"""The machine: devices, threads, ranks, shards, seeds, progress, interrupts and kernels."""
