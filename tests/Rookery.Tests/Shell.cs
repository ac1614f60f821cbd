using System.Collections.Concurrent;
using System.Text;

namespace Rookery.Command.Tests;

/// <summary>Runs a command line inside the test and keeps what it wrote.</summary>
internal sealed class Shell
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<char> _keys = [];
    private readonly WatchedWriter _out;
    private readonly WatchedWriter _error;

    public Shell() => (_out, _error) = (new(() => BeforeOut?.Invoke()), new(() => BeforeError?.Invoke()));

    public string Input { get; init; } = "";

    /// <summary>The input, where it is not <see cref="Input"/>.</summary>
    public TextReader? Reader { get; init; }

    /// <summary>Asked before anything is written: the output, and the standard error, as they are to be.</summary>
    public Action? BeforeOut { get; init; }

    public Action? BeforeError { get; init; }

    /// <summary>Variables of the environment, which has no others.</summary>
    public Dictionary<string, string> Variables { get; init; } = [];

    /// <summary>The output is taken for a terminal, one without colours.</summary>
    public bool IsLive { get; init; }

    /// <summary>Somebody sits there who can be asked.</summary>
    public bool CanAsk { get; init; }

    // Whoever does not say another one gets a free port.
    private string? Variable(string name) => Variables.GetValueOrDefault(name) ?? (name == "ROOKERY_HTTP_PORT" ? "0" : null);

    public Interruption Interruption { get; } = new();

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public string[] OutLines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.TrimEnd('\r')).ToArray();

    /// <summary>Presses a key, where the command looks for keys.</summary>
    public void Press(char key) => _keys.Enqueue(key);

    public Surroundings Surroundings => new()
    {
        In = Reader ?? new StringReader(Input),
        Out = _out,
        Error = _error,
        IsLive = IsLive,
        CanAsk = CanAsk,
        Key = () => _keys.TryDequeue(out var key) ? key : null,
        Variable = Variable,
        VariableNames = () => Variables.Keys,
        Interruptions = () => Interruption,
    };

    public Task<int> RunAsync(params string[] args) => Task.Run(() => CommandLine.RunAsync(args, Surroundings)).WaitAsync(Deadline);

    /// <summary>Waits until the output holds a text; returns the line it is in.</summary>
    public Task<string> OutputAsync(string text) => _out.LineWithAsync(text).WaitAsync(Deadline);

    public Task<string> ErrorAsync(string text) => _error.LineWithAsync(text).WaitAsync(Deadline);

    private sealed class WatchedWriter(Action before) : TextWriter
    {
        private readonly StringBuilder _text = new();
        private bool _isDirty;
        private readonly ConcurrentBag<(string Text, TaskCompletionSource<string> Found)> _watches = [];

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => Write(value.ToString());

        public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

        public override void Write(string? value)
        {
            before();
            _isDirty = true;
            lock (_text)
            {
                _text.Append(value);
            }

            Look();
        }

        public override void Flush()
        {
            // As a stream is, which is not asked for nothing.
            if (Interlocked.Exchange(ref _isDirty, false))
            {
                before();
            }
        }

        public override void WriteLine(string? value) => Write(value + "\n");

        public Task<string> LineWithAsync(string text)
        {
            var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _watches.Add((text, found));
            Look();
            return found.Task;
        }

        public override string ToString()
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }

        private void Look()
        {
            var lines = ToString().Split('\n')[..^1];
            foreach (var (text, found) in _watches)
            {
                if (Array.Find(lines, l => l.Contains(text, StringComparison.Ordinal)) is { } line)
                {
                    found.TrySetResult(line);
                }
            }
        }
    }
}
