using System.Text;

namespace Rookery.Broker.Tests;

public sealed class EventIdTests
{
    [Fact]
    public void Different_texts_are_different_ids_and_the_same_text_is_the_same_one()
    {
        // Around each way of keeping them: as they are, as digits, as a hash.
        string[] digits = [.. Enumerable.Range(1, 40).SelectMany(length => new[] { new string('0', length), new string('7', length), new string('9', length - 1) + "0" })];
        string[] texts = [.. digits.Concat(digits.Select(text => text + "a")).Concat(digits.Select(text => $"{text}\0")).Append("").Distinct()];
        Assert.Equal(texts.Length, texts.Select(Of).Distinct().Count());
        Assert.Equal(texts.Select(Of), texts.Select(text => EventId.FromToken(Encoding.UTF8.GetBytes($"\"{text}\""))));
    }

    private static EventId Of(string text) => EventId.FromText(Encoding.UTF8.GetBytes(text));
}
