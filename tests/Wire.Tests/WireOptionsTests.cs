namespace Rookery.Wire.Tests;

public sealed class WireOptionsTests
{
    public static TheoryData<WireOptions, string> Bad => new()
    {
        { new WireOptions { Port = 65536 }, "Port is 65536; it must be between 0 and 65535" },
        { new WireOptions { MaxLineBytes = 10 }, "MaxLineBytes is 10; it must be between 1024 and 268435456" },
        { new WireOptions { MaxConnections = 0 }, "MaxConnections is 0; it must be between 1 and 1000000" },
        { new WireOptions { MaxSubscriptions = 0 }, "MaxSubscriptions is 0; it must be between 1 and 65536" },
        { new WireOptions { MaxPendingOutput = 1 }, "MaxPendingOutput is 1; it must be between 65536 and 1073741824" },
        { new WireOptions { MaxPendingCommands = 1 }, "MaxPendingCommands is 1; it must be between 65536 and 1073741824" },
        { new WireOptions { SubscriptionCredit = 1 }, "SubscriptionCredit is 1; it must be between 4096 and 1073741824" },
        { new WireOptions { IdleTimeout = TimeSpan.FromSeconds(-1) }, "IdleTimeout in seconds is -1; it must be between 0 and 15552000" },
        { new WireOptions { IdleTimeout = TimeSpan.FromDays(181) }, "IdleTimeout in seconds is 15638400; it must be between 0 and 15552000" },
        { new WireOptions { HelloTimeout = TimeSpan.Zero }, "HelloTimeout in seconds is 0; it must be between 1 and 3600" },
        { new WireOptions { MaxFailedAttempts = 0 }, "MaxFailedAttempts is 0; it must be between 1 and 1000000" },
        { new WireOptions { FailedAttemptDelay = TimeSpan.FromHours(1) }, "FailedAttemptDelay in seconds is 3600; it must be between 0 and 60" },
        { new WireOptions { KeepAlive = TimeSpan.Zero }, "KeepAlive in seconds is 0; it must be between 1 and 86400" },
        { new WireOptions { DrainTimeout = TimeSpan.FromHours(1) }, "DrainTimeout in seconds is 3600; it must be between 0 and 600" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_option_is_named_with_its_value_and_bounds(WireOptions options, string message) =>
        Assert.StartsWith(message, Assert.Throws<ArgumentOutOfRangeException>(options.Validate).Message, StringComparison.Ordinal);

    [Fact]
    public void The_defaults_are_valid_and_loopback()
    {
        new WireOptions().Validate();
        new ViewerOptions().Validate();
        Assert.True(System.Net.IPAddress.IsLoopback(new WireOptions().Host) && System.Net.IPAddress.IsLoopback(new ViewerOptions().Host));
        Assert.Throws<ArgumentOutOfRangeException>(new ViewerOptions { Port = -1 }.Validate);
    }
}
