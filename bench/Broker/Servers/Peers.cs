using System.Diagnostics;

namespace Rookery.Bench;

/// <summary>Redis Streams, appended to its file and synced every second.</summary>
internal sealed class RedisServer : Contender
{
    public override string Name => "redis";

    public override string Durability => "appendfsync everysec";

    public override string Package => "redis-server";

    public override string? Find() => Which("redis-server");

    public override string Version() => Output(Find()!, "--version").Split(' ').First(word => word.StartsWith("v=", StringComparison.Ordinal)) is var v ? $"Redis {v[2..]}" : "";

    public override Publisher Publisher(string topic) => new RedisPublisher(Port, topic);

    public override Subscriber Subscriber(string topic, int index) => new RedisSubscriber(Port, topic, $"g{index}");

    public override void CleanUp(string topic, int subscribers)
    {
        using var channel = ByteChannel.Connect(Port);
        channel.Append(Resp.Command("DEL", topic));
        channel.Ask("", ":");
    }

    protected override ProcessStartInfo Command() => new(Find()!,
    [
        "--bind", "127.0.0.1", "--port", $"{Port}", "--dir", Folder, "--save", "", "--appendonly", "yes", "--appendfsync", "everysec",
        "--auto-aof-rewrite-percentage", "0",
    ]);

    protected override void TryReady()
    {
        using var channel = ByteChannel.Connect(Port);
        channel.Ask("PING\r\n", "+PONG");
    }
}

/// <summary>NATS JetStream, streams in files, synced every two minutes as its defaults say.</summary>
internal sealed class NatsServer : Contender
{
    public override string Name => "nats";

    public override string Durability => "written; fsync every 2 min";

    public override string Package => "nats-server";

    public override string? Find() => Which("nats-server");

    public override string Version() => Output(Find()!, "--version").Replace("nats-server: v", "NATS ", StringComparison.Ordinal);

    public override void Prepare(string topic, int subscribers)
    {
        using var channel = Nats.Connect(Port);
        Nats.Api(channel, $"STREAM.CREATE.{topic}", $$"""{"name":"{{topic}}","subjects":["{{topic}}"],"storage":"file","retention":"limits","num_replicas":1}""");
    }

    public override Publisher Publisher(string topic) => new NatsPublisher(Port, topic);

    public override Subscriber Subscriber(string topic, int index) => new NatsSubscriber(Port, topic, $"c{index}");

    public override void CleanUp(string topic, int subscribers)
    {
        using var channel = Nats.Connect(Port);
        Nats.Api(channel, $"STREAM.DELETE.{topic}", "");
    }

    protected override ProcessStartInfo Command() => new(Find()!, ["-a", "127.0.0.1", "-p", $"{Port}", "-js", "-sd", Folder]);
}

/// <summary>RabbitMQ with durable classic queues that have priorities; confirms come when messages are on disk.</summary>
internal sealed class RabbitServer : Contender
{
    private const string Script = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private Process? _mapper;

    public override string Name => "rabbitmq";

    public override string Durability => "fsync before the confirm";

    public override string Package => "rabbitmq-server";

    public override string? Find() => File.Exists(Script) ? Script : null;

    public override string Version()
    {
        var folder = Directory.GetDirectories("/usr/lib/rabbitmq/lib", "rabbitmq_server-*").FirstOrDefault() ?? "";
        return $"RabbitMQ {folder[(folder.LastIndexOf('-') + 1)..]}";
    }

    public override Publisher Publisher(string topic) => new RabbitPublisher(Port, topic);

    public override Subscriber Subscriber(string topic, int index) => new RabbitSubscriber(Port, topic, $"{topic}.{index}");

    public override void CleanUp(string topic, int subscribers)
    {
        using var channel = Amqp.Connect(Port);
        for (var i = 0; i < subscribers; i++)
        {
            Amqp.Call(channel, 50, 40, [0, 0, .. Amqp.Short($"{topic}.{i}"), 0], 41);
        }
    }

    protected override ProcessStartInfo Command()
    {
        // Erlang's port mapper would be left behind as a daemon: it is started here instead, as a child.
        var mapperPort = FreePort();
        _mapper = ChildProcesses.Start(new ProcessStartInfo(Which("epmd")!, ["-port", $"{mapperPort}", "-address", "127.0.0.1"]));
        var info = new ProcessStartInfo(Script);
        File.WriteAllText(Path.Combine(Folder, "plugins"), "[].\n");
        foreach (var (name, value) in new[]
        {
            ("HOME", Folder), ("RABBITMQ_NODENAME", "bench@localhost"), ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"), ("RABBITMQ_NODE_PORT", $"{Port}"),
            ("RABBITMQ_DIST_PORT", $"{FreePort()}"), ("RABBITMQ_MNESIA_BASE", Folder), ("RABBITMQ_LOG_BASE", Folder), ("RABBITMQ_LOGS", Path.Combine(Folder, "log")),
            ("RABBITMQ_CONFIG_FILE", Path.Combine(Folder, "none")), ("RABBITMQ_ENABLED_PLUGINS_FILE", Path.Combine(Folder, "plugins")),
            ("RABBITMQ_CONF_ENV_FILE", Path.Combine(Folder, "none")), ("RABBITMQ_PID_FILE", Path.Combine(Folder, "pid")),
            ("ERL_EPMD_ADDRESS", "127.0.0.1"), ("ERL_EPMD_PORT", $"{mapperPort}"),
        })
        {
            info.Environment[name] = value;
        }

        return info;
    }

    protected override void TryReady() => Amqp.Connect(Port).Dispose();

    protected override void Stopped()
    {
        if (_mapper is { } mapper)
        {
            ChildProcesses.Kill(mapper);
        }
    }
}

/// <summary>beanstalkd with its log, synced at most every 50 ms.</summary>
internal sealed class BeanstalkServer : Contender
{
    public override string Name => "beanstalkd";

    public override string Durability => "written; fsync every 50 ms";

    public override string Package => "beanstalkd";

    public override bool FansOut => false;

    public override string? Find() => Which("beanstalkd");

    public override string Version() => Output(Find()!, "-v");

    public override Publisher Publisher(string topic) => new BeanstalkPublisher(Port, topic);

    public override Subscriber Subscriber(string topic, int index) => new BeanstalkSubscriber(Port, topic);

    protected override ProcessStartInfo Command() => new(Find()!, ["-l", "127.0.0.1", "-p", $"{Port}", "-b", Folder, "-f50"]);
}
