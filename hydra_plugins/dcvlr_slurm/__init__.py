"""`hydra/launcher=slurm`: Hydra 1.3 finds launchers only below the name `hydra_plugins`."""
