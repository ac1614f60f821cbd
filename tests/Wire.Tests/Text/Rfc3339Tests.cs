namespace Rookery.Wire.Tests;

public class Rfc3339Tests
{
    [Theory]
    [InlineData("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.0000000Z")]
    [InlineData("2026-01-31t12:00:00z", "2026-01-31T12:00:00.0000000Z")]
    [InlineData("2026-01-31 12:00:00.5+01:00", "2026-01-31T11:00:00.5000000Z")]
    [InlineData("2026-01-31T12:00:00.123456789Z", "2026-01-31T12:00:00.1234567Z")]
    [InlineData("2026-12-31T23:59:60Z", "2027-01-01T00:00:00.0000000Z")]
    [InlineData("2026-01-31T12:00:00-23:59", "2026-02-01T11:59:00.0000000Z")]
    [InlineData("2026-01-31T12:00:00-00:00", "2026-01-31T12:00:00.0000000Z")]
    public void Every_form_is_read(string text, string expected) =>
        Assert.Equal(expected, Rfc3339.Parse(text)?.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("")]
    [InlineData("2026-01-31")]
    [InlineData("2026-01-31T12:00:00")]
    [InlineData("2026-01-31T12:00:00.Z")]
    [InlineData("2026-02-30T12:00:00Z")]
    [InlineData("2026-01-31T24:00:00Z")]
    [InlineData("2026-01-31T12:00:61Z")]
    [InlineData("2026-01-31T12:00: 1Z")]
    [InlineData("2026-01-31T12:00:00+24:00")]
    [InlineData("2026-01-31T12:00:00+1:00")]
    [InlineData("2026-01-31T12:00:00Zz")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("9999-12-31T23:59:60Z")]
    public void What_is_no_time_is_none(string text) => Assert.Null(Rfc3339.Parse(text));
}
