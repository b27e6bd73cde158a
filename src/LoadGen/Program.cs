return Anax.LoadGen.BenchProcess.Run(args);
