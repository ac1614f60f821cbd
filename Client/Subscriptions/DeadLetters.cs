namespace Rookery.Client;

/// <summary>Dead letters of a subscription.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="First">The first of them, the oldest event first, as JSON objects in UTF-8: <c>topic</c>, <c>priority</c>, <c>msg</c>, <c>id</c>, <c>seq</c>, <c>ts</c>, <c>tries</c>, <c>died</c>.</param>
public sealed record DeadLetters(long Count, IReadOnlyList<ReadOnlyMemory<byte>> First);
