using System.Text;
using Rookery.Broker;

namespace Rookery.Wire;

/// <summary>What the body of an acknowledgement, or of giving back, names.</summary>
internal sealed record SettleRequest
{
    // As many as can be in flight.
    private const int MostSequences = 65_536;

    public string? Topic { get; private init; }

    /// <summary>The id of an event as text; null: <see cref="Ranges"/> count.</summary>
    public string? Id { get; private init; }

    public IReadOnlyList<SequenceRange> Ranges { get; private init; } = [];

    public int DelayMs { get; private init; }

    /// <param name="json">The body.</param>
    /// <param name="giveBack">Events are given back, which may have a delay.</param>
    /// <exception cref="HttpFaultException">It is not as it has to be.</exception>
    public static SettleRequest Read(ReadOnlySpan<byte> json, bool giveBack)
    {
        try
        {
            return Check(ReadFields(json, giveBack));
        }
        catch (FormatException fault)
        {
            throw HttpFaultException.Bad(Errors.Fill(Errors.BadOptions, fault.Message));
        }
    }

    /// <summary>Adds the commands that do it.</summary>
    public void AddTo(TopicCommands commands, bool giveBack)
    {
        if (Id is not null)
        {
            var id = Encoding.UTF8.GetBytes(Id);
            if (giveBack)
            {
                commands.Return(id, DelayMs);
            }
            else
            {
                commands.Acknowledge(id);
            }
        }
        else if (!giveBack)
        {
            commands.Acknowledge([.. Ranges]);
        }
        else
        {
            foreach (var (first, last) in Ranges)
            {
                for (var sequence = first; sequence <= last; sequence++)
                {
                    commands.Return(sequence, DelayMs);
                }
            }
        }
    }

    private static SettleRequest ReadFields(ReadOnlySpan<byte> json, bool giveBack)
    {
        var request = new SettleRequest();
        var fields = new OptionReader(json);
        var given = new HashSet<string>(StringComparer.Ordinal);
        while (fields.Next(out var name))
        {
            if (!given.Add(name))
            {
                throw new FormatException($"{name} is given more than once");
            }

            switch (name)
            {
                case "topic":
                    request = request with { Topic = fields.Text() };
                    break;
                case "id":
                    request = request with { Id = fields.TextOrNumber() };
                    break;
                case "seqs":
                    request = request with { Ranges = fields.TextOrNumber() is { } text ? ReadRanges(text) : [] };
                    break;
                case "delay_ms" when giveBack:
                    request = request with { DelayMs = fields.Integer(0, int.MaxValue) ?? 0 };
                    break;
                default:
                    throw OptionReader.Unknown(name, giveBack ? "topic, id, seqs and delay_ms" : "topic, id and seqs");
            }
        }

        return request;
    }

    private static SettleRequest Check(SettleRequest request)
    {
        var (id, seqs) = (request.Id is not null, request.Ranges.Count > 0);
        return id == seqs ? throw HttpFaultException.Bad(id ? HttpErrors.BothToSettle : HttpErrors.WhatToSettle) : request;
    }

    private static List<SequenceRange> ReadRanges(string text)
    {
        // As the line protocol writes them, each with a # in front.
        var ranges = new List<SequenceRange>();
        var good = SequenceText.TryReadRanges(Encoding.UTF8.GetBytes("#" + text.Replace(",", ",#", StringComparison.Ordinal)), ranges);
        var left = (long)MostSequences;
        foreach (var (first, last) in ranges)
        {
            left -= Math.Min(last - first, MostSequences) + 1;
        }

        return good && left >= 0
            ? ranges
            : throw HttpFaultException.Bad(Errors.Fill(HttpErrors.BadSequences, Echo.Text(Encoding.UTF8.GetBytes(text))));
    }
}
