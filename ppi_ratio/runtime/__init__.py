"""The machine: devices, threads, ranks, shards, seeds, progress bars, interrupts and kernels."""
