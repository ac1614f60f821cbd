using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Rookery.Bench;

/// <summary>
/// The limit: reads lines, and their events with the framework's JSON reader; numbers and appends them to a file, writes and
/// syncs once for all that came meanwhile, then sends to every subscriber and to the publisher the bytes that the protocol
/// asks for. It keeps no window, no order of priorities, no state at all. One thread reads a connection, one writes.
/// </summary>
internal sealed class NullServer : IDisposable
{
    private const int FileBytes = 256 << 20;

    private readonly Lock _gate = new();
    private readonly List<Socket> _subscribers = [];
    private readonly SemaphoreSlim _some = new(0);
    private readonly SafeFileHandle _file;
    private Batch _gathering = new();
    private Batch _writing = new();
    private long _sequence;
    private long _at;

    private NullServer(string folder)
    {
        _file = File.OpenHandle(Path.Combine(folder, "log"), FileMode.Create, FileAccess.ReadWrite, preallocationSize: FileBytes);
        new Thread(Write) { IsBackground = true }.Start();
    }

    public static void Serve(int port, string folder)
    {
        using var server = new NullServer(folder);
        Acceptor.Run(port, server.Handle);
    }

    public void Dispose()
    {
        _file.Dispose();
        _some.Dispose();
    }

    private void Handle(Socket socket)
    {
        socket.Send("hello\r\n"u8);
        try
        {
            var buffer = new byte[1 << 20];
            var length = 0;
            for (int received; (received = socket.Receive(buffer.AsSpan(length))) > 0;)
            {
                length += received;
                var end = buffer.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
                Read(socket, buffer.AsSpan(0, end));
                buffer.AsSpan(end, length - end).CopyTo(buffer);
                length -= end;
            }
        }
        finally
        {
            lock (_gate)
            {
                _subscribers.Remove(socket);
            }
        }
    }

    private void Read(Socket socket, ReadOnlySpan<byte> lines)
    {
        var any = false;
        lock (_gate)
        {
            while (!lines.IsEmpty)
            {
                var end = lines.IndexOf((byte)'\n');
                var line = lines[..end];
                lines = lines[(end + 1)..];
                switch (line[0])
                {
                    case (byte)'p':
                        var rest = line[4..];
                        var topic = rest[..rest.IndexOf((byte)' ')];
                        _gathering.Add(socket, ++_sequence, topic, rest[(topic.Length + 1)..]);
                        any = true;
                        break;
                    case (byte)'s':
                        // The rounds of the bench come one after another: this one is for whoever subscribed last.
                        _sequence = 0;
                        _subscribers.Add(socket);
                        socket.Send("successfully subscribed\r\n"u8);
                        break;
                    case (byte)'h':
                        socket.Send("ok hello {}\r\n"u8);
                        break;
                }
            }
        }

        if (any)
        {
            _some.Release();
        }
    }

    private void Write()
    {
        while (true)
        {
            _some.Wait();
            Socket[] subscribers;
            lock (_gate)
            {
                (_gathering, _writing) = (_writing, _gathering);
                subscribers = [.. _subscribers];
            }

            if (_writing.Events.WrittenCount == 0)
            {
                continue;
            }

            if (_at + _writing.Events.WrittenCount > FileBytes)
            {
                _at = 0;
            }

            RandomAccess.Write(_file, _writing.Events.WrittenSpan, _at);
            _at += _writing.Events.WrittenCount;
            Device.Sync(_file);
            try
            {
                foreach (var subscriber in subscribers)
                {
                    SendAll(subscriber, _writing.Events.WrittenSpan);
                }

                SendAll(_writing.Publisher!, _writing.Confirms.WrittenSpan);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // The client of a round that is over.
            }

            _writing.Clear();
        }
    }

    private static void SendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[socket.Send(bytes)..];
        }
    }

    private sealed class Batch
    {
        public ArrayBufferWriter<byte> Events { get; } = new(1 << 20);

        public ArrayBufferWriter<byte> Confirms { get; } = new(1 << 20);

        public Socket? Publisher { get; private set; }

        public void Add(Socket publisher, long sequence, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> json)
        {
            Publisher = publisher;
            Find(json, out var id, out var message);
            var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            var line = new Line(Events.GetSpan(json.Length + topic.Length + 128));
            line.Add("{\"topic\":\""u8).Add(topic).Add("\",\"priority\":0,\"msg\":"u8).Add(message).Add(",\"id\":\""u8).Add(id)
                .Add("\",\"seq\":"u8).Add(sequence).Add(",\"ts\":"u8).Add(now).Add(",\"tries\":1}\r\n"u8);
            Events.Advance(line.Length);

            line = new Line(Confirms.GetSpan(topic.Length + id.Length + 64));
            line.Add("ok pub "u8).Add(topic).Add(" "u8).Add(sequence).Add(" "u8).Add(id).Add("\r\n"u8);
            Confirms.Advance(line.Length);
        }

        public void Clear()
        {
            Events.ResetWrittenCount();
            Confirms.ResetWrittenCount();
        }

        private static void Find(ReadOnlySpan<byte> json, out ReadOnlySpan<byte> id, out ReadOnlySpan<byte> message)
        {
            id = message = default;
            var reader = new Utf8JsonReader(json);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isId = reader.ValueTextEquals("id"u8);
                reader.Read();
                var from = (int)reader.TokenStartIndex;
                if (isId)
                {
                    id = reader.ValueSpan;
                }
                else
                {
                    reader.Skip();
                    message = json[from..(int)reader.BytesConsumed];
                }
            }
        }
    }

    private ref struct Line(Span<byte> target)
    {
        private readonly Span<byte> _target = target;

        public int Length { get; private set; }

        [UnscopedRef]
        public ref Line Add(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_target[Length..]);
            Length += bytes.Length;
            return ref this;
        }

        [UnscopedRef]
        public ref Line Add(long number)
        {
            Utf8Formatter.TryFormat(number, _target[Length..], out var digits);
            Length += digits;
            return ref this;
        }
    }
}
