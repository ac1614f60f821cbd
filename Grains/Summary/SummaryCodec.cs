using Rookery.Grains.Interfaces;
using Rookery.Tweets;

namespace Rookery.Grains;

/// <summary>Counts and times of a silo on the way to where they are drawn together: whole sketches and histograms, not their results.</summary>
internal static class SummaryCodec
{
    public static byte[] Write(IReadOnlyList<HashtagPane> panes)
    {
        using var writer = new FlatWriter();
        foreach (var pane in panes)
        {
            writer.Number(pane.Time);
            writer.Number(pane.Total);
            writer.Number(pane.Error);
            writer.Number(pane.Tags.Count);
            foreach (var (tag, count) in pane.Tags)
            {
                writer.Bytes(tag);
                writer.Number(count);
            }
        }

        return writer.ToArray();
    }

    /// <exception cref="InvalidDataException">They were not written like this; so below.</exception>
    public static List<HashtagPane> ReadPanes(byte[] bytes)
    {
        var reader = new FlatReader(bytes);
        var panes = new List<HashtagPane>();
        while (!reader.AtEnd)
        {
            var (time, total, error) = (reader.Number(), reader.Number(), reader.Number());
            var tags = new List<(byte[], long)>();
            for (var count = reader.Count(); count > 0; count--)
            {
                tags.Add((reader.Bytes().ToArray(), reader.Number()));
            }

            panes.Add(new HashtagPane(time, total, error, tags));
        }

        return panes;
    }

    public static byte[] Write(StatisticsSample sample)
    {
        using var writer = new FlatWriter();
        writer.Number(sample.Crashes);
        writer.Number(sample.TweetCount);
        writer.Number(sample.UserCount);
        foreach (var times in new[] { sample.Work, sample.Tweets, sample.Users })
        {
            var buckets = times.NotEmpty.ToList();
            writer.Number(buckets.Count);
            writer.Number(times.Range.Least);
            writer.Number(times.Range.Most);
            foreach (var (bucket, count) in buckets)
            {
                writer.Number(bucket);
                writer.Number(count);
            }
        }

        return writer.ToArray();
    }

    public static StatisticsSample ReadSample(byte[] bytes)
    {
        var reader = new FlatReader(bytes);
        var sample = new StatisticsSample { Crashes = reader.Number(), TweetCount = reader.Number(), UserCount = reader.Number() };
        foreach (var times in new[] { sample.Work, sample.Tweets, sample.Users })
        {
            var (buckets, least, most) = (reader.Count(), reader.Number(), reader.Number());
            for (; buckets > 0; buckets--)
            {
                times.Add(reader.Count(), reader.Number(), least, most);
            }
        }

        return sample;
    }
}
