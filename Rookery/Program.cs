using Rookery.Command;

return await CommandLine.RunAsync(args, Surroundings.Process());
