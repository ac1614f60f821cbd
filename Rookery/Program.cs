using Rookery.Command;

FileSizeLimit.Report();
return await CommandLine.RunAsync(args, Surroundings.Process());
