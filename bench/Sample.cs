using Rookery.Tweets;

namespace Rookery.Bench;

/// <summary>What one stream of the tweet server sent, for what is measured without sockets: as bytes, and read into blocks.</summary>
internal sealed record Sample(byte[] Bytes, List<TweetBlock> Blocks)
{
    public static async Task<Sample> TakeAsync(Uri server, int bytes)
    {
        using var http = new HttpClient();
        await using var stream = await http.GetStreamAsync(new Uri(server, "/tweets/1")).ConfigureAwait(false);
        var captured = new byte[bytes];
        await stream.ReadExactlyAsync(captured).ConfigureAwait(false);
        var blocks = new List<TweetBlock>();
        Read(captured, new TweetBlockPool(kept: 0), blocks.Add);
        return new Sample(captured, blocks);
    }

    /// <summary>Reads events and tweets; the copy into the blocks stands for the socket's.</summary>
    public static void Read(ReadOnlySpan<byte> bytes, TweetBlockPool pool, Action<TweetBlock> take)
    {
        var reader = new TweetStreamReader(new SequenceSource());
        var block = pool.Rent();
        while (!bytes.IsEmpty)
        {
            var piece = bytes[..Math.Min(bytes.Length, block.Free.Length)];
            piece.CopyTo(block.Free.Span);
            block.Advance(piece.Length);
            bytes = bytes[piece.Length..];
            if (reader.Read(block) == 0)
            {
                continue;
            }

            var next = reader.Detach(block, pool);
            take(block);
            block = next;
        }

        block.Release();
    }
}
