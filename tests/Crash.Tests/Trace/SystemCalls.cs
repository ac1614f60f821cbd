using System.Text.RegularExpressions;

namespace Rookery.Crash.Tests;

/// <summary>What was written, synced and sent, in the order of a trace: <c>strace -f -y</c>.</summary>
internal sealed partial class SystemCalls
{
    // "123 pwritev(45</data/0000000001.segment>, [...], 1, 32) = 80", or in two lines, with those of other threads between:
    // "123 fdatasync(45</data/0000000001.segment> <unfinished ...>", "123 <... fdatasync resumed>) = 0".
    private readonly Dictionary<int, string> _unfinished = [];
    private readonly HashSet<string> _written = [];
    private readonly HashSet<string> _synced = [];
    private readonly List<string> _confirmedUnsynced = [];
    private readonly Dictionary<int, string[]> _beingSynced = [];

    /// <summary>Events that were confirmed.</summary>
    public int Confirmed { get; private set; }

    /// <summary>Syncs of the journal that succeeded.</summary>
    public int Syncs { get; private set; }

    /// <summary>Events whose confirmation was sent before a sync that began after their write had ended.</summary>
    public IReadOnlyList<string> ConfirmedUnsynced => _confirmedUnsynced;

    public static SystemCalls Read(string path)
    {
        var calls = new SystemCalls();
        foreach (var line in File.ReadLines(path))
        {
            calls.Take(line);
        }

        return calls;
    }

    [GeneratedRegex("""^(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)$""", RegexOptions.Singleline)]
    private static partial Regex Call { get; }

    [GeneratedRegex("""event-\d+""")]
    private static partial Regex Id { get; }

    [GeneratedRegex("""ok pub \S+ \d+ (event-\d+)""")]
    private static partial Regex Confirmation { get; }

    private void Take(string line)
    {
        var match = Call.Match(line);
        if (!match.Success)
        {
            return;
        }

        var thread = int.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
        var rest = match.Groups[4].Value;
        var begins = match.Groups[3].Success;
        if (begins)
        {
            Begin(thread, match.Groups[3].Value, rest);
            if (rest.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                _unfinished[thread] = rest;
                return;
            }
        }
        else
        {
            _unfinished.Remove(thread, out var before);
            rest = before + rest;
        }

        End(thread, match.Groups[begins ? 3 : 2].Value, rest);
    }

    private void Begin(int thread, string call, string rest)
    {
        if (call.StartsWith("send", StringComparison.Ordinal))
        {
            foreach (Match confirmation in Confirmation.Matches(rest))
            {
                Confirmed++;
                if (!_synced.Contains(confirmation.Groups[1].Value))
                {
                    _confirmedUnsynced.Add(confirmation.Groups[1].Value);
                }
            }
        }
        else if (call is "fdatasync" or "fsync" && IsJournal(rest))
        {
            // A sync covers what was written before it began.
            _beingSynced[thread] = [.. _written];
        }
    }

    private void End(int thread, string call, string rest)
    {
        if (call.StartsWith("pwrite", StringComparison.Ordinal) && IsJournal(rest) && !rest.Contains(" = -1 ", StringComparison.Ordinal))
        {
            _written.UnionWith(Id.Matches(rest).Select(m => m.Value));
        }
        else if (call is "fdatasync" or "fsync" && _beingSynced.Remove(thread, out var covered) && rest.EndsWith("= 0", StringComparison.Ordinal))
        {
            Syncs++;
            _synced.UnionWith(covered);
        }
    }

    private static bool IsJournal(string rest) => rest.Contains(".segment>", StringComparison.Ordinal);
}
