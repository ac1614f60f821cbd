using Rookery.Tweets;

namespace Rookery.Bench;

/// <summary>Blocks captured from the tweet server, for what is measured without sockets.</summary>
internal static class Sample
{
    public static async Task<List<TweetBlock>> TakeAsync(Uri server, long bytes)
    {
        var pool = new TweetBlockPool(kept: 0);
        var reader = new TweetStreamReader(new SequenceSource());
        var blocks = new List<TweetBlock>();
        using var http = new HttpClient();
        await using var stream = await http.GetStreamAsync(new Uri(server, "/tweets/1")).ConfigureAwait(false);
        var block = pool.Rent();
        for (long taken = 0; taken < bytes;)
        {
            var read = await stream.ReadAsync(block.Free).ConfigureAwait(false);
            block.Advance(read);
            taken += read;
            if (block.Free.Length > 16 << 10 || reader.Read(block) == 0)
            {
                continue;
            }

            var next = reader.Detach(block, pool);
            blocks.Add(block);
            block = next;
        }

        return blocks;
    }
}
