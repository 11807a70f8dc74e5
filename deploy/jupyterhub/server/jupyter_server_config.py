"""Settings of each student's server: as little as the course needs."""

c = get_config()  # noqa: F821 - Jupyter defines it

c.ServerApp.jpserver_extensions = {
    "scratchcnn.widgets.server": True,  # frames of explorers reach the browser without delay
    # Not needed in the course: language servers, and the playground as a web app.
    "jupyter_lsp": False,
    "voila.server_extension": False,
    "notebook_shim": False,
}

# Kernel and server talk through files that only their owner can open. By default, they use local
# ports, on which all users of the computer can listen in.
c.KernelManager.transport = "ipc"

# A kernel that has done nothing for an hour is ended, if no page is open that uses it. What was
# saved stays.
c.MappingKernelManager.cull_idle_timeout = 3600
c.MappingKernelManager.cull_interval = 300
c.MappingKernelManager.cull_connected = False
