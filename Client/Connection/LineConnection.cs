using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Rookery.Client;

/// <summary>One TCP connection to a broker, greeted and introduced: lines in, bytes out.</summary>
internal sealed class LineConnection : IAsyncDisposable
{
    private const int BufferSize = 64 * 1024;

    private readonly Stream _stream;
    private readonly PipeReader _input;
    private readonly int _maxLineBytes;
    private byte[] _joined = [];
    private long _reads;

    private LineConnection(Stream stream, int maxLineBytes)
    {
        _stream = stream;
        _input = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: BufferSize, leaveOpen: true));
        Output = PipeWriter.Create(_stream, new StreamPipeWriterOptions(minimumBufferSize: BufferSize, leaveOpen: true));
        _maxLineBytes = maxLineBytes;
    }

    /// <summary>What happens with each line; the line is only valid during the call.</summary>
    public delegate void LineReceived(ReadOnlySpan<byte> line);

    public PipeWriter Output { get; }

    /// <summary>Bytes of the longest line that the broker reads, as it said; <see cref="int.MaxValue"/> where it did not.</summary>
    public int LongestLine { get; private set; } = int.MaxValue;

    /// <summary>How often something was received: it stands still when the broker is silent.</summary>
    public long Reads => Volatile.Read(ref _reads);

    /// <summary>Connects, with TLS where that is asked for, waits for the greeting, and says hello.</summary>
    /// <exception cref="RookeryConnectionException">There is no broker, or it did not answer in time.</exception>
    /// <exception cref="RookeryException">The broker refused the hello.</exception>
    public static async Task<LineConnection> OpenAsync(RookeryClientOptions options, CancellationToken cancellationToken)
    {
        var where = $"{options.Host}:{options.Port}";
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        LineConnection? connection = null;
        try
        {
            connection = new LineConnection(await ConnectAsync(options, either.Token).ConfigureAwait(false), options.MaxLineBytes);
            await connection.IntroduceAsync(options, either.Token).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e)
        {
            if (connection is not null)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
            }

            cancellationToken.ThrowIfCancellationRequested();
            throw e switch
            {
                OperationCanceledException => new RookeryConnectionException(Silence(where, options, connection is not null), e),
                AuthenticationException refused => new RookeryConnectionException($"no TLS with {where}: {refused.Message}", e.InnerException ?? e),
                SocketException or IOException => new RookeryConnectionException($"cannot connect to {where}: {e.Message}", e),
                _ => e,
            };
        }
    }

    /// <summary>Hands every line over until the broker closes the connection.</summary>
    /// <exception cref="RookeryConnectionException">A line is longer than allowed.</exception>
    public async Task ReadAsync(LineReceived received, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await _input.ReadAsync(cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _reads, _reads + 1);
            var rest = result.Buffer;
            while (TryTakeLine(ref rest, out var line))
            {
                received(Join(line));
            }

            if (rest.Length > _maxLineBytes)
            {
                throw new RookeryConnectionException($"the broker sent a line of more than {_maxLineBytes} bytes");
            }

            _input.AdvanceTo(rest.Start, rest.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<Stream> ConnectAsync(RookeryClientOptions options, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(options.Host, options.Port, cancellationToken).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (options.Tls is { } tls)
            {
                var secure = new SslStream(stream);
                stream = secure;
                await tls.ShakeHandsAsync(secure, options.Host, cancellationToken).ConfigureAwait(false);
            }

            return stream;
        }
        catch
        {
            socket.Dispose();
            if (stream is not null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }

            throw;
        }
    }

    private static string Silence(string where, RookeryClientOptions options, bool isConnected)
    {
        // Behind TLS it is the client who speaks first.
        var hint = isConnected && options.Tls is null ? "; a broker that serves TLS says nothing to a client without it, nor does a web server, such as the page of a run" : "";
        return $"no answer from {where} within {options.ConnectTimeout.TotalSeconds:0.###} s{hint}";
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }

        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    private async Task IntroduceAsync(RookeryClientOptions options, CancellationToken cancellationToken)
    {
        var greeting = await ReadLineAsync(cancellationToken).ConfigureAwait(false);
        if (greeting.StartsWith("error: ", StringComparison.Ordinal))
        {
            throw RookeryException.Of(greeting);
        }

        if (greeting != Lines.Greeting)
        {
            throw new RookeryConnectionException($"what answers there is no broker; it said: {greeting[..Math.Min(greeting.Length, 80)]}");
        }

        await Output.WriteAsync(Lines.Hello(options), cancellationToken).ConfigureAwait(false);
        var reply = await ReadLineAsync(cancellationToken).ConfigureAwait(false);
        if (!reply.StartsWith("ok hello", StringComparison.Ordinal))
        {
            throw RookeryException.Of(reply);
        }

        LongestLine = Lines.LongestLine(reply) ?? int.MaxValue;
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await _input.ReadAsync(cancellationToken).ConfigureAwait(false);
            var rest = result.Buffer;
            var found = TryTakeLine(ref rest, out var line);
            var text = found ? Encoding.UTF8.GetString(Join(line)) : string.Empty;
            var tooLong = rest.Length > _maxLineBytes && !found;
            _input.AdvanceTo(rest.Start, found ? rest.Start : rest.End);
            if (found)
            {
                return text;
            }

            if (result.IsCompleted || tooLong)
            {
                throw new RookeryConnectionException(tooLong ? "the broker's greeting is too long" : "the broker closed the connection before it answered");
            }
        }
    }

    private ReadOnlySpan<byte> Join(ReadOnlySequence<byte> line)
    {
        ReadOnlySpan<byte> bytes;
        if (line.IsSingleSegment)
        {
            bytes = line.FirstSpan;
        }
        else
        {
            var length = (int)line.Length;
            if (_joined.Length < length)
            {
                _joined = new byte[Math.Max(length, _joined.Length * 2)];
            }

            line.CopyTo(_joined);
            bytes = _joined.AsSpan(0, length);
        }

        return bytes.EndsWith("\r"u8) ? bytes[..^1] : bytes;
    }
}
