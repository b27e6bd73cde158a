Console.WriteLine("anax");
