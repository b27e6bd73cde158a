return Anax.Server.ServerProcess.Run(args);
