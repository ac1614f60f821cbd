using System.Net;

namespace Rookery.Wire.Tests;

public sealed class FailedAttemptsTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void An_address_is_blocked_after_so_many_until_its_minute_is_over()
    {
        var attempts = new FailedAttempts(3, _time);
        attempts.Add(At("192.0.2.1"));
        _time.Advance(TimeSpan.FromSeconds(40));
        attempts.Add(At("192.0.2.1"));
        Assert.Equal(TimeSpan.Zero, attempts.Wait(At("192.0.2.1")));
        Assert.Equal(3, attempts.Add(At("192.0.2.1")));
        Assert.Equal(TimeSpan.FromSeconds(20), attempts.Wait(At("192.0.2.1")));
        Assert.Equal(TimeSpan.Zero, attempts.Wait(At("192.0.2.2")));
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(TimeSpan.Zero, attempts.Wait(At("192.0.2.1")));
        Assert.Equal(0, attempts.Count);
    }

    [Fact]
    public void Of_IPv6_a_network_counts_as_one_and_a_mapped_IPv4_address_as_itself()
    {
        var attempts = new FailedAttempts(1, _time);
        attempts.Add(At("2001:db8:1:2:3::4"));
        attempts.Add(At("::ffff:192.0.2.1"));
        Assert.True(attempts.Wait(At("2001:db8:1:2:ffff::1")) > TimeSpan.Zero);
        Assert.True(attempts.Wait(At("192.0.2.1")) > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, attempts.Wait(At("2001:db8:1:3::4")));
        Assert.Equal(TimeSpan.Zero, attempts.Wait(At("192.0.2.2")));
    }

    [Fact]
    public void Of_too_many_addresses_the_first_is_forgotten()
    {
        var attempts = new FailedAttempts(1, _time, capacity: 3);
        for (var i = 1; i <= 5; i++)
        {
            attempts.Add(At($"192.0.2.{i}"));
            Assert.InRange(attempts.Count, 1, 3);
        }

        Assert.Equal(TimeSpan.Zero, attempts.Wait(At("192.0.2.2")));
        Assert.True(attempts.Wait(At("192.0.2.3")) > TimeSpan.Zero);
    }

    private static IPEndPoint At(string address) => new(IPAddress.Parse(address), 1234);
}
