namespace Rookery.Tweets;

/// <summary>Reads the data of events into records, and counts what came of each. One thread at a time.</summary>
internal sealed class EventReader
{
    private readonly TweetReader _tweets = new();
    private readonly long[] _rejected = new long[Enum.GetValues<RejectReason>().Length];
    private ReaderCounters _counters;

    /// <summary>What has been read so far; what is not counted here is for the caller to count.</summary>
    public ref ReaderCounters Counters
    {
        get
        {
            _counters.InnerRejected = _tweets.InnerRejected;
            return ref _counters;
        }
    }

    /// <summary>Events rejected for one reason.</summary>
    public long RejectedFor(RejectReason reason) => _rejected[(int)reason];

    /// <summary>Adds the records of one event to a block, or none.</summary>
    /// <param name="block">The block that holds the data.</param>
    /// <param name="data">Where the data is.</param>
    public RejectReason Read(TweetBlock block, Utf8Range data)
    {
        var before = block.Count;
        var reason = _tweets.Read(block, data);
        _counters.Events++;
        _counters.Bytes += data.Length;
        if (reason != RejectReason.None)
        {
            _rejected[(int)reason]++;
            _counters.Rejected++;
            _counters.LastReason = reason;
            return reason;
        }

        foreach (ref readonly var record in block.Records[before..])
        {
            switch (record.Kind)
            {
                case RecordKind.Tweet:
                    _counters.Tweets++;
                    break;
                case RecordKind.Retweeted:
                    _counters.Retweeted++;
                    break;
                case RecordKind.Quoted:
                    _counters.Quoted++;
                    break;
                default:
                    _counters.Kills++;
                    break;
            }
        }

        return reason;
    }
}
