using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;
using Rookery.Broker;
using Rookery.Conformance;
using Rookery.Local;
using Rookery.Local.Tests;
using Rookery.Wire;
using Xunit.Abstractions;

namespace Rookery.Fuzz.Tests;

/// <summary>Any line, over a connection to a real broker, is answered as the contract says, and harms nobody.</summary>
public sealed class LineFuzzTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int LinesOfConnection = 200;

    // Small limits, so that they are met, and what is stored stays little.
    private static readonly LocalBrokerOptions Options = new()
    {
        Journal = new JournalOptions { SegmentBytes = 256 << 10, Durability = Durability.Memory },
        Limits = new BrokerLimits
        {
            MaxTopics = 40,
            MaxSubscriptionsPerTopic = 20,
            MaxDeadLetters = 20,
            MaxProducersPerTopic = 5,
            Retention = new Retention { KeepEvents = 20, MaxEvents = 200 },
        },
    };

    private readonly Complaints _complaints = new();
    private LocalBroker _broker = null!;
    private BrokerServer _server = null!;

    public async Task InitializeAsync()
    {
        _broker = await LocalBroker.OpenAsync(Options, null, () => new FaultyFiles(), TimeProvider.System, _complaints);
        _server = new BrokerServer(_broker, new WireOptions { Port = 0, MaxSubscriptions = 10 }, null, _complaints);
        await _server.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _broker.DisposeAsync();
        _complaints.Dispose();
    }

    [Fact]
    public async Task Every_line_of_the_corpus_is_answered_as_the_contract_says()
    {
        foreach (var line in Corpus.Lines)
        {
            await TryAsync([line], "the corpus");
        }

        await EndAsync();
    }

    [Fact]
    public async Task Every_line_that_chance_makes_of_them_is_answered_as_the_contract_says()
    {
        var random = Dice.Roll(output, out var seed);
        var mutator = new LineMutator(random);
        for (var left = FuzzSize.Lines; left > 0; left -= LinesOfConnection)
        {
            await TryAsync([.. Enumerable.Range(0, Math.Min(left, LinesOfConnection)).Select(_ => mutator.Next())], $"ROOKERY_SEED={seed}, {left} before the end");
        }

        await EndAsync();
    }

    /// <summary>Sends lines, each followed by one whose answer is known, on as many connections as they need.</summary>
    private async Task TryAsync(IReadOnlyList<byte[]> lines, string which)
    {
        for (var next = 0; next < lines.Count;)
        {
            await using var client = await LineClient.ConnectAsync(_server.EndPoint);
            var oracle = new ReplyOracle();
            var sending = SendAsync(client, lines, next);
            var isOpen = true;
            for (; isOpen && next < lines.Count; next++)
            {
                var said = new List<string>();
                string? reply;
                while ((reply = await client.TryReadAsync()) is not null && reply != $"error: unknown command: [\"mark\", \"{next}\"]")
                {
                    said.Add(reply);
                }

                isOpen = reply is not null;
                var fault = oracle.Judge(lines[next], said) ?? (isOpen || said is [.., "bye"] ? null : "the connection is closed");
                Assert.True(fault is null, $"{which}: {fault}, but {string.Join(" | ", said)}, to the line {Convert.ToBase64String(lines[next])}: {Encoding.UTF8.GetString(lines[next])}");
                Assert.True(_complaints.All.IsEmpty, $"{which}: {string.Join('\n', _complaints.All)}");
            }

            await sending;
        }
    }

    private static async Task SendAsync(LineClient client, IReadOnlyList<byte[]> lines, int from)
    {
        var bytes = new List<byte>();
        for (var i = from; i < lines.Count; i++)
        {
            bytes.AddRange(lines[i]);
            bytes.AddRange(Encoding.ASCII.GetBytes($"\nmark {i}\n"));
        }

        try
        {
            await client.SendBytesAsync(bytes.ToArray());
        }
        catch (System.Net.Sockets.SocketException)
        {
            // Closed, as it asked for; the reader judges that.
        }
    }

    private async Task EndAsync()
    {
        await using var client = await LineClient.ConnectAsync(_server.EndPoint, "{\"confirm\":true}");
        await client.AskAsync("ping", "pong");
        await client.SendAsync("stats");
        Assert.Contains("\"failed_writes\":0", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.Empty(_complaints.All);
    }

    /// <summary>What server and broker logged as an error: an exception that nobody expected, above all.</summary>
    private sealed class Complaints : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> All { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                All.Enqueue($"{formatter(state, exception)} {exception}");
            }
        }

        public void Dispose()
        {
        }
    }
}
