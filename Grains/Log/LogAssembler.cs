namespace Rookery.Grains;

/// <summary>Puts frames together from records as recovery reads them. Pieces without their end are no frame: nobody was told of it.</summary>
internal sealed class LogAssembler
{
    private readonly List<(byte[] Data, string? ETag)> _pieces = [];
    private long _first;

    /// <summary>Takes the next record.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="record">What is in it.</param>
    /// <returns>The frame that it completes, with the number of its first record and the ETags of all; null: none yet.</returns>
    public (long Number, byte[] Frame, string?[] ETags)? Take(long number, (byte[] Data, string? ETag) record)
    {
        if (!LogPart.TryRead(record.Data, out var part))
        {
            _pieces.Clear();
            return record.Data.Length == 0 ? null : (number, record.Data, [record.ETag]);
        }

        if (part.Index == 0)
        {
            _pieces.Clear();
            _first = number;
        }

        if (part.First != _first || part.Index != _pieces.Count || number != _first + part.Index)
        {
            // A piece of a frame whose writer was stopped by another activation, or whose beginning is missing.
            _pieces.Clear();
            return null;
        }

        _pieces.Add(record);
        if (_pieces.Count < part.Count)
        {
            return null;
        }

        var frame = Join(_pieces.Select(piece => piece.Data));
        var eTags = _pieces.Select(piece => piece.ETag).ToArray();
        _pieces.Clear();
        return (_first, frame, eTags);
    }

    /// <summary>The frame of pieces that are all there.</summary>
    public static byte[] Join(IEnumerable<byte[]> pieces)
    {
        var all = pieces.ToList();
        var frame = new byte[all.Sum(piece => piece.Length - LogPart.Size)];
        var at = 0;
        foreach (var piece in all)
        {
            piece.AsSpan(LogPart.Size).CopyTo(frame.AsSpan(at));
            at += piece.Length - LogPart.Size;
        }

        return frame;
    }
}
