"""What people run: the command line, the ceremonies, the development cluster and the demo. Imports core,
starts programs.
"""
