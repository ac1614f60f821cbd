namespace Rookery.Tweets.Tests;

public class PurityTests
{
    [Fact]
    public void The_room_needs_nothing_but_the_base_library_and_no_sockets_tasks_or_files()
    {
        string[] allowed =
        [
            "System.Runtime", "System.Runtime.Intrinsics", "System.Runtime.Extensions", "System.Memory", "System.Collections", "System.Collections.Concurrent",
            "System.Linq", "System.Threading", "System.Text.Encoding.Extensions", "System.Runtime.InteropServices",

            // What is published is written as JSON, into memory.
            "System.Text.Json", "System.Text.Encodings.Web",
        ];
        var references = typeof(TweetBlock).Assembly.GetReferencedAssemblies().Select(name => name.Name!);

        Assert.Empty(references.Except(allowed));
    }
}
