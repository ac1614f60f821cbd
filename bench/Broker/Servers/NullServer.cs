using System.Buffers;
using System.Buffers.Text;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Rookery.Bench;

/// <summary>
/// The limit: finds the lines and what they are about, numbers and appends events to a file, writes and syncs once for all
/// that came meanwhile, then sends them to every subscriber and their confirmations to the publisher. It keeps no window,
/// no order of priorities, no state at all. One thread reads a connection, one writes.
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
            var target = Events.GetSpan(json.Length + 1);
            json.CopyTo(target);
            target[json.Length] = (byte)'\n';
            Events.Advance(json.Length + 1);

            target = Confirms.GetSpan(topic.Length + 64);
            "ok pub "u8.CopyTo(target);
            topic.CopyTo(target[7..]);
            var used = 7 + topic.Length;
            target[used++] = (byte)' ';
            Utf8Formatter.TryFormat(sequence, target[used..], out var digits);
            used += digits;
            target[used++] = (byte)'\n';
            Confirms.Advance(used);
        }

        public void Clear()
        {
            Events.ResetWrittenCount();
            Confirms.ResetWrittenCount();
        }
    }
}
