namespace Rookery.Bench;

/// <summary>Side-by-side measurements; each prints the limit of the machine beside its own figures.</summary>
internal static class Program
{
    private const string Usage = """
        usage: dotnet run -c Release --project bench -- <what> [options]

          pipeline [--seconds 10] [--store] [--soak]
                      from the sockets of an unlimited tweet server to scores (and, with --store, to committed rows);
                      beside it one pass of a JSON reader over the same bytes. --soak: five minutes, memory every 10 s.
        """;

    private static async Task<int> Main(string[] args)
    {
        switch (args.FirstOrDefault())
        {
            case "pipeline":
                await PipelineBench.RunAsync(PipelineBenchOptions.Parse(args[1..])).ConfigureAwait(false);
                return 0;
            case FeedProcess.Verb:
                await FeedProcess.ServeAsync().ConfigureAwait(false);
                return 0;
            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }
    }
}
