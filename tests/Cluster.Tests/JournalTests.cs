using System.Text;
using Rookery.Broker;
using Rookery.Grains;

namespace Rookery.Cluster.Tests;

/// <summary>A topic's log in grain storage, without a cluster.</summary>
public sealed class JournalTests
{
    private static readonly TopicName Topic = TopicName.Parse("t");
    private readonly SharedStorage _storage = new();
    private readonly ManualTimeProvider _time = new();
    private readonly List<string> _damaged = [];

    [Fact]
    public async Task What_was_appended_is_recovered_in_order()
    {
        var journal = await OpenAsync();
        for (var i = 1; i <= 100; i++)
        {
            Assert.Equal(i, await journal.AppendAsync(Frame($"frame {i}")));
        }

        var found = new List<(long, string)>();
        var next = await OpenAsync(found);
        Assert.Equal(Enumerable.Range(1, 100).Select(i => ((long)i, $"frame {i}")), found);
        Assert.Equal(101, await next.AppendAsync(Frame("more")));
    }

    [Fact]
    public async Task A_second_activation_stops_the_first_with_the_first_record_it_writes()
    {
        var older = await OpenAsync();
        await older.AppendAsync(Frame("1"));
        var newer = await OpenAsync();
        await newer.AppendAsync(Frame("2"));
        await Assert.ThrowsAsync<FencedException>(async () => await older.AppendAsync(Frame("2, too")));

        var found = new List<(long, string)>();
        await OpenAsync(found);
        Assert.Equal([(1, "1"), (2, "2")], found);
    }

    [Fact]
    public Task An_older_activation_that_wakes_after_the_younger_released_everything_runs_into_a_tombstone() => InTurnsAsync(async () =>
    {
        var older = await OpenAsync();
        await older.AppendAsync(Frame("1"));
        var newer = await OpenAsync();
        for (var i = 2; i <= 200; i++)
        {
            await newer.AppendAsync(Frame($"{i}"));
        }

        for (var i = 1; i <= 200; i++)
        {
            newer.Release(i, Frame($"{i}").Length);
        }

        await newer.CleanAsync();
        Assert.Equal(0, _storage.LogOf("t")["2"]);
        await Assert.ThrowsAsync<FencedException>(async () => await older.AppendAsync(Frame("2, too")));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task An_older_activation_that_wakes_when_the_tombstones_are_gone_finds_that_the_head_is_not_its_own(bool withTheMachine) => InTurnsAsync(async () =>
    {
        var suspended = new JumpingTime();
        var older = await OpenAsync(time: withTheMachine ? suspended : _time);
        await older.AppendAsync(Frame("1"));
        var newer = await OpenAsync();
        for (var i = 2; i <= 10; i++)
        {
            await newer.AppendAsync(Frame($"{i}"));
        }

        for (var i = 1; i <= 10; i++)
        {
            newer.Release(i, Frame($"{i}").Length);
        }

        await newer.CleanAsync();
        _time.Advance(TimeSpan.FromHours(2));
        suspended.Sleep(TimeSpan.FromHours(2));
        await newer.AppendAsync(Frame("11"));
        await newer.CleanAsync();
        Assert.Equal(["11", "head"], _storage.LogOf("t").Keys.Order(StringComparer.Ordinal));

        await Assert.ThrowsAsync<FencedException>(async () => await older.AppendAsync(Frame("2, too")));
        Assert.DoesNotContain("2", _storage.LogOf("t").Keys);
    });

    [Fact]
    public Task The_head_is_advanced_before_anything_is_removed() => InTurnsAsync(async () =>
    {
        var journal = await OpenAsync();
        for (var i = 1; i <= 100; i++)
        {
            await journal.AppendAsync(Frame($"{i}"));
        }

        var order = new List<string>();
        _storage.After = (_, key) =>
        {
            order.Add(key[(key.LastIndexOf('/') + 1)..]);
            return Task.CompletedTask;
        };
        for (var i = 1; i <= 100; i++)
        {
            journal.Release(i, Frame($"{i}").Length);
        }

        await journal.CleanAsync();
        Assert.Equal("head", order[0]);
        Assert.Equal(101, order.Distinct().Count());
        Assert.Equal(100, _storage.LogOf("t").Count(one => one.Key != "head" && one.Value == 0));
    });

    [Fact]
    public Task Recovery_reads_what_lives_and_little_else() => InTurnsAsync(async () =>
    {
        var options = new LogOptions { HeadEvery = 32 };
        var journal = await OpenAsync(options: options);
        for (var i = 1; i <= 3000; i++)
        {
            await journal.AppendAsync(Frame($"{i}"));
            if (i != 7)
            {
                journal.Release(i, Frame($"{i}").Length);
            }
        }

        await journal.CleanAsync();
        var found = new List<(long, string)>();
        var next = await OpenAsync(found, options);
        Assert.Equal([(7, "7")], found);
        Assert.Equal(1, next.RecoveredRecords);
        Assert.Equal(3001, await next.AppendAsync(Frame("on")));
    });

    [Fact]
    public async Task Many_small_records_are_asked_to_be_rewritten_and_big_ones_are_left_alone()
    {
        var asked = new List<(long From, long To)>();
        var journal = await OpenAsync(options: new LogOptions { MaxSmallRecords = 10, SmallRecordBytes = 1024 }, compact: (from, to) => asked.Add((from, to)));
        for (var i = 1; i <= 12; i++)
        {
            await journal.AppendAsync(Frame(i == 5 ? new string('x', 4000) : "small"));
        }

        Assert.Equal([(1, 5), (6, 12)], asked);
    }

    [Fact]
    public async Task A_damaged_record_is_reported_and_the_others_are_recovered()
    {
        var journal = await OpenAsync();
        for (var i = 1; i <= 3; i++)
        {
            await journal.AppendAsync(Frame($"{i}"));
        }

        _storage.Damage("t", 2);
        var found = new List<(long, string)>();
        await OpenAsync(found);
        Assert.Equal([(1, "1"), (3, "3")], found);
        Assert.Contains("t/2", Assert.Single(_damaged), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_that_hangs_is_an_unknown_outcome_after_the_deadline()
    {
        var journal = await OpenAsync();
        await journal.AppendAsync(Frame("1"));
        var hang = new TaskCompletionSource();
        _storage.Before = (what, key) => what == "write" && key.EndsWith("/2", StringComparison.Ordinal) ? hang.Task : Task.CompletedTask;
        var append = journal.AppendAsync(Frame("2")).AsTask();
        Assert.False(append.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(11));
        await Assert.ThrowsAsync<JournalException>(() => append);

        // It lands after all: the next activation meets it.
        var newer = await OpenAsync();
        hang.SetResult();
        while (!_storage.LogOf("t").ContainsKey("2"))
        {
            await Task.Yield();
        }

        await Assert.ThrowsAsync<FencedException>(async () => await newer.AppendAsync(Frame("2, too")));
        var found = new List<(long, string)>();
        await OpenAsync(found);
        Assert.Equal([(1, "1"), (2, "2")], found);
    }

    [Fact]
    public async Task What_a_provider_throws_does_not_travel()
    {
        var journal = await OpenAsync();
        _storage.Before = (_, _) => throw new NotSupportedException("of this process only");
        var thrown = await Assert.ThrowsAsync<JournalException>(async () => await journal.AppendAsync(Frame("1")));
        Assert.Null(thrown.InnerException);
        Assert.Contains("of this process only", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4096, 1)]
    [InlineData(4097, 2)]
    [InlineData(2 * (4096 - 24), 2)]
    [InlineData((2 * (4096 - 24)) + 1, 3)]
    [InlineData(100_000, 25)]
    public async Task A_commit_larger_than_a_record_takes_several_and_is_recovered_whole(int bytes, int records)
    {
        var journal = await OpenAsync(options: SmallRecords);
        var text = new string('x', bytes - FrameHeader.ReserveFor(Topic));
        Assert.Equal(1, await journal.AppendAsync(Frame("before")));
        Assert.Equal(2, await journal.AppendAsync(Frame(text)));
        Assert.Equal(2 + records, await journal.AppendAsync(Frame("behind")));
        Assert.All(_storage.LogOf("t").Values, length => Assert.InRange(length, 1, 4096));
        using (var read = await journal.ReadAsync(2))
        {
            Assert.Equal(text, Encoding.UTF8.GetString(read.Memory.Span));
        }

        // Once as what lies behind the head, once as what it names.
        for (var i = 0; i < 2; i++)
        {
            var found = new List<(long, string)>();
            journal = await OpenAsync(found, SmallRecords);
            Assert.Equal([(1, "before"), (2, text), (2 + records, "behind")], found);
            await journal.CleanAsync();
        }

        journal.Release(2, bytes);
        await journal.CleanAsync();
        Assert.Equal(records, _storage.LogOf("t").Count(one => one.Value == 0));
        Assert.Equal(3 + records, await journal.AppendAsync(Frame("more")));
    }

    [Fact]
    public async Task A_commit_whose_writer_died_within_it_is_none_and_the_log_goes_on_behind_it()
    {
        var journal = await OpenAsync(options: SmallRecords);
        await journal.AppendAsync(Frame("1"));
        _storage.Before = (what, key) => what == "write" && key.EndsWith("/4", StringComparison.Ordinal) ? throw new TimeoutException("gone") : Task.CompletedTask;
        await Assert.ThrowsAsync<JournalException>(async () => await journal.AppendAsync(Frame(new string('x', 10_000))));
        _storage.Before = null;
        Assert.Equal(["1", "2", "3", "head"], _storage.LogOf("t").Keys.Order(StringComparer.Ordinal));

        for (var i = 0; i < 2; i++)
        {
            var found = new List<(long, string)>();
            var next = await OpenAsync(found, SmallRecords);
            Assert.Equal(i == 0 ? [(1, "1")] : [(1, "1"), (4, "4")], found);
            if (i == 0)
            {
                Assert.Equal(4, await next.AppendAsync(Frame("4")));
            }
        }

        Assert.Empty(_damaged);
    }

    [Fact]
    public async Task A_writer_that_another_overtook_within_a_commit_is_stopped_and_its_pieces_are_nothing()
    {
        var older = await OpenAsync(options: SmallRecords);
        await older.AppendAsync(Frame("1"));
        var newer = older;
        _storage.After = async (what, key) =>
        {
            if (what == "write" && key.EndsWith("/2", StringComparison.Ordinal))
            {
                _storage.After = null;
                newer = await OpenAsync(options: SmallRecords);
                Assert.Equal(3, await newer.AppendAsync(Frame("3")));
            }
        };
        await Assert.ThrowsAsync<FencedException>(async () => await older.AppendAsync(Frame(new string('x', 10_000))));
        var found = new List<(long, string)>();
        await OpenAsync(found, SmallRecords);
        Assert.Equal([(1, "1"), (3, "3")], found);
    }

    [Fact]
    public async Task A_head_that_is_written_within_a_commit_does_not_begin_within_it()
    {
        var options = SmallRecords with { HeadEvery = 4 };
        var journal = await OpenAsync(options: options);
        for (var i = 1; i <= 3; i++)
        {
            await journal.AppendAsync(Frame($"{i}"));
        }

        // The fourth record asks for a head; it is written while the large commit behind it is under way.
        var within = new TaskCompletionSource();
        _storage.Before = (what, key) => what == "write" && key.EndsWith("/6", StringComparison.Ordinal) ? within.Task : Task.CompletedTask;
        await journal.AppendAsync(Frame("4"));
        var text = new string('x', 10_000);
        var append = journal.AppendAsync(Frame(text)).AsTask();
        await journal.CleanAsync();
        within.SetResult();
        Assert.Equal(5, await append);

        var found = new List<(long, string)>();
        await OpenAsync(found, options);
        Assert.Equal([(1, "1"), (2, "2"), (3, "3"), (4, "4"), (5, text)], found);
    }

    private static LogOptions SmallRecords { get; } = new() { RecordBytes = 4096 };

    private static byte[] Frame(string records)
    {
        var reserve = FrameHeader.ReserveFor(Topic);
        var frame = new byte[reserve + Encoding.UTF8.GetByteCount(records)];
        Encoding.UTF8.GetBytes(records, frame.AsSpan(reserve));
        FrameHeader.Seal(frame, Topic);
        return frame;
    }

    private async Task<GrainStorageTopicJournal> OpenAsync(
        List<(long, string)>? found = null, LogOptions? options = null, Action<long, long>? compact = null, TimeProvider? time = null)
    {
        options ??= new LogOptions();
        var store = new LogStore(Topic, _storage, options.StorageTimeout, time ?? _time);
        var journal = new GrainStorageTopicJournal(Topic, store, options, time ?? _time, compact ?? ((_, _) => { }), _ => { }, _damaged.Add);
        await journal.RecoverAsync((number, records) => found?.Add((number, Encoding.UTF8.GetString(records.Span))));
        return journal;
    }

    /// <summary>As in a grain, one turn at a time: the journal cleans its log in the background, between those of its caller.</summary>
    private static Task InTurnsAsync(Func<Task> body) => Task.Factory.StartNew(
        body, CancellationToken.None, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();
}
