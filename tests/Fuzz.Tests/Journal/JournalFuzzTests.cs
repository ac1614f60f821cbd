using Rookery.Local.Tests;
using Xunit.Abstractions;

namespace Rookery.Fuzz.Tests;

/// <summary>Any damage to a journal's files is named and confined: what was not hit is read, and nothing is invented.</summary>
public sealed class JournalFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_damage_of_the_corpus_is_named_and_confined()
    {
        var written = await WriteAsync();
        foreach (var (name, script) in Corpus.Damages)
        {
            Try(written, script, name);
        }
    }

    [Fact]
    public async Task Every_damage_that_chance_does_is_named_and_confined()
    {
        var random = Dice.Roll(output, out var seed);
        var written = await WriteAsync();
        for (var n = 1; n <= FuzzSize.Journals; n++)
        {
            Try(written, Damage.Invent(random, written.Disk), $"ROOKERY_SEED={seed}, input {n}");
        }
    }

    private static void Try(WrittenJournal written, string script, string which)
    {
        var damaged = written.Disk.Kill();
        Damage.Do(script, damaged);
        var before = damaged.Kill();
        try
        {
            using var after = new JournalFixture(damaged);
            Check(written, before, after, Damage.LeavesTheRest(script));
        }
        catch (Exception e)
        {
            // Also one that is documented: every file can be read here, and none was written by a newer version.
            throw new InvalidOperationException($"{which}: {e.Message}\n{script}", e);
        }
    }

    private static void Check(WrittenJournal written, FaultyFiles damaged, JournalFixture after, bool isConfined)
    {
        var all = written.Frames.Select(frame => frame.Text).ToHashSet();
        Assert.All(after.Recovered, text => Assert.Contains(text, all));
        var found = after.Recovered.ToHashSet();
        var lost = written.Frames.Where(frame => !found.Contains(frame.Text)).ToList();
        if (isConfined)
        {
            Assert.DoesNotContain(lost, frame => frame.IsWhole(damaged));
            Assert.Equal(found.Count, after.Recovered.Count);
        }

        Assert.True(
            lost.Count == 0 || after.Journal.Report.FindingCount > 0 || written.CouldNeverHaveBeen(lost, damaged),
            $"{lost.Count} frames were lost in silence, the first at {lost.FirstOrDefault()?.Start} of {lost.FirstOrDefault()?.File}");
    }

    /// <summary>Three segments of frames of two topics; the last was never closed.</summary>
    private static async Task<WrittenJournal> WriteAsync()
    {
        var files = new FaultyFiles();
        foreach (var count in new[] { 25, 8, 12 })
        {
            using var journal = new JournalFixture(files).Started();
            for (var n = 0; n < count; n++)
            {
                await journal.Append(n % 3 == 0 ? JournalFixture.B : JournalFixture.A, $"{count}.{n} {new string((char)('a' + n), n * n % 400)}");
            }

            if (count == 12)
            {
                return new WrittenJournal(files.Kill());
            }
        }

        throw new InvalidOperationException("unreachable");
    }
}
