using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace Rookery.Bench;

/// <summary>A blocking socket with a buffer each way: the client at its cheapest, so that the server is what is measured.</summary>
internal sealed class ByteChannel : IDisposable
{
    private readonly Socket _socket;
    private byte[] _input = new byte[256 * 1024];
    private byte[] _output = new byte[64 * 1024];
    private int _start;
    private int _end;
    private int _written;

    public ByteChannel(Socket socket)
    {
        _socket = socket;
        _socket.NoDelay = true;
    }

    /// <summary>What was received and not consumed.</summary>
    public ReadOnlySpan<byte> Input => _input.AsSpan(_start, _end - _start);

    /// <summary>Whether more can be received at once.</summary>
    public bool HasMore => _socket.Available > 0;

    public static ByteChannel Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return new ByteChannel(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Consume(int bytes) => _start += bytes;

    /// <summary>Waits for more input.</summary>
    /// <exception cref="EndOfStreamException">The peer closed.</exception>
    public void Receive()
    {
        if (_start == _end)
        {
            (_start, _end) = (0, 0);
        }
        else if (_input.Length - _end < _input.Length / 4)
        {
            Input.CopyTo(_input);
            (_start, _end) = (0, _end - _start);
            if (_end > _input.Length / 2)
            {
                Array.Resize(ref _input, _input.Length * 2);
            }
        }

        var received = _socket.Receive(_input.AsSpan(_end));
        if (received == 0)
        {
            throw new EndOfStreamException("the server closed the connection");
        }

        _end += received;
    }

    public ByteChannel Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_output.AsSpan(_written));
        _written += bytes.Length;
        return this;
    }

    public ByteChannel Append(long number)
    {
        Reserve(20);
        Utf8Formatter.TryFormat(number, _output.AsSpan(_written), out var written);
        _written += written;
        return this;
    }

    public ByteChannel Append(string text) => Append(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Sends what was appended.</summary>
    public void Flush()
    {
        if (_written > 0)
        {
            Send(_output.AsSpan(0, _written));
            _written = 0;
        }
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    /// <summary>Sends a line and waits for a line; for what happens before the clock runs.</summary>
    /// <exception cref="InvalidOperationException">The answer does not begin as it should.</exception>
    public string Ask(string command, string answer)
    {
        Append(command).Flush();
        var line = ReadLine();
        return line.StartsWith(answer, StringComparison.Ordinal)
            ? line
            : throw new InvalidOperationException($"'{command.Trim()}' was answered '{line}'");
    }

    public string ReadLine()
    {
        int end;
        while ((end = Input.IndexOf((byte)'\n')) < 0)
        {
            Receive();
        }

        var line = System.Text.Encoding.UTF8.GetString(Input[..end]).TrimEnd('\r');
        Consume(end + 1);
        return line;
    }

    public void Dispose() => _socket.Dispose();

    private void Reserve(int bytes)
    {
        if (_output.Length - _written < bytes)
        {
            Array.Resize(ref _output, Math.Max(_output.Length * 2, _written + bytes));
        }
    }
}
