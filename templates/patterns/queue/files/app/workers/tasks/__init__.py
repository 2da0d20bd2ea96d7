"""The tasks: every function with `@task()` in a module of this folder is one."""
