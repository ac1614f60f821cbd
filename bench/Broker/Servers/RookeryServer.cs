using System.Diagnostics;

namespace Rookery.Bench;

/// <summary>The program under test: <c>rookery run --no-tweets</c>, as users run it.</summary>
internal sealed class RookeryServer(string durability) : Contender
{
    public override string Name => durability == "fsync" ? "rookery" : $"rookery-{durability}";

    public override string Durability => durability switch
    {
        "fsync" => "fsync before the confirm",
        "interval" => "written; fsync every 100 ms",
        _ => "written; fsync never",
    };

    public new int Port => base.Port;

    public override string? Find() => Path.Combine(AppContext.BaseDirectory, "rookery.dll") is var path && File.Exists(path) ? path : null;

    public override string Version() => $"rookery on {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription}";

    public override Publisher Publisher(string topic) => new RookeryPublisher(Port, topic);

    public override Subscriber Subscriber(string topic, int index) => new RookerySubscriber(Port, topic);

    protected override ProcessStartInfo Command() => new(
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        [Find()!, "run", "--no-tweets", "--data", Path.Combine(Folder, "data"), "--broker-port", $"{Port}", "--http-port", "0", "--durability", durability])
    {
        WorkingDirectory = Folder,
    };

    protected override void TryReady()
    {
        using var channel = ByteChannel.Connect(Port);
        channel.ReadLine();
    }
}
