using Rookery.Client;

namespace Rookery.Command.Tests;

/// <summary>A run whose output or standard error fails or takes nothing goes on, and ends when it is asked to.</summary>
public sealed class OutputTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("rookery-").FullName;
    private readonly ManualResetEventSlim _gate = new(initialState: true);

    public void Dispose()
    {
        // What still waits to write may go.
        _gate.Set();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task A_run_goes_on_where_its_status_cannot_be_written_and_shows_it_again_where_it_can()
    {
        var full = false;
        using var failures = new SemaphoreSlim(0);
        var shell = new Shell
        {
            BeforeOut = () =>
            {
                if (Volatile.Read(ref full))
                {
                    failures.Release();
                    throw new IOException("No space left on device");
                }
            },
        };
        var running = RunAsync(shell);
        var port = await PortAsync(shell);
        Volatile.Write(ref full, true);
        for (var n = 0; n < 2; n++)
        {
            Assert.True(await failures.WaitAsync(Shell.Deadline));
        }

        await PublishAsync(port);
        Volatile.Write(ref full, false);
        await shell.OutputAsync(" connections=0 total=1");
        Volatile.Write(ref full, true);
        shell.Interruption.Request();
        Assert.Equal(ExitCode.Ok, await running);
    }

    [Fact]
    public async Task A_run_starts_where_its_log_cannot_be_written()
    {
        var shell = new Shell { BeforeError = () => throw new IOException("No space left on device") };
        var running = RunAsync(shell, "--verbose");
        await PublishAsync(await PortAsync(shell));
        shell.Interruption.Request();
        Assert.Equal(ExitCode.Ok, await running);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_run_stops_when_it_is_asked_to_though_nobody_takes_its_output(bool outputIsFull, bool errorIsFull)
    {
        var shell = new Shell { BeforeOut = () => Wait(outputIsFull), BeforeError = () => Wait(errorIsFull) };
        var running = RunAsync(shell, "--verbose");
        var port = await PortAsync(shell);
        await shell.OutputAsync(" connections=0 ");
        _gate.Reset();
        await PublishAsync(port);
        shell.Interruption.Request();
        Assert.Equal(ExitCode.Ok, await running);
    }

    [Fact]
    public async Task Lines_that_cannot_be_written_are_counted_and_those_after_them_are_written()
    {
        var fails = true;
        var shell = new Shell
        {
            BeforeOut = () =>
            {
                if (Volatile.Read(ref fails))
                {
                    throw new IOException("No space left on device");
                }
            },
        };
        var output = new LineOutput(shell.Surroundings.Out, "out");
        output.Write("lost");
        await output.FlushAsync();
        Assert.Equal((1, ""), (output.Lost, shell.Out));
        Volatile.Write(ref fails, false);
        output.Write("kept");
        await output.EndAsync();
        output.Write("late");
        Assert.Equal((2, "kept\n", false), (output.Lost, shell.Out, output.IsStuck));
    }

    private void Wait(bool isFull)
    {
        if (isFull)
        {
            _gate.Wait();
        }
    }

    private Task<int> RunAsync(Shell shell, params string[] args) =>
        shell.RunAsync(["run", "--no-tweets", "--data", _data, "--broker-port", "0", "--durability", "memory", .. args]);

    private static async Task<int> PortAsync(Shell shell) =>
        int.Parse((await shell.OutputAsync("broker on ")).Split(' ')[2].Split(':')[1], null);

    private static async Task PublishAsync(int port)
    {
        await using var client = await RookeryClient.ConnectAsync(new RookeryClientOptions { Port = port, Token = null });
        await client.PublishAsync("t", "id", "{}"u8.ToArray());
    }
}
